"""The packets of a connection as lines: when, which way, where in the stream, flags, and what is to be said of each."""

from httpresp_capture.records.plurals import many
from httpresp_capture.tcp.packet_notes import DirectionFacts, PacketSeen, PacketStory
from httpresp_tui.text.units import clock_text, count_text, duration_text, size_text
from httpresp_tui.widgets.lines import Line, TextStyle, line, own

TROUBLE = ("repeat", "late", "zero", "duplicate", "after", "acknowledges")
"""How notes begin that tell of trouble; what is missing begins with a number."""
LETTERS = "S SYN  A ACK  P PSH  F FIN  R RST  U URG;  seq and ack from 0, win unscaled"
TITLES = f"  {'time':<12} {'since':>9} {'':<4}{'seq':>8} {'ack':>8} {'len':>5} {'win':>5} ttl"


def packet_lines(story: PacketStory, moment: int) -> tuple[list[Line], int]:
    """What they tell together, then one line each; and the line of the first packet from a moment on."""
    lines = [
        _facts("→ client", story.client, TextStyle.FROM_CLIENT),
        _facts("← server", story.server, TextStyle.FROM_SERVER),
    ]
    if story.silences:
        lines.append(line(own(f"  {many(story.silences, 'silence')} of a second or more", TextStyle.LOST)))
    lines += [line(own(f"  {LETTERS}", TextStyle.DIM)), Line(), line(own(TITLES, TextStyle.STRONG))]
    if not story.packets:
        lines.append(line(own("The captures hold no packet of this connection.", TextStyle.LOST)))
    before = story.packets[0].at if story.packets else 0
    start = 0
    for packet in story.packets:
        start = start or (len(lines) if packet.at >= moment else 0)
        lines.append(_packet(packet, packet.at - before))
        before = packet.at
    if story.left_out:
        lines.append(line(own(f"{count_text(story.left_out)} further packets are not shown.", TextStyle.LOST)))
    return lines, start


def _facts(name: str, facts: DirectionFacts, style: TextStyle) -> Line:
    trouble = [
        f"{count_text(count)} {words}"
        for count, words in (
            (facts.repeats, "repeated"),
            (facts.late, "late"),
            (facts.missing, "bytes not captured"),
            (facts.zero_windows, "zero windows"),
        )
        if count
    ]
    trip = ""
    if facts.smoothed_ns is not None:
        trip = f"  rtt {duration_text(facts.smoothed_ns)}, least {duration_text(facts.least_ns)}"
    return line(
        own(name, style),
        own(f"  {many(facts.packets, 'packet')}, {size_text(facts.bytes)}{trip}"),
        own(f"  {', '.join(trouble)}" if trouble else "", TextStyle.LOST),
        hang=10,
    )


def _packet(packet: PacketSeen, since: int) -> Line:
    arrow, style = ("→", TextStyle.FROM_CLIENT) if packet.from_client else ("←", TextStyle.FROM_SERVER)
    ack = "" if packet.ack is None else str(packet.ack)
    flags = "".join(word[0] for word in packet.flags.split())
    trip = "" if packet.round_trip_ns is None else f" rtt {duration_text(packet.round_trip_ns)}"
    notes = [own(f" {note}", TextStyle.LOST if _is_trouble(note) else TextStyle.NOTE) for note in packet.notes]
    return line(
        own(f"{arrow} ", style),
        own(f"{clock_text(packet.at)} {_since(since):>9} ", TextStyle.DIM),
        own(f"{flags:<4}", TextStyle.WORD),
        own(f"{packet.seq:>8} {ack:>8} "),
        own(f"{packet.length:>5}", TextStyle.NUMBER if packet.length else TextStyle.DIM),
        own(f" {packet.window:>5} {packet.ttl:>3}", TextStyle.DIM),
        *notes,
        own(trip, TextStyle.DIM),
        hang=25,
    )


def _since(ns: int) -> str:
    """Since the packet before."""
    return f"+{duration_text(max(0, ns))}"


def _is_trouble(note: str) -> bool:
    return note.startswith(TROUBLE) or note[:1].isdigit()
