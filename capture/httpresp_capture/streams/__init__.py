"""A stream of bytes as whoever reads it knows it: its positions, its `Receiver`, and the pair that makes a connection.

TCP carries such streams, and so do TLS and what else has streams inside: what is spoken knows none of them.
"""
