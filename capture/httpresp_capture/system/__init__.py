"""The process and its surroundings: privileges, private files, import path, Python's collector."""
