"""WebSocket frames as an end writes them (RFC 6455 §5.2)."""


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, mask: bytes = b"", bits: int = 0) -> bytes:
    size = len(payload)
    short = size if size < 126 else 126 if size < 65_536 else 127
    wide = b"" if size < 126 else size.to_bytes(2 if size < 65_536 else 8, "big")
    body = bytes(byte ^ mask[index & 3] for index, byte in enumerate(payload)) if mask else payload
    return bytes([(0x80 if fin else 0) | bits | opcode, short | (0x80 if mask else 0)]) + wide + mask + body
