"""A conversation as lines: every line of the client is marked `→`, of the server `←`, in colours of their own.

As exchanges, bodies are decoded and laid out as on their tab; as bytes, all is what was on the wire, in hex. What is
missing, or came twice, stands in its place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from httpresp_capture.content.representation import decoded, decoded_request
from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.plurals import many
from httpresp_tui.model.columns import class_style
from httpresp_tui.model.conversation import Conversation, Message
from httpresp_tui.text.encrypted import exchanges_text
from httpresp_tui.text.units import clock_text, count_text, duration_text, size_text
from httpresp_tui.widgets.lines import Line, StyledSpan, TextRun, TextStyle, line, own, untrusted
from httpresp_tui.widgets.tabs_body import WHOLE, hex_lines, text_lines
from httpresp_tui.widgets.tabs_headers import field_line, problem_lines, raw_lines

MOST_TEXT = 16_384
"""Bytes of a body that are laid out here; its tab has more of it."""
MOST_OF_A_VERSION = 64


@dataclass(frozen=True, slots=True)
class Followed:
    """A conversation, drawn."""

    lines: list[Line]
    starts: list[int]
    """The first line of each message."""
    chosen: int
    """Of these, the one that the person came from."""


def follow_lines(conversation: Conversation, chosen: int, *, as_bytes: bool) -> Followed:
    """The whole of it; it begins to be read at the exchange of an id."""
    lines: list[Line] = []
    starts: list[int] = []
    if conversation.left_out:
        lines.append(line(own(f"{count_text(conversation.left_out)} further messages are not shown.", TextStyle.LOST)))
    for message in conversation.messages:
        starts.append(len(lines))
        lines += [*_message(message, conversation.begin, as_bytes=as_bytes), Line()]
    end = conversation.messages[-1].response if conversation.messages else None
    if end is not None and end.end is not None:
        lines.append(line(own(f"The last of them ended: {end.end}.", TextStyle.DIM)))
    ids = [message.response.id for message in conversation.messages]
    return Followed(lines, starts, starts[ids.index(chosen)] if chosen in ids else 0)


def _message(message: Message, begin: int, *, as_bytes: bool) -> Iterator[Line]:
    response = message.response
    yield _title(message, begin)
    if response.encrypted is not None and not message.from_client:
        yield from _encrypted(message, response.encrypted)
        return
    arrow = message.from_client
    if as_bytes:
        yield from _marked(hex_lines(message.head, WHOLE), from_client=arrow)
        yield from _marked(_hex_body(message), from_client=arrow)
    else:
        yield from _marked(_head(message), from_client=arrow)
        yield from _marked(_body(message), from_client=arrow)
    yield from _marked(_troubles(message), from_client=arrow)


def _title(message: Message, begin: int) -> Line:
    response = message.response
    style = TextStyle.FROM_CLIENT if message.from_client else TextStyle.FROM_SERVER
    what = "request" if message.from_client else f"response {response.status}" if response.is_response else "connection"
    waited = response.first_byte_ns
    wait = f"  {duration_text(waited)} later" if waited is not None and not message.from_client else ""
    body = f" + {size_text(message.body_bytes)}" if message.body_bytes else ""
    return line(
        own(f"{'→' if message.from_client else '←'} {what} #{response.id}", style),
        own(f"  {clock_text(message.at)}  +{max(0, message.at - begin) / 1e9:.3f} s{wait}", TextStyle.DIM),
        own(f"  {size_text(len(message.head))}{body}", TextStyle.DIM),
    )


def _head(message: Message) -> Iterator[Line]:
    for start, raw in raw_lines(message.head):
        text = raw.rstrip(b"\r\n").decode("latin-1")
        if start:
            yield field_line(text)
        elif message.from_client:
            yield line(untrusted(text, TextStyle.STRONG))
        else:
            yield line(untrusted(text, TextStyle(class_style(message.response))))


def _body(message: Message) -> Iterable[Line]:
    if not message.body:
        return _unkept(message)
    if message.request is not None:
        found, kind = (
            decoded_request(message.request, max_output=MOST_TEXT),
            message.request.headers.get("content-type"),
        )
    else:
        response = message.response
        found, kind = decoded(response, max_output=MOST_TEXT, whole=False), response.header("content-type")
    lines = [*text_lines(found.data[:MOST_TEXT], kind, binary=bool(found.left))]
    if len(found.data) >= MOST_TEXT:
        lines.append(line(own(f"first {size_text(MOST_TEXT)} shown here", TextStyle.LOST)))
    return [*lines, *_unkept(message)]


def _hex_body(message: Message) -> Iterable[Line]:
    return [*hex_lines(message.body, WHOLE), *_unkept(message)]


def _unkept(message: Message) -> list[Line]:
    """How much of the body is not here."""
    left = message.body_bytes - len(message.body)
    if left <= 0:
        return []
    return [line(own(f"⋯ {count_text(left)} bytes of the body are not kept here", TextStyle.LOST))]


def _troubles(message: Message) -> Iterator[Line]:
    for gap in message.gaps:
        why = "cut by the snap length" if gap.snapped else "sent, and not captured"
        yield line(own(f"⋯ {count_text(gap.length)} bytes missing at byte {count_text(gap.offset)}: {why}",
                       TextStyle.LOST))  # fmt: skip
    for conflict in message.conflicts:
        yield line(own(f"▲ {many(conflict.length, 'byte')} at byte {count_text(conflict.offset)} came twice and differ",
                       TextStyle.PROBLEM))  # fmt: skip
        for name, version in (("first", conflict.first), ("again", conflict.second)):
            yield line(own(f"  {name} {clock_text(version.at)} ttl {version.ttl}  ", TextStyle.DIM),
                       untrusted(version.data[:MOST_OF_A_VERSION]))  # fmt: skip
    if message.trailers:
        yield from (field_line(raw.rstrip(b"\r\n").decode("latin-1")) for _, raw in raw_lines(message.trailers))
    problems = message.request.problems if message.request is not None else message.response.problems
    yield from problem_lines(problems)


def _encrypted(message: Message, encrypted: Encrypted) -> Iterator[Line]:
    tls = message.response.flow.tls
    if tls is not None:
        words = "  ".join(word for word in (tls.version, tls.cipher_suite) if word)
        yield line(own("  TLS that is not read  "), own(words, TextStyle.DIM))
        yield line(own("  server name  ", TextStyle.DIM), untrusted(tls.sni or "(none)"),
                   own("  inside  ", TextStyle.DIM), untrusted(tls.alpn or "(not said)"))  # fmt: skip
    yield line(own(f"→ {size_text(encrypted.client_bytes)} of the client", TextStyle.FROM_CLIENT))
    yield line(own(f"← {size_text(encrypted.server_bytes)} of the server", TextStyle.FROM_SERVER))
    wait = (
        "" if encrypted.first_byte_ns is None else f", first byte after about {duration_text(encrypted.first_byte_ns)}"
    )
    yield line(own(f"  {exchanges_text(encrypted)}{wait}"))
    if encrypted.missing_bytes:
        yield line(own(f"⋯ {count_text(encrypted.missing_bytes)} bytes missing", TextStyle.LOST))


def _marked(lines: Iterable[Line], *, from_client: bool) -> Iterator[Line]:
    """Each with the arrow of its direction before it."""
    arrow = "→ " if from_client else "← "
    style = TextStyle.FROM_CLIENT if from_client else TextStyle.FROM_SERVER
    for each in lines:
        spans = (StyledSpan(0, 1, style), *(_moved(span, len(arrow)) for span in each.spans))
        if each.highlighter is not None:
            spans += tuple(_moved(span, len(arrow)) for span in each.highlighter(each.text))
        yield Line(arrow + each.text, spans, each.hang + len(arrow))


def _moved(span: StyledSpan, by: int) -> StyledSpan:
    return StyledSpan(span.start + by, span.end + by, span.style)


def title_runs(conversation: Conversation) -> tuple[TextRun, ...]:
    """Which connection, and how much of it."""
    flow = conversation.flow
    begun = "its beginning was not seen" if flow.midstream else f"opened {clock_text(flow.opened_at)}"
    handshake = f", handshake {duration_text(flow.handshake_ns)}" if flow.handshake_ns is not None else ""
    count = sum(not message.from_client for message in conversation.messages)
    return (
        own(f"#{flow.id} ", TextStyle.STRONG),
        own(f"{_end(flow.client, flow.client_port)} → {_end(flow.server, flow.server_port)}"),
        own(f"  {many(count, 'response')}, {begun}{handshake}", TextStyle.DIM),
    )


def _end(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
