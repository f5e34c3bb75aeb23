"""A message's body as its head says it was made (RFC 9110 §8.4, §14; RFC 9112 §7).

Content codings are put on first, transfer codings after them, so they come off the other way round. `chunked` is the
framing's, and is off already. The range of a 206 is one of the coded bytes (RFC 9110 §14.1.2): a part that is not the
first cannot be decoded by itself, and that is no fault of anybody's.
"""

import re

from httpresp_capture.content.bodies import MAX_OUTPUT, MAX_RATIO, Decoded, decode
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.record import record

_RANGE = re.compile(r"bytes[ \t]+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.IGNORECASE)
_NOT_ON = frozenset(("", "identity"))
_GZIP_BEGINS = b"\x1f\x8b\x08"
_WHOLE_ENDS = frozenset((EndReason.LENGTH, EndReason.LAST_CHUNK, EndReason.NO_BODY))


@record
class Codings:
    """The codings on a body, each list in the order in which it was applied."""

    content: tuple[str, ...]
    transfer: tuple[str, ...]


def is_coded(head: bytes) -> bool:
    """False when no coding can be on the body: a quick look before `codings_of`."""
    return b"-encoding" in head.lower()


def codings_of(head: bytes) -> Codings:
    """Every coding that a head names, in lower case; `identity` and the framing's own left out."""
    headers = Headers.from_head(head)
    return Codings(
        content=_names(headers.all("content-encoding")),
        transfer=_names(headers.all("transfer-encoding"), until="chunked"),
    )


def _names(values: list[str], until: str = "") -> tuple[str, ...]:
    parts = [part.partition(";")[0].strip(" \t").lower() for value in values for part in value.split(",")]
    if until and until in parts:
        # What is named behind `chunked` was not put on: the chunks were found outermost.
        del parts[parts.index(until) :]
    return tuple(part for part in parts if part not in _NOT_ON)


def is_whole(response: Response) -> bool:
    """True when every byte of the body is kept: none lost, none cut off, none still to come."""
    end = response.end
    ended = end in _WHOLE_ENDS or (end is EndReason.SERVER_FIN and response.framing is Framing.CLOSE)
    return ended and not response.gaps and len(response.body) == response.body_bytes


def decoded(
    response: Response, *, max_output: int = MAX_OUTPUT, max_ratio: int = MAX_RATIO, whole: bool | None = None
) -> Decoded:
    """The kept bytes of the body without their codings; `whole` is worked out where it is not said."""
    if whole is None:
        whole = is_whole(response)
    return decoded_body(
        response.body, response.head, response.status, max_output=max_output, max_ratio=max_ratio, whole=whole
    )


def decoded_request(request: Request, *, max_output: int = MAX_OUTPUT) -> Decoded:
    """The kept bytes of a request's body without their codings."""
    whole = request.complete and len(request.body) == request.body_bytes
    return decoded_body(request.body, request.head, 0, max_output=max_output, whole=whole)


def decoded_body(
    body: bytes, head: bytes, status: int, *, max_output: int = MAX_OUTPUT, max_ratio: int = MAX_RATIO, whole: bool
) -> Decoded:
    """The same for a message that is no record yet. `status` is that of a response, 0 for a request."""
    codings = codings_of(head) if is_coded(head) else Codings((), ())
    if status != 206 or not codings.content:
        every = ",".join(codings.content + codings.transfer)
        return decode(body, every, max_output=max_output, max_ratio=max_ratio, whole=whole)
    carried = decode(body, ",".join(codings.transfer), max_output=max_output, max_ratio=max_ratio, whole=whole)
    if carried.problem or carried.left:
        return Decoded(
            carried.data, carried.codings, False, carried.problem, carried.detail, codings.content + carried.left
        )
    part = _part(Headers.from_head(head), carried.data, codings.content)
    if part.beginning:
        plain = decode(
            carried.data,
            ",".join(codings.content),
            max_output=max_output,
            max_ratio=max_ratio,
            whole=whole and part.end,
        )
        return Decoded(
            plain.data,
            carried.codings + plain.codings,
            plain.complete,
            plain.problem,
            plain.detail or part.words,
            plain.left,
        )
    return Decoded(carried.data, carried.codings, False, "", part.words, codings.content)


@record
class _Part:
    """Which part of the coded data a 206 holds."""

    beginning: bool
    """It can be decoded, as far as it goes."""
    end: bool
    """It reaches to the last byte."""
    words: str
    """What there is to say of it; nothing of the whole."""


def _part(headers: Headers, data: bytes, content: tuple[str, ...]) -> _Part:
    names = ", ".join(ascii(name)[1:-1][:20] for name in content[:5])
    if headers.get("content-type").lower().startswith("multipart/byteranges"):
        return _Part(False, False, f"parts of the {names} data, which cannot be decoded by themselves")
    found = _RANGE.fullmatch(headers.get("content-range"))
    if found is None:
        # RFC 9110 §15.3.7 wants the field; without it nothing says which part this is.
        return _Part(False, False, f"an unnamed part of the {names} data, which cannot be decoded by itself")
    first, last, size = found.group(1, 2, 3)
    beginning = int(first) == 0
    if beginning and size != "*" and int(last) + 1 == int(size):
        return _Part(True, True, "")
    span = f"bytes {int(first):,} to {int(last):,}" + ("" if size == "*" else f" of {int(size):,}")
    if beginning:
        return _Part(True, False, f"{span} of the {names} data")
    if content[-1] in ("gzip", "x-gzip") and data.startswith(_GZIP_BEGINS):
        # Some servers code the part they send, which the RFC does not mean.
        return _Part(True, True, "")
    return _Part(False, False, f"{span} of the {names} data, which cannot be decoded by themselves")
