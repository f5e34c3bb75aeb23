"""What is said when a run is over: what was seen, what was lost, what could not be read.

On the normal screen when the app has gone, on standard error of a run without a screen. No Textual.
"""

from dataclasses import field

from httpresp_capture.analysis.coverage import not_read_words
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.plurals import many
from httpresp_capture.records.record import record
from httpresp_capture.records.unread import OF_OTHERS, WROTE_NO_KEY
from httpresp_tui.text.sanitising import printable_text
from httpresp_tui.text.units import count_text, size_text

_NO_KEY = (
    "programs in Go and Java, gRPC and others that bring a TLS library of their own write none when they are asked, "
    "nor is there one of a handshake that fails. With the server's keys they are read: --keylog FILE, without a command"
)
"""Why a command has written none, and the way on."""
_NO_OWNER = (
    "no connection was seen to be the command's: of a program that loads no libraries, as those in Go, one that is "
    "over at once may be missed. Without a command, -i shows all there are"
)
"""The same where it was not even seen whose connections they are."""


@record
class Summary:
    """The figures of one run."""

    label: str = ""
    live: bool = True
    by_class: tuple[int, ...] = (0, 0, 0, 0, 0, 0)
    """Responses of class 0 (none) to 5."""
    counters: Counters = field(default_factory=Counters)
    ours: int = 0
    """Events that the mailbox dropped."""
    forgotten: int = 0
    failures: tuple[str, ...] = ()
    bodies_forgotten: int = 0
    recording: str = ""
    """The file that the packets were written to."""
    exported: tuple[str, ...] = ()
    """What became of each export, in words."""
    capture_filter: str = ""
    """What the kernel was asked for, of a live capture."""
    unanswered: int = 0
    """Requests without response, which are rows and no responses."""
    failed_calls: int = 0
    """Calls of gRPC that failed with a status that is no error: errors all the same."""
    encrypted: int = 0
    """Connections of TLS that are rows since they are not read."""
    stopped: bool = False
    """Nothing more was wanted: so many were asked for, or the reader of the output has left."""
    read: int | None = None
    """Responses that were there, where a filter chose among them."""


def summary_text(summary: Summary) -> str:
    """A few lines without a control character but their ends; zero drops is said too."""
    counters = summary.counters
    total = sum(summary.by_class)
    said = many(total, "response")
    if summary.read is not None:
        said = (
            f"{count_text(total)} of {many(summary.read, 'response')} {'match' if total != 1 else 'matches'} the filter"
        )
    said = f"{said} {_classes(summary.by_class)}".rstrip()
    if summary.unanswered:
        said += f", {many(summary.unanswered, 'unanswered request')}"
    if summary.encrypted:
        said += f", {many(summary.encrypted, 'encrypted connection')}"
    lines = [f"{printable_text(summary.label, 200)}: {said}"]
    where = "by the kernel" if summary.live else "while recording"
    theirs = drops_of(counters, summary.live)
    # As `is:error` says it.
    failed = summary.failed_calls
    errors = summary.by_class[0] + summary.by_class[4] + summary.by_class[5] + summary.unanswered + failed
    calls = f", {many(failed, 'failed gRPC call')} among them" if failed else ""
    lines.append(f"  errors       {count_text(errors)}{calls}")
    lines.append(f"  lost         {many(theirs, 'packet')} {where}, {many(summary.ours, 'row')} here")
    if summary.stopped:
        lines.append("  stopped      when nothing more was wanted; what follows counts all that had been read ahead")
    unread = [
        text
        for count, text in (
            (counters.gaps, f"{many(counters.gaps, 'gap')} ({size_text(counters.gap_bytes)})"),
            (counters.snapped, many(counters.snapped, "packet") + " cut by the snap length"),
            (counters.flows_evicted, many(counters.flows_evicted, "connection") + " let go"),
            (counters.fragments_lost, many(counters.fragments_lost, "IP datagram") + " without all fragments"),
            (counters.malformed, many(counters.malformed, "malformed frame")),
            (counters.bad_lines, many(counters.bad_lines, "line") + " without an event"),
        )
        if count
    ]
    unread = not_read_words(counters, encrypted=summary.encrypted < counters.flows_encrypted) + unread
    if unread:
        lines.append(f"  not read     {', '.join(unread)}")
    if not (summary.read or total or summary.encrypted) and not unread:
        lines.append(f"  not read     {_nothing(counters)}")
    kinds = {one.kind for one in counters.unread}
    if WROTE_NO_KEY in kinds:
        lines.append(f"  no key       {_NO_KEY}")
    if OF_OTHERS in kinds and not (total or summary.read or summary.unanswered or summary.encrypted):
        lines.append(f"  no owner     {_NO_OWNER}")
    read = [(what, count) for what, count in (("packets", counters.packets), ("lines", counters.lines)) if count]
    for what, count in read or [("packets", 0)]:
        lines.append(f"  {what:<12} {count_text(count)} in {many(counters.flows, 'connection')}")
    if summary.live and summary.capture_filter:
        lines.append(f"  not captured what the capture filter leaves out: {_left_out(summary.capture_filter)}")
    if counters.misaligned:
        blocks = many(counters.misaligned, "block")
        lines.append(f"  file         {blocks} of a length that is no multiple of four, read by rounding it up")
    if counters.held_dropped:
        size = size_text(counters.held_dropped)
        lines.append(f"  let go       {size} out of order, over --held-limit or acknowledged by no end")
    if summary.forgotten:
        lines.append(f"  let go       {many(summary.forgotten, 'oldest response')}, over the limit of those kept")
    if summary.bodies_forgotten:
        lines.append(f"  let go       {many(summary.bodies_forgotten, 'older body')}, over the bytes of all kept")
    if summary.recording:
        lines.append(f"  written      the packets to {printable_text(summary.recording)}")
    lines.extend(f"  exported     {printable_text(text, 500)}" for text in summary.exported)
    lines.extend(f"  failed       {printable_text(text, 500)}" for text in summary.failures)
    return "\n".join(lines)


def drops_of(counters: Counters, live: bool) -> int:
    """Packets lost by the kernel, or by whoever recorded them: of a live run whose lines are read again, its kernel."""
    return counters.kernel_drops if live else counters.interface_drops + counters.kernel_drops


def _nothing(counters: Counters) -> str:
    """Why there is no response, where nothing that was not read explains it."""
    if counters.lines:
        return "nothing: no line tells of a response"
    if not counters.packets:
        return "nothing: no packet came"
    if not counters.flows:
        return "nothing: no packet opened a TCP connection or carried anything of one"
    return "nothing: no connection brought a response"


def _left_out(capture_filter: str) -> str:
    """What was never looked for must not look as if there were none of it."""
    words = printable_text(capture_filter, 120)
    return f"'{words}'" + ("" if "udp" in words.lower() or "QUIC" in words else " lets no UDP through, and so no QUIC")


def _classes(by_class: tuple[int, ...]) -> str:
    parts = [f"{number}xx {count_text(count)}" for number, count in enumerate(by_class) if number and count]
    if by_class[0]:
        parts.append(f"no status {count_text(by_class[0])}")
    return f"({', '.join(parts)})" if parts else ""
