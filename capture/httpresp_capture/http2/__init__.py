"""HTTP/2 (RFC 9113): the bytes of both directions in, one row a stream out."""
