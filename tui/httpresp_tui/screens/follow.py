"""Follow: the connection of a response from start to end, as exchanges and as bytes.

It looks again a few times a second, so that it grows while the connection does.
"""

from asyncio import sleep
from collections.abc import Callable
from time import perf_counter
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from httpresp_capture.exporting.packet_list import PacketList
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.exchange import Response
from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.model.conversation import conversation
from httpresp_tui.screens.modal import Modal
from httpresp_tui.text.printable import printable_text
from httpresp_tui.widgets.detail_text import DetailText
from httpresp_tui.widgets.follow_lines import follow_lines, title_runs
from httpresp_tui.widgets.lines import Line, TextStyle, line, own, untrusted
from httpresp_tui.widgets.packet_lines import packet_lines
from httpresp_tui.widgets.status_bar import StatusBar, WithStatusBar

OFTEN = 0.5
"""Seconds between two looks."""
TURN, PAUSE = 0.02, 0.01
"""Seconds in which packets are read, and in which they are not, so that keys have their turn."""
READING = "reading"


class FollowScreen(WithStatusBar, Modal[None]):
    """Over the main screen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "follow",
        Groups.FOLLOW,
        ("bytes", "x", "bytes", "Bytes", "As bytes in hex, or as exchanges", True),
        ("packets", "p", "packets", "Packets", "Its packets: flags, positions, repeats, silence, round trips", True),
        ("next", "J,n", "step(1)", "Next", "The next message", True),
        ("previous", "K,N", "step(-1)", "Previous", "The message before", True),
        ("wrap", "w", "wrap", "Wrap", "Wrap long lines or not", True),
        ("leave", "escape,q,f", "leave", "Back", "Back to the responses", True),
        ("help", "question_mark,f1", "app.help", "Help", "Every key, and what the marks mean", True),
    )

    def __init__(
        self, chosen: Response, kept: Callable[[], list[Response]], read_again: Callable[[], PacketList]
    ) -> None:
        """`read_again` raises `CaptureError` where there are no packets to be read."""
        super().__init__()
        self._read_again = read_again
        self._packets: list[Line] | None = None
        """Shown instead of the messages."""
        self._chosen = chosen
        self._kept = kept
        self._drawn: list[Response] = []
        self._as_bytes = False
        self._starts: list[int] = []
        """The first line of each message."""

    def compose(self) -> ComposeResult:
        """Which connection, and what went over it."""
        yield Static(id="follow-title", markup=False)
        yield DetailText(id="follow-text")
        yield StatusBar()

    def on_mount(self) -> None:
        """Look now, and again; begin at the response that the person came from."""
        self.query_one(DetailText).focus()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.query_one(DetailText).go_to_line(self._look())
        self.set_interval(OFTEN, self._look_again)

    def _look_again(self) -> None:
        if self._packets is not None:
            return
        kept = self._kept()
        if len(kept) != len(self._drawn) or any(one is not other for one, other in zip(kept, self._drawn, strict=True)):
            self._look()
        self.query_one(StatusBar).update()

    def _look(self) -> int:
        """Draw what is kept now; the line at which the chosen response begins."""
        self._drawn = self._kept()
        found = conversation(self._drawn, self._chosen)
        self.query_one("#follow-title", Static).update(Content("".join(run.text for run in title_runs(found))))
        followed = follow_lines(found, self._chosen.id, as_bytes=self._as_bytes)
        self._starts = followed.starts
        self.query_one(DetailText).show_lines(followed.lines, keep=True)
        self.query_one(StatusBar).update()
        return followed.chosen

    def action_packets(self) -> None:
        """Its packets, or its messages again."""
        if self._packets is not None:
            self._packets = None
            self.workers.cancel_group(self, READING)
            self.query_one(DetailText).go_to_line(self._look())
            return
        try:
            found = self._read_again()
        except CaptureError as error:
            self.notify(printable_text(str(error)), timeout=5, markup=False)
            return
        self._show_packets([line(own("Reading the packets …", TextStyle.DIM))])
        self.run_worker(self._read(found), group=READING, exclusive=True)

    async def _read(self, found: PacketList) -> None:
        """In short turns between keys."""
        due = perf_counter() + TURN
        try:
            for fraction in found.steps():
                if perf_counter() < due:
                    continue
                done = "" if fraction is None else f" {fraction:.0%}"
                self._show_packets([line(own(f"Reading the packets …{done}  p stops", TextStyle.DIM))])
                await sleep(PAUSE)
                due = perf_counter() + TURN
        except CaptureError as error:
            self._show_packets([line(untrusted(str(error), TextStyle.LOST))])
            return
        asked = self._chosen.request
        began = self._chosen.first_byte_at if asked is None else asked.first_byte_at
        lines, start = packet_lines(found.notes.story(), began)
        if found.failure:
            lines.append(line(untrusted(found.failure, TextStyle.LOST)))
        self._show_packets(lines, start)

    def _show_packets(self, lines: list[Line], start: int = 0) -> None:
        self._packets = lines
        self._starts = []
        text = self.query_one(DetailText)
        text.show_lines(lines, keep=False)
        text.go_to_line(start)
        self.query_one(StatusBar).update()

    def action_bytes(self) -> None:
        """As bytes, or as exchanges; the message at the top stays there."""
        if self._packets is not None:
            self.action_packets()
            return
        text = self.query_one(DetailText)
        at = sum(start <= text.top_line for start in self._starts) - 1
        self._as_bytes = not self._as_bytes
        self._look()
        text.go_to_line(self._starts[at] if 0 <= at < len(self._starts) else 0)

    def action_step(self, step: int) -> None:
        """To the beginning of a message."""
        start = self._message_from(step)
        if start is not None:
            self.query_one(DetailText).go_to_line(start)
        self.query_one(StatusBar).update()

    def _message_from(self, step: int) -> int | None:
        """Where the next message begins, or the one before; None where the pane does not go so far."""
        for text in self.query(DetailText):
            if step > 0:
                further = text.scroll_offset.y < text.max_scroll_y
                return next((start for start in self._starts if further and start > text.top_line), None)
            return next((start for start in reversed(self._starts) if start < text.top_line), None)
        return None

    def action_wrap(self) -> None:
        """Wrap long lines, or let them run out of sight."""
        self.query_one(DetailText).toggle_wrap()

    def is_useful(self, id: str) -> bool:
        """By what there is."""
        match id:
            case "follow.next":
                return self._message_from(1) is not None
            case "follow.previous":
                return self._message_from(-1) is not None
            case "follow.wrap":
                return any(text.has_long_lines for text in self.query(DetailText))
            case _:
                return True

    def action_leave(self) -> None:
        """Back to the responses."""
        self.dismiss(None)
