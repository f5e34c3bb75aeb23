"""The process and its surroundings: privileges, private files, import path, garbage collection."""
