"""Content: codings taken off, charsets, bodies as text."""
