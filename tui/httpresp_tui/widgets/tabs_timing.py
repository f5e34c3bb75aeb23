"""When things happened, as bars to one scale: handshake, request, wait, transfer. What was not seen is said."""

from dataclasses import dataclass

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from httpresp_tui.text.units import date_text
from httpresp_tui.widgets.lines import Line, TextStyle, heading, line, own, pair
from httpresp_tui.widgets.tabs import View

EIGHTHS = " ▏▎▍▌▋▊▉"
LABEL = 12
NUMBER = 12
LEAST_BAR = 8
SO_FAR = " so far"
"""Of what goes on."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One bar: where it starts and how long it takes, in ns; `missing` says why there is none."""

    name: str
    style: TextStyle
    start: int
    length: int | None
    missing: str = ""
    open: bool = False
    """True while it goes on: the length is that of what has come."""


def timing(view: View) -> list[Line]:
    """The bars, then the moments."""
    response = view.response
    phases = phases_of(response)
    known = [phase for phase in phases if phase.length is not None]
    whole = max((phase.start + (phase.length or 0) for phase in known), default=0)
    room = max(LEAST_BAR, view.width - LABEL - NUMBER - 4)
    lines = [heading("Phases"), *(phase_line(phase, whole, room) for phase in phases), Line()]
    return [*lines, heading("Moments"), *moments_of(response)]


def is_open(response: Response) -> bool:
    """Whether more may have come than was seen: it goes on, or we stopped to look while it did."""
    return response.end in (None, EndReason.CAPTURE_END, EndReason.IDLE, EndReason.EVICTED)


def phases_of(response: Response) -> tuple[Phase, ...]:
    """One after the other; the handshake belongs to the connection, and counts with its first exchange only."""
    flow, request = response.flow, response.request
    handshake = flow.handshake_ns if response.stream == 1 else None
    missing = "the connection was open already"
    if flow.handshake_ns is None:
        missing = "handshake not seen" if flow.midstream else "how long it took is not known"
    sending = max(0, request.sent_at - request.first_byte_at) if request else None
    at = handshake or 0
    wait_at = at + (sending or 0)
    no_wait = "request not seen" if request is None else "answered before it was sent"
    if response.unanswered:
        no_wait = "no response"
    if response.encrypted is not None:
        no_wait = "encrypted"
    return (
        Phase("handshake", TextStyle.HANDSHAKE, 0, handshake, missing),
        Phase("request", TextStyle.DIM, at, sending, "request not seen"),
        Phase("wait", TextStyle.WAIT, wait_at, response.first_byte_ns, no_wait),
        Phase(
            "transfer",
            TextStyle.TRANSFER,
            wait_at + (response.first_byte_ns or 0),
            response.transfer_ns,
            "no response" if response.unanswered else "encrypted" if response.encrypted else "not ended yet",
            is_open(response),
        ),
    )


def phase_line(phase: Phase, whole: int, room: int) -> Line:
    """Name, number, bar at its place in the whole."""
    label = own(f"  {phase.name:<{LABEL - 2}}", TextStyle.DIM)
    if phase.length is None:
        return line(label, own(f"{'—':>{NUMBER}}  "), own(phase.missing, TextStyle.LOST))
    number = own(f"{milliseconds(phase.length):>{NUMBER}}  ", TextStyle.STRONG)
    so_far = own(SO_FAR, TextStyle.LOST) if phase.open else own("")
    before, bar = bar_of(phase.start, phase.length, whole, room - len(so_far.text))
    return line(label, number, own(" " * before), own(bar, phase.style), so_far)


def bar_of(start: int, length: int, whole: int, room: int) -> tuple[int, str]:
    """Cells before the bar, and the bar in eighths of a cell; what took any time has a sliver."""
    if whole <= 0:
        return 0, EIGHTHS[1]
    before = min(room - 1, start * room // whole)
    eighths = max(1, min((room - before) * 8, round(length * room * 8 / whole)))
    return before, "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def milliseconds(ns: int) -> str:
    """`12.345 ms`, to the microsecond: what is compared should have one unit."""
    return f"{ns / 1_000_000:,.3f} ms"


def moments_of(response: Response) -> list[Line]:
    """Absolute times, and how far each lies after the first."""
    request = response.request
    first = request.first_byte_at if request else response.first_byte_at
    last = f"last byte{SO_FAR}" if is_open(response) and response.ended_at is not None else "last byte"
    if response.unanswered:
        last = "given up"
    moments: list[tuple[str, int | None, str]] = [
        ("flow opened", response.flow.opened_at, ""),
        ("request", request.first_byte_at if request else None, "not seen"),
        ("request sent", request.sent_at if request else None, "not seen"),
        ("first byte", None if response.unanswered else response.first_byte_at, "no response"),
        ("head complete", None if response.unanswered else response.at, "no response"),
        (last, response.ended_at, "not ended yet"),
    ]
    lines = [
        pair(name, own(missing, TextStyle.LOST))
        if at is None
        else pair(name, own(date_text(at)), own(f"  {offset(at - first)}", TextStyle.DIM))
        for name, at, missing in moments
    ]
    if response.duration_ns is not None:
        name = "waited" if response.unanswered else SO_FAR.strip() if is_open(response) else "in all"
        lines += [Line(), pair(name, own(milliseconds(response.duration_ns), TextStyle.STRONG))]
    return lines


def offset(ns: int) -> str:
    """`+12.345 ms`."""
    return f"{'-' if ns < 0 else '+'}{milliseconds(abs(ns))}"
