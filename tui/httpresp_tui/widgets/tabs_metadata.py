"""Everything known of a response but its text: the event's fields, flow, sizes, framing, what is missing."""

from httpresp_capture.content.representation import decoded as decoded_body
from httpresp_capture.content.representation import is_coded
from httpresp_capture.query.states import NOT_BYTES
from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.evidence import Conflict, Gap, Segment
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.flow import TRANSPORTS, Proxied
from httpresp_capture.records.grpc import is_grpc, message_of, messages_of, status_name, status_of
from httpresp_capture.records.outcome import Completeness, Framing
from httpresp_capture.records.plurals import many
from httpresp_capture.records.tls import Tls
from httpresp_capture.records.websocket import WebSocket
from httpresp_capture.records.workload import Workload
from httpresp_tui.text.encrypted import exchanges_text
from httpresp_tui.text.units import NOTHING, clock_text, count_text, date_text, duration_text, size_text
from httpresp_tui.widgets.lines import Line, TextRun, TextStyle, heading, line, own, pair, untrusted
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_body import MOST_DECODED
from httpresp_tui.widgets.tabs_headers import problem_lines
from httpresp_tui.widgets.tabs_timing import SO_FAR, is_open

COMPLETENESS = {
    Completeness.COMPLETE: "complete: every byte was captured",
    Completeness.HEAD_ONLY: "head only: the body was lost",
    Completeness.HEAD_CUT: "head cut: not even the head is whole",
    Completeness.GAP: "bytes are missing",
    Completeness.MIDSTREAM: "the capture began inside this message",
    Completeness.SNAPPED: "cut by the snap length of the capture",
    Completeness.OPEN: "still open",
    Completeness.CLOSED_EARLY: "the connection ended before the message did",
    Completeness.MISSING: "no response was captured",
    Completeness.ENCRYPTED: "encrypted, and not read",
}
FRAMING = {
    Framing.NONE: "no body",
    Framing.LENGTH: "Content-Length",
    Framing.CHUNKED: "chunked",
    Framing.CLOSE: "until the connection closes",
    Framing.FRAMES: "DATA frames, to END_STREAM",
    Framing.TUNNEL: "a tunnel: no longer HTTP",
}


def metadata(view: View) -> list[Line]:
    """Every section that has something to say; the worst first."""
    response = view.response
    lines: list[Line] = []
    if response.problems:
        lines += [heading("Problems"), *problems_of(response), Line()]
    lines += [heading("Capture"), *missing_of(response), Line()]
    if response.encrypted is not None:
        lines += [heading("Encrypted"), *encrypted_of(response.encrypted), Line()]
    lines += [heading("Event"), *event_of(response), Line()]
    if is_grpc(response):
        lines += [heading("gRPC"), *grpc_of(response), Line()]
    if response.websocket is not None:
        lines += [heading("WebSocket"), *websocket_of(response.websocket), Line()]
    if response.workload is not None:
        lines += [heading("Process"), *workload_of(response.workload), Line()]
    lines += [heading("Flow"), *flow_of(response), Line()]
    if response.encrypted is None:
        lines += [heading("Sizes"), *sizes_of(response)]
    if response.conflicts:
        lines += [Line(), heading("Conflicting segments"), *conflicts_of(response, view.width)]
    return lines


def encrypted_of(encrypted: Encrypted) -> list[Line]:
    """What the sizes and times of its records tell; an estimate says that it is one."""
    lines = [
        pair("from client", bytes_text(encrypted.client_bytes), own("  of protected records", TextStyle.DIM)),
        pair("from server", bytes_text(encrypted.server_bytes)),
        pair("exchanges", own(exchanges_text(encrypted)), own("  an estimate, from who spoke when", TextStyle.DIM)),
    ]
    if encrypted.first_byte_ns is not None:
        wait = own(f"about {duration_text(encrypted.first_byte_ns)}")
        lines.append(pair("first byte", wait, own("  an estimate, the median of the waits", TextStyle.DIM)))
    if encrypted.missing_bytes:
        lost = f"{many(encrypted.missing_bytes, 'byte')}: the figures are too low by what was in them"
        lines.append(pair("missing", own(lost, TextStyle.LOST)))
    if encrypted.unframed_bytes:
        lost = f"{many(encrypted.unframed_bytes, 'byte')} of these: exchanges in them are not known"
        lines.append(pair("in no record", own(lost, TextStyle.LOST)))
    return lines


def grpc_of(response: Response) -> list[Line]:
    """What the call ended with, and the messages both ways."""
    status = status_of(response)
    told = (
        [own("not seen", TextStyle.DIM)]
        if status is None
        else [untrusted(status_name(status)), own(f"  {status}", TextStyle.DIM)]
    )
    lines = [pair("status", *told)]
    message = message_of(response)
    if message:
        lines.append(pair("message", untrusted(message)))
    both = (("received", response), *((("sent", response.request),) if response.request is not None else ()))
    for name, one in both:
        found = messages_of(one)
        more = "" if found.whole else " or more: the body is not kept to its end"
        sizes = ", ".join(size_text(size) for size in found.sizes[:8])
        lines.append(pair(name, own(f"{many(found.count, 'message')}{more}"), own(f"  {sizes}", TextStyle.DIM)))
    return lines


def websocket_of(websocket: WebSocket) -> list[Line]:
    """What each end sent, and the first messages."""
    lines = [] if websocket.ended else [pair("state", own("open, so far"))]
    for name, told in (("from client", websocket.client), ("from server", websocket.server)):
        counts = ((told.texts, "text"), (told.binaries, "binary"), (told.pings, "ping"), (told.pongs, "pong"))
        kinds = ", ".join(f"{count_text(count)} {word}" for count, word in counts if count)
        more = f"  {kinds}" if kinds else ""
        lines.append(
            pair(name, own(f"{many(told.frames, 'frame')}, {size_text(told.payload_bytes)}"), own(more, TextStyle.DIM))
        )
        if told.close_code:
            reason = (own("  "), untrusted(told.close_reason)) if told.close_reason else ()
            lines.append(pair("", own(f"closed with {told.close_code}"), *reason))
        if told.problem:
            lines.append(pair("", own(f"not read further: {told.problem}", TextStyle.LOST)))
    if websocket.compressed:
        lines.append(pair("compression", own("permessage-deflate")))
    for message in websocket.messages:
        arrow, kind = "→" if message.from_client else "←", "text" if message.text else "binary"
        cut = "" if message.complete else ", not whole"
        about = own(f"{kind}, {size_text(message.length)}{cut}  ", TextStyle.DIM)
        lines.append(pair(arrow, about, untrusted(message.preview)))
    return lines


def problems_of(response: Response) -> list[Line]:
    """Each problem with the byte at which it stands."""
    lines: list[Line] = []
    for problem in response.problems:
        lines += problem_lines((problem,))
        # What is wrong with a conversation is at no byte.
        where = f" at byte {count_text(problem.offset)}" if problem.offset or problem.name not in NOT_BYTES else ""
        lines.append(line(own(f"    {problem.name}{where}", TextStyle.DIM)))
    return lines


def missing_of(response: Response) -> list[Line]:
    """How the message ended, and whatever of it was not captured."""
    whole = response.completeness is Completeness.COMPLETE
    ended = response.end.value if response.end else "not yet"
    lines = [
        pair("completeness", own(COMPLETENESS[response.completeness], TextStyle.PLAIN if whole else TextStyle.LOST)),
        pair("ended", own(ended)),
        *([pair("framing", own(FRAMING[response.framing]))] if response.encrypted is None else []),
    ]
    lines += [pair("gap" if number == 0 else "", gap_text(gap)) for number, gap in enumerate(response.gaps[:100])]
    if len(response.gaps) > 100:
        lines.append(pair("", own(f"and {many(len(response.gaps) - 100, 'more gap')}", TextStyle.LOST)))
    return lines


def gap_text(gap: Gap) -> TextRun:
    """One gap in words."""
    why = "cut by the snap length" if gap.snapped else "not captured"
    return own(f"gap of {many(gap.length, 'byte')} at {count_text(gap.offset)}, {why}", TextStyle.LOST)


def event_of(response: Response) -> list[Line]:
    """The fields of the event's metadata under their own names."""
    flow = response.flow
    head_began = own("  of the packet in which the head began", TextStyle.DIM)
    return [
        pair("number", own(f"#{response.id}")),
        pair("timestamp", own(date_text(response.at)), own(f"  {response.at}", TextStyle.DIM)),
        pair("src_ip", untrusted(flow.server)),
        pair("src_port", own(str(flow.server_port))),
        pair("dst_ip", untrusted(flow.client)),
        pair("dst_port", own(str(flow.client_port))),
        pair("protocol", own(f"{TRANSPORTS[flow.transport]}"), own(f"  {flow.transport}", TextStyle.DIM)),
        *([pair("packet_len", own(str(response.packet_len)), head_began)] if response.encrypted is None else []),
        pair("iface", untrusted(flow.interface)),
    ]


def flow_of(response: Response) -> list[Line]:
    """The connection."""
    flow = response.flow
    what = "stream" if response.protocol == "HTTP/2" else "exchange"
    on_it = f"  {what} {response.stream} on it" if response.encrypted is None else ""
    if response.request is not None and response.request.weight:
        on_it += f", of weight {response.request.weight}"
    unknown = "not seen" if flow.midstream else "seen, but not how long it took"
    lines = [
        pair("flow", own(f"{flow.id}"), own(on_it, TextStyle.DIM)),
        pair("client", untrusted(flow.real_client), own(f" port {flow.real_client_port}")),
        pair("server", untrusted(flow.server), own(f" port {flow.server_port}")),
        pair("opened", own(date_text(flow.opened_at))),
        pair("handshake", own(duration_text(flow.handshake_ns) if flow.handshake_ns is not None else unknown)),
    ]
    if flow.tls is not None:
        lines += tls_of(flow.tls)
    if flow.midstream:
        lines.append(pair("seen", own("from its middle: the capture began after the connection did", TextStyle.LOST)))
    if flow.vlan:
        lines.append(pair("vlan", own(vlans_text(flow.vlan))))
    if flow.tunnel:
        lines.append(pair("tunnel", untrusted(flow.tunnel)))
    for path in flow.other_paths:
        tags = f"VLAN {vlans_text(path.vlan)}" if path.vlan else "no VLAN tag" if flow.vlan else ""
        tunnel = path.tunnel or ("no tunnel" if flow.tunnel else "")
        carried = own(f"{tags}{', ' if tags and tunnel else ''}")
        way = f"  packets of the {'client' if path.from_client else 'server'}"
        lines.append(pair("carried", carried, untrusted(tunnel), own(way, TextStyle.DIM)))
    if flow.proxied is not None:
        lines += proxied_of(flow.proxied)
        if flow.real_client != flow.client:
            lines.append(pair("opened by", untrusted(flow.client), own(f" port {flow.client_port}")))
    return lines


def tls_of(tls: Tls) -> list[Line]:
    """What both ends showed of their TLS; what was not seen has no line. A file of events may say anything of it."""
    how = [
        *(["resumed"] if tls.resumed else []),
        *(["hello asked for again"] if tls.retried else []),
        *(["encrypted hello"] if tls.encrypted_hello else []),
    ]
    lines = [
        pair(
            "tls",
            untrusted(tls.version or "version not seen"),
            untrusted(f"  {', '.join((tls.state, *how))}", TextStyle.DIM),
        ),
        pair("cipher", untrusted(tls.cipher_suite)),
        pair("sni", untrusted(tls.sni)),
        pair("alpn", untrusted(tls.alpn)),
        pair("alert", untrusted(tls.alert)),
        pair("ja3", untrusted(tls.ja3)),
        pair("ja3s", untrusted(tls.ja3s)),
        pair("ja4", untrusted(tls.ja4)),
    ]
    there = (tls.version, tls.cipher_suite, tls.sni, tls.alpn, tls.alert, tls.ja3, tls.ja3s, tls.ja4)
    shown = [line for line, text in zip(lines, there, strict=True) if text]
    if tls.handshake_ns is not None:
        shown.append(pair("hellos", own(duration_text(tls.handshake_ns))))
    if tls.certificate_not_after:
        until = untrusted(f"  until {tls.certificate_not_after[:10]}, by ", TextStyle.DIM)
        issuer = untrusted(tls.certificate_issuer, TextStyle.DIM)
        shown.append(pair("certificate", untrusted(tls.certificate_subject), until, issuer))
    return shown


def proxied_of(proxied: Proxied) -> list[Line]:
    """What a proxy said of the connection beyond, which is the proxy's word."""
    lines = [pair("proxied", untrusted(proxied.protocol), own("  as its sender says", TextStyle.DIM))]
    ends = (("from", proxied.client, proxied.client_port), ("to", proxied.server, proxied.server_port))
    for name, address, port in ends:
        if address:
            lines.append(pair(name, untrusted(address), own(f" port {port}" if port else "")))
    return lines


def vlans_text(vlans: tuple[int, ...]) -> str:
    """VLAN ids from the innermost out."""
    return " in ".join(str(number) for number in reversed(vlans))


def workload_of(who: Workload) -> list[Line]:
    """Whose it is, as Tracee told: what is known of it, under words that a filter takes where there are some."""
    lines = [
        pair("process", untrusted(who.process_name or NOTHING)),
        *([pair("program", untrusted(who.executable))] if who.executable else []),
        pair("pid", own(str(who.process_id)), own(f"  of parent {who.parent_process_id}", TextStyle.DIM)),
        pair(
            "on the host",
            own(str(who.host_process_id)),
            own(f"  of parent {who.host_parent_process_id}", TextStyle.DIM),
        ),
        pair("user", own(str(who.user_id))),
        pair("hostname", untrusted(who.host_name or NOTHING)),
    ]
    if who.container_id or who.container:
        lines.append(pair("container", untrusted(who.container_name or NOTHING)))
        lines.append(pair("container id", untrusted(who.container_id)))
    if who.image:
        lines.append(pair("image", untrusted(who.image)))
    if who.pod:
        lines.append(pair("pod", untrusted(who.pod)))
    lines.append(pair("thread", own(str(who.thread_id)), own(f"  on processor {who.processor_id}", TextStyle.DIM)))
    if who.syscall:
        lines.append(pair("syscall", untrusted(who.syscall), own(f"  returned {who.return_value}", TextStyle.DIM)))
    if who.matched_policies:
        lines.append(pair("policies", untrusted(", ".join(who.matched_policies) or NOTHING)))
    return lines


def sizes_of(response: Response) -> list[Line]:
    """Declared, captured, decoded: each said on its own, since any two may differ."""
    so_far = SO_FAR if is_open(response) else ""
    lines = [
        pair("declared", bytes_text(response.declared) if response.declared >= 0 else own(NOTHING)),
        pair(
            "body", bytes_text(response.body_bytes), own(f"{so_far}  as captured, without chunk framing", TextStyle.DIM)
        ),
        pair("on the wire", bytes_text(response.wire_bytes), own(f"{so_far}  head, body and framing", TextStyle.DIM)),
        pair("head", bytes_text(len(response.head))),
    ]
    if response.missing_bytes:
        lines.append(pair("missing", own(many(response.missing_bytes, "byte"), TextStyle.LOST)))
    decoded = decoded_body(response, max_output=MOST_DECODED) if response.body and is_coded(response.head) else None
    if decoded is not None and (decoded.codings or decoded.left):
        size = bytes_text(len(decoded.data)) if decoded.codings else untrusted(decoded.detail, TextStyle.LOST)
        partly = "" if decoded.complete or not decoded.codings else "  of what was kept"
        lines.append(pair("decoded", size, own(partly, TextStyle.DIM)))
    return lines


def bytes_text(count: int) -> TextRun:
    """`1,234 bytes`, and what that is about."""
    about = f" ({size_text(count)})" if count >= 1000 else ""
    return own(f"{many(count, 'byte')}{about}")


def conflicts_of(response: Response, width: int) -> list[Line]:
    """Both versions of bytes that came twice, side by side where there is room."""
    lines: list[Line] = []
    column = max(20, (width - 6) // 2)
    for conflict in response.conflicts[:50]:
        lines.append(
            line(own(f"  {many(conflict.length, 'byte')} at {count_text(conflict.offset)}", TextStyle.PROBLEM))
        )
        lines += side_by_side(conflict, column) if width >= 60 else one_by_one(conflict)
    return lines


def side_by_side(conflict: Conflict, column: int) -> list[Line]:
    """First on the left: it is what was parsed."""
    rows = zip(version(conflict.first, "parsed", column), version(conflict.second, "ignored", column), strict=True)
    return [line(own("  "), left, own(" " * (column + 2 - len(left.text))), right) for left, right in rows]


def one_by_one(conflict: Conflict) -> list[Line]:
    """One under the other."""
    pieces = (*version(conflict.first, "parsed", 200), *version(conflict.second, "ignored", 200))
    return [line(own("  "), piece, hang=4) for piece in pieces]


def version(segment: Segment, fate: str, column: int) -> tuple[TextRun, TextRun, TextRun]:
    """What it said, and what tells where it came from."""
    text = untrusted(segment.data.decode("latin-1"), limit=256)
    cut = text.text if len(text.text) <= column else f"{text.text[: column - 1]}…"
    return (
        own(f"{fate}, {clock_text(segment.at)}", TextStyle.STRONG),
        own(f"TTL {segment.ttl} · IP id {segment.ip_id}", TextStyle.DIM),
        TextRun(cut, text.style),
    )
