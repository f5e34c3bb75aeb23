"""One direction of HTTP/1.x: bytes in, messages out (RFC 9112)."""
