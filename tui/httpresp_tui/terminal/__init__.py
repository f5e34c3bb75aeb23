"""The terminal: taken, given back, lost, and the streams and signals of the process."""
