"""Text for people: the only door for wire text, units, excerpts, explanations, the clipboard."""
