"""The timeline: bars of responses a second, stacked by class, and a window on it that the arrows move.

Errors stand at the bottom, where bars compare best. A line below the bars says the worst class of each in a digit, so
that no colour is needed and a single 500 among thousands is seen; `!` on the axis says that packets were lost there.
"""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from httpresp_tui.keys.bindings import Groups, bindings
from httpresp_tui.model.columns import CLASS_STYLES
from httpresp_tui.model.timeline import SECOND, Bar, Bars, Window
from httpresp_tui.text.units import clock_text, duration_text, moment_text, rate_text

BELOW = 3
"""Lines below the bars: digits, axis, times."""
STACK = (5, 4, 0, 3, 2, 1)
"""Classes from the bottom."""
DIGITS = ((5, "5"), (4, "4"), (0, "?"))
BLOCKS = " ▁▂▃▄▅▆▇█"
FIRST_WINDOW = 8
"""One part in so many of the capture is the first window."""


class TimelineBars(Widget, can_focus=True):
    """Draws `Bars`; the window is an interval of time, so it stays where it is when more comes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "timeline",
        Groups.OVERVIEW,
        ("earlier", "left,h", "shift(-1)", "Earlier", "Move the window back", True),
        ("later", "right,l", "shift(1)", "Later", "Move the window on", True),
        ("wider", "plus,shift+right,equals_sign", "widen(1)", "Wider", "Make the window wider", True),
        ("narrower", "minus,shift+left", "widen(-1)", "Narrower", "Make the window narrower", True),
        ("choose", "enter", "choose", "Filter", "Show this time only: at:… in the display filter", True),
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"timeline--{name}" for name in CLASS_STYLES), "timeline--axis", "timeline--window", "timeline--lost",
        "timeline--quiet",
    }  # fmt: skip
    DEFAULT_CSS = "TimelineBars { height: 7; }"

    @dataclass
    class Chosen(Message):
        """This part of the capture is wanted."""

        window: Window

    def __init__(self) -> None:
        super().__init__()
        self._bars = Bars(SECOND, ())
        self._most = 0
        """The largest count of a bar."""
        self._styles: dict[str, Style] = {}
        self.window: Window | None = None
        self._dated = False

    def show(self, bars: Bars, *, dated: bool) -> None:
        """Other bars, of a capture over several days or not."""
        if bars != self._bars:
            self._bars, self._dated = bars, dated
            self._most = max((bar.count for bar in bars.bars), default=0)
            self.refresh()

    # --- the window ---

    @property
    def _chosen(self) -> tuple[int, int] | None:
        """The first and the last bar of the window."""
        if self.window is None or not self._bars.bars:
            return None
        return self._bars.index_of(self.window.start), self._bars.index_of(self.window.end - 1)

    def action_shift(self, step: int) -> None:
        """By half its width; the first press makes one, of what came last."""
        count = len(self._bars.bars)
        if not count:
            return
        if self._chosen is None:
            self._choose(max(0, count - max(1, count // FIRST_WINDOW)), count - 1)
            return
        first, last = self._chosen
        by = max(1, (last - first + 1) // 2) * step
        by = max(-first, min(by, count - 1 - last))
        self._choose(first + by, last + by)

    def action_widen(self, step: int) -> None:
        """By a bar at each end, or more where it is wide."""
        if self._chosen is None:
            self.action_shift(0)
            return
        first, last = self._chosen
        by = max(1, (last - first + 1) // 4)
        if step > 0:
            self._choose(max(0, first - by), min(len(self._bars.bars) - 1, last + by))
        elif last - first >= 2 * by:
            self._choose(first + by, last - by)
        else:
            self._choose(first, max(first, last - 1))

    def _choose(self, first: int, last: int) -> None:
        self.window = self._bars.window(first, last)
        self.refresh()

    def action_choose(self) -> None:
        """Say which part is wanted; with no window, there is one now."""
        if self.window is None:
            self.action_shift(0)
        else:
            self.post_message(self.Chosen(self.window))

    def is_useful(self, id: str) -> bool:
        """By where the window is."""
        count = len(self._bars.bars)
        first, last = self._chosen or (1, count)
        match id:
            case "timeline.earlier":
                return count > 0 and first > 0
            case "timeline.later":
                return self._chosen is not None and last < count - 1
            case "timeline.wider":
                return self._chosen is not None and last - first < count - 1
            case "timeline.narrower":
                return self._chosen is not None and last > first
            case _:
                return count > 0

    def forget_window(self) -> bool:
        """Without a window; False where there was none."""
        had, self.window = self.window is not None, None
        self.refresh()
        return had

    def on_click(self, event: events.Click) -> None:
        """The bar under the pointer is the window; twice, it is chosen."""
        if self._bars.bars:
            bar = min(event.x, self.columns - 1) * len(self._bars.bars) // self.columns
            self._choose(bar, bar)
            if event.chain == 2:
                self.action_choose()

    # --- drawing ---

    @property
    def columns(self) -> int:
        """How many bars there is room for."""
        return max(1, self.size.width)

    def render_line(self, y: int) -> Strip:
        """Bars, digits, axis, times."""
        height = max(1, self.size.height - BELOW)
        if not self._bars.bars:
            words = "No response yet." if y == 0 else ""
            return Strip([Segment(words, self._style("quiet"))]).adjust_cell_length(self.size.width, self._base)
        if y < height:
            segments = [self._cell(bar, height - 1 - y, height) for bar in self._bars.bars]
        elif y == height:
            segments = [self._digit(bar) for bar in self._bars.bars]
        elif y == height + 1:
            segments = [self._axis(index, bar) for index, bar in enumerate(self._bars.bars)]
        else:
            return self._times()
        # Where there are fewer bars than cells, a bar is as wide as there is room.
        return Strip([segments[x * len(segments) // self.columns] for x in range(self.columns)], self.columns)

    @property
    def _base(self) -> Style:
        return self.rich_style

    def notify_style_update(self) -> None:
        """Another theme, focus or pseudo class."""
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"timeline--{name}")
        return style

    def _cell(self, bar: Bar, line: int, height: int) -> Segment:
        """One cell of a bar; `line` counts from the bottom."""
        found = _parts(bar, line, height, self._most)
        if not found:
            return Segment(" ", self._base)
        (status_class, eighths), *above = found
        style = self._style(CLASS_STYLES[status_class])
        if above:
            # The upper class is the ground on which the lower one stands.
            ground = self._style(CLASS_STYLES[above[0][0]])
            if sum(part for _, part in found) == 8 and style.color is not None and ground.color is not None:
                style = Style(color=style.color, bgcolor=ground.color)
            else:
                eighths = sum(part for _, part in found)
        return Segment(BLOCKS[eighths], style)

    def _digit(self, bar: Bar) -> Segment:
        for status_class, digit in DIGITS:
            if bar.classes[status_class]:
                return Segment(digit, self._style(CLASS_STYLES[status_class]))
        return Segment("·" if bar.count else " ", self._style("quiet"))

    def _axis(self, index: int, bar: Bar) -> Segment:
        chosen = self._chosen
        inside = chosen is not None and chosen[0] <= index <= chosen[1]
        if bar.lost:
            return Segment("!", self._style("lost"))
        return Segment("━" if inside else "─", self._style("window" if inside else "axis"))

    def _times(self) -> Strip:
        bars = self._bars
        if self.window is None:
            middle = f"peak {rate_text(bars.peak)}, bars of {duration_text(bars.step)}"
            begin, end = bars.bars[0].start, bars.bars[-1].start + bars.step
        else:
            begin, end = self.window.start, self.window.end
            chosen = self._chosen or (0, 0)
            inside = bars.bars[chosen[0] : chosen[1] + 1]
            count = sum(bar.count for bar in inside)
            errors = sum(bar.classes[4] + bar.classes[5] for bar in inside)
            middle = f"{duration_text(end - begin)}: {count:,}, 4xx and 5xx {errors:,}"
        left, right = self._moment(begin), self._moment(end)
        style = self._style("axis" if self.window is None else "window")
        legend = [(f" ■ {name}", self._style(CLASS_STYLES[number])) for number, name in self._legend()]
        room = self.size.width - cell_len(left) - cell_len(right) - 2
        wide = sum(cell_len(text) for text, _ in legend)
        middle = middle[: max(0, room)]
        if wide + cell_len(middle) + 2 > room:
            legend, wide = [], 0
        blank = max(0, room - wide - cell_len(middle))
        segments = [Segment(f"{left} {' ' * (blank // 2)}{middle}", style)]
        segments += [Segment(text, each) for text, each in legend]
        segments.append(Segment(f"{' ' * (blank - blank // 2)} {right}", style))
        return Strip(segments).adjust_cell_length(self.size.width, self._base)

    def _legend(self) -> list[tuple[int, str]]:
        """The classes that there are, as they stand on each other."""
        return [
            (number, f"{number}xx" if number else "???")
            for number in STACK
            if any(bar.classes[number] for bar in self._bars.bars)
        ]

    def _moment(self, ns: int) -> str:
        if self._dated:
            return moment_text(ns)
        return clock_text(ns)[: 8 if self._bars.step >= SECOND else 12]


def _parts(bar: Bar, line: int, height: int, most: int) -> list[tuple[int, int]]:
    """Which classes stand in a cell, from the bottom, and how many eighths of it each."""
    total = max(1, round(bar.count * height * 8 / most)) if bar.count else 0
    low, high = line * 8, line * 8 + 8
    found: list[tuple[int, int]] = []
    below = 0
    for index, status_class in enumerate(STACK):
        if not bar.classes[status_class]:
            continue
        below += bar.classes[status_class]
        top = total if not any(bar.classes[each] for each in STACK[index + 1 :]) else round(total * below / bar.count)
        start = low + sum(part for _, part in found)
        part = min(top, high) - start
        if part > 0:
            found.append((status_class, part))
    return found
