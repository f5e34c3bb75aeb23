"""Frames of HTTP/2 from words, for scenarios.

    PREFACE                                        what a client sends first, with empty SETTINGS
    HEADERS+END_STREAM 1 :status: 200 | x-a: 1     fields, not compressed; what has no colon is bytes of the block;
                                                   END_HEADERS is set unless +MORE is there
    CONTINUATION 1 x-b: 2                          the same
    PUSH_PROMISE 1 2 :method: GET | :path: /       the stream that is promised stands first
    DATA+END_STREAM 1 some content                 Latin-1
    RST_STREAM 1 8        SETTINGS 0 1=4096 5=65536        SETTINGS+ACK 0        GOAWAY 0 1 0 (last stream, code)
    PING 0 01234567       WINDOW_UPDATE 1 100      FRAME_11 1 anything else, by the number of its type

`+PADDED` puts three bytes of padding behind a payload.
"""

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
TYPES = (
    "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE",
    "CONTINUATION",
)  # fmt: skip
FLAGS = {"END_STREAM": 1, "ACK": 1, "END_HEADERS": 4, "PADDED": 8, "MORE": 0}


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """A frame by its numbers (RFC 9113 §4.1)."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def block(fields: str) -> bytes:
    """A header block of literals that are not indexed (RFC 7541 §6.2.2)."""
    out = b""
    for field in filter(None, fields.split(" | ")):
        name, colon, value = field.partition(": ")
        if not colon:
            out += field.encode("latin-1")
            continue
        for text in (name, value):
            data = text.encode("latin-1")
            assert len(data) < 127
            out += (b"\0" if text is name else b"") + bytes((len(data),)) + data
    return out


def in_words(words: str) -> bytes:
    """The bytes of a frame that is told as above."""
    if words == "PREFACE":
        return PREFACE + frame(4)
    told, stream, rest = (*words.split(" ", 2), "")[:3]
    name, *flags = told.split("+")
    kind = int(name.removeprefix("FRAME_")) if name not in TYPES else TYPES.index(name)
    bits = sum(FLAGS[flag] for flag in flags)
    match name:
        case "HEADERS" | "CONTINUATION":
            payload = block(rest)
        case "PUSH_PROMISE":
            promised, _, fields = rest.partition(" ")
            payload = int(promised).to_bytes(4, "big") + block(fields)
        case "SETTINGS":
            pairs = [pair.split("=") for pair in rest.split()]
            payload = b"".join(int(id).to_bytes(2, "big") + int(value).to_bytes(4, "big") for id, value in pairs)
        case "RST_STREAM" | "WINDOW_UPDATE" | "GOAWAY":
            payload = b"".join(int(number).to_bytes(4, "big") for number in rest.split())
        case _:
            payload = rest.encode("latin-1")
    if kind in (1, 5, 9) and "MORE" not in flags:
        bits |= FLAGS["END_HEADERS"]
    if "PADDED" in flags:
        payload = b"\3" + payload + bytes(3)
    return frame(kind, bits, int(stream), payload)
