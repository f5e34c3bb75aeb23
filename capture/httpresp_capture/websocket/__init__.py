"""WebSocket (RFC 6455): what is sent after 101, or inside an extended CONNECT (RFC 8441), frame by frame.

frames      the frames of one direction, on any cut of its bytes
deflate     permessage-deflate (RFC 7692): the beginning of a compressed message
session     both directions of one WebSocket → what is told of it
"""
