"""When things happened, as bars to one scale: handshake, request, wait, transfer. What was not seen is said."""

from dataclasses import dataclass

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from httpresp_tui.text.units import date_text
from httpresp_tui.widgets.lines import Ink, Line, heading, line, pair, said
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
    ink: Ink
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
    missing = "handshake not seen" if flow.handshake_ns is None else "the connection was open already"
    sending = max(0, request.sent_at - request.first_byte_at) if request else None
    at = handshake or 0
    wait_at = at + (sending or 0)
    no_wait = "request not seen" if request is None else "answered before it was sent"
    if response.unanswered:
        no_wait = "no response"
    return (
        Phase("handshake", Ink.HANDSHAKE, 0, handshake, missing),
        Phase("request", Ink.DIM, at, sending, "request not seen"),
        Phase("wait", Ink.WAIT, wait_at, response.first_byte_ns, no_wait),
        Phase(
            "transfer",
            Ink.TRANSFER,
            wait_at + (response.first_byte_ns or 0),
            response.transfer_ns,
            "no response" if response.unanswered else "not ended yet",
            is_open(response),
        ),
    )


def phase_line(phase: Phase, whole: int, room: int) -> Line:
    """Name, number, bar at its place in the whole."""
    label = said(f"  {phase.name:<{LABEL - 2}}", Ink.DIM)
    if phase.length is None:
        return line(label, said(f"{'—':>{NUMBER}}  "), said(phase.missing, Ink.LOST))
    number = said(f"{milliseconds(phase.length):>{NUMBER}}  ", Ink.STRONG)
    so_far = said(SO_FAR, Ink.LOST) if phase.open else said("")
    before, bar = bar_of(phase.start, phase.length, whole, room - len(so_far.text))
    return line(label, number, said(" " * before), said(bar, phase.ink), so_far)


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
        pair(name, said(missing, Ink.LOST))
        if at is None
        else pair(name, said(date_text(at)), said(f"  {offset(at - first)}", Ink.DIM))
        for name, at, missing in moments
    ]
    if response.duration_ns is not None:
        name = "waited" if response.unanswered else SO_FAR.strip() if is_open(response) else "in all"
        lines += [Line(), pair(name, said(milliseconds(response.duration_ns), Ink.STRONG))]
    return lines


def offset(ns: int) -> str:
    """`+12.345 ms`."""
    return f"{'-' if ns < 0 else '+'}{milliseconds(abs(ns))}"
