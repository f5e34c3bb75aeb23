"""How long a key waits for its row, and a filter for its first screen, seen from outside the terminal.

    python -m benchmarks.screen --rows 1000000 --rate 20000

The program runs in a pty as it is; this end presses keys at random moments and reads until the row that the cursor
must be on has been painted. `--only` picks what is measured: keys in each kind of `lists`, among the newest with as
many kept as may be (`bound`), or while a filter goes through all that is kept (`filter`).
"""

import argparse
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.screen_app import FIRST_FLOW, MARKED, TURNS
from benchmarks.tables import table
from benchmarks.terminal import Terminal

HEAD = ("list", "kept", "responses/s", "keys", "p50 ms", "p95 ms", "max ms", "unseen", "came", "lost")
FILTER = b"host:rare.example.com"
SEQUENCE = (b"j", b"j", b"j", b"k", b"j")
PATIENCE = 60.0
"""Seconds in which a list must have taken shape."""
FILLING = 600.0
STARTED = 6.0
"""Seconds in which an app that is filled is ready for keys."""
MARKED_ROWS = rb"(?s)(?:rare\.example\.com(?:(?!(?:shop|rare)\.example\.com).){,1000}){5}"
"""Rows of the filter with none between them that it should have taken out."""
SHOWN = rb"(\d[\d,]*)(?:\x1b\[[0-9;]*m)*(?: of |/)(\d[\d,]*)"
"""How many are shown, of how many."""
PARTS = ("lists", "bound", "filter")
Pattern = Callable[[int], bytes]
"""What the row at a place of the list shows."""


@dataclass(frozen=True, slots=True)
class Waits:
    """What keys waited in one kind of list."""

    kind: str
    waits: list[float]
    unseen: int

    def row(self, rows: int, rate: int, came: str, lost: str) -> tuple[str, ...]:
        cuts = _cuts(self.waits)
        figures = (cuts[9], cuts[18], max(self.waits, default=0.0))
        shown = (f"{figure:.0f}" for figure in figures)
        return (self.kind, f"{rows:,}", f"{rate:,}", f"{len(self.waits)}", *shown, f"{self.unseen}", came, lost)


def start(rows: int, rate: int, most: int) -> Terminal:
    """The app, filled and on the screen."""
    command = [sys.executable, "-m", "benchmarks.screen_app", str(rows), str(rate), str(most)]
    terminal = Terminal(command)
    if terminal.read_until(rb"application/json", FILLING) is None:
        raise SystemExit("the list did not appear")
    terminal.idle(4.0)
    return terminal


def flat(step: int) -> Pattern:
    """Every so many of those that are kept, one under the other."""
    return lambda place: b"/@%d/" % ((place + 1) * step)


def grouped(step: int) -> Pattern:
    """The same by connection: each group below a row of its own."""
    shown: list[bytes] = []
    for id in range(step, 100 * TURNS, step):
        group = f"▼ #{FIRST_FLOW + id // TURNS} ".encode()
        if group not in shown:
            shown.append(group)
        shown.append(b"/@%d/" % id)
    return shown.__getitem__


LISTS: tuple[tuple[str, bytes, bytes, Pattern], ...] = (
    ("flat", b"", b"", flat(1)),
    ("filtered", FILTER, b"", flat(MARKED)),
    ("filtered and grouped", FILTER, b"t", grouped(MARKED)),
    ("grouped", b"", b"", grouped(1)),
)
"""Each kind of list: its name, its filter, the key that changes the list before it into it, what its rows show."""


def keys(terminal: Terminal, kind: str, seconds: float, pattern: Pattern) -> Waits:
    """Press from the top of the list."""
    if not settled(terminal, pattern(0)):
        return Waits(f"{kind}: not whole after {PATIENCE:.0f} s", [], 0)
    waits: list[float] = []
    unseen = place = 0
    elapsed = 0.0
    for key in _again(SEQUENCE):
        if elapsed >= seconds:
            break
        place = max(0, place + (1 if key == b"j" else -1))
        wait = terminal.waited(key, pattern(place))
        if wait is None:
            unseen += 1
        else:
            waits.append(wait)
        pause = 0.05 + random.random() * 0.1
        terminal.idle(pause)
        elapsed += pause + (wait or 5_000) / 1_000
    return Waits(kind, waits, unseen)


def settled(terminal: Terminal, top: bytes) -> bool:
    """Wait until the oldest row is at the top: a list that has changed its shape fills from the newest on."""
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        terminal.press(b"j")
        terminal.idle(0.5)
        if terminal.waited(b"g", top, 2.0) is not None:
            terminal.idle(0.5)
            return True
    return False


def write_filter(terminal: Terminal, text: bytes) -> None:
    """Another display filter, at work at once."""
    terminal.press(b"/")
    terminal.idle(0.3)
    terminal.press(b"\x15")
    terminal.idle(0.3)
    terminal.press(text)
    terminal.idle(0.3)
    terminal.press(b"\r")
    # The list has the keyboard a moment later.
    terminal.idle(1.0)


def measure(rows: int, rate: int, seconds: float) -> list[tuple[str, ...]]:
    """Every kind of list."""
    terminal = start(rows, rate, 10 * rows + 10_000_000)
    found: list[Waits] = []
    filtered_by = b""
    for kind, text, key, pattern in LISTS:
        if text != filtered_by:
            write_filter(terminal, text)
            filtered_by = text
        terminal.press(key)
        terminal.idle(1.0)
        found.append(keys(terminal, kind, seconds, pattern))
    came, lost = leave(terminal)
    return [waits.row(rows, rate, came, lost) for waits in found]


def measure_bound(rows: int, rate: int, seconds: float) -> list[tuple[str, ...]]:
    """With as many kept as may be: the oldest leave while keys are pressed among the newest of a filter."""
    # What is pressed on must not leave meanwhile.
    rows = max(rows, int(rate * 3 * (STARTED + seconds)))
    terminal = start(rows, rate, rows)
    write_filter(terminal, FILTER)
    terminal.idle(2 + rows / 250_000)
    place = cursor(terminal)
    waits: list[float] = []
    unseen = 0
    while len(waits) + unseen < seconds * 8:
        place -= MARKED
        wait = terminal.waited(b"k", b"/@%d/" % place)
        unseen += wait is None
        waits += [wait] if wait is not None else []
        terminal.idle(0.05 + random.random() * 0.1)
    came, lost = leave(terminal)
    return [Waits("filtered, at the bound", waits, unseen).row(rows, rate, came, lost)]


def cursor(terminal: Terminal) -> int:
    """Leave the end by two rows; the id of the row that the cursor is on, which the detail pane tells last."""
    terminal.press(b"k")
    terminal.idle(0.2)
    ids = re.findall(rb"/@(\d+)/", terminal.painted_by(b"k", 0.2))
    return int(ids[-1]) if ids else 0


def leave(terminal: Terminal) -> tuple[str, str]:
    """Quit; responses that came in a second, and events that were lost, by the summary."""
    terminal.press(b"q")
    text = terminal.rest(30)
    terminal.wait()
    seen = re.search(r"bench0: (\d[\d,]*) response", text)
    lost = re.search(r"ours (\d[\d,]*\d|\d)", text)
    return (seen[1] if seen else "?"), (lost[1] if lost else "?")


def filtering(rows: int, rate: int) -> str:
    """A filter over all that is kept: the first screen and the end; then again, with keys pressed all the while."""
    terminal = start(rows, rate, 10 * rows + 10_000_000)
    first, alone = filter_all(terminal, lambda: terminal.idle(0.05))
    write_filter(terminal, b"")
    waits: list[float] = []
    place = 0

    def press() -> None:
        nonlocal place
        place = place - MARKED if waits else cursor(terminal) - MARKED
        waits.append(terminal.waited(b"k", b"/@%d/" % place) or 5_000.0)
        # As a keyboard repeats.
        terminal.idle(max(0.0, 0.033 - waits[-1] / 1_000))

    _, pressed = filter_all(terminal, press)
    leave(terminal)
    return (
        f"{rows:,} kept, {rate:,}/s: first screen {first:.0f} ms, all of it {alone:.1f} s; with {len(waits)} keys "
        f"meanwhile {pressed:.1f} s, p95 {_cuts(waits)[18]:.0f} ms, the longest {max(waits, default=0):.0f} ms"
    )


def filter_all(terminal: Terminal, meanwhile: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds to the first screen, and seconds until all that is kept has been looked at."""
    terminal.press(b"/")
    terminal.idle(0.3)
    terminal.press(FILTER)
    terminal.idle(0.08)
    pressed = time.perf_counter()
    first = terminal.waited(b"\r", MARKED_ROWS, 30)
    terminal.watch(SHOWN, lambda found: _figure(found[1]) * MARKED > 0.999 * _figure(found[2]))
    while terminal.spotted_at is None and time.perf_counter() < pressed + PATIENCE:
        meanwhile()
    return first or 30_000.0, (terminal.spotted_at or time.perf_counter()) - pressed


def _cuts(waits: list[float]) -> list[float]:
    """At every twentieth."""
    return statistics.quantiles(waits, n=20) if len(waits) > 1 else [0.0] * 19


def _figure(text: bytes) -> int:
    return int(text.replace(b",", b""))


def _again(sequence: tuple[bytes, ...]) -> Iterator[bytes]:
    while True:
        yield from sequence


def report(short: bool) -> None:
    """Every list at every load."""
    print("\n## The screen\n\nMilliseconds from a key to its row painted, in a terminal of 120 by 40.\n")
    rows: list[tuple[str, ...]] = []
    if short:
        rows += measure(2_000, 2_000, 0.5)
    else:
        for count in (100_000, 1_000_000):
            for rate in (5_000, 20_000):
                rows += measure(count, rate, 12.0)
                rows += measure_bound(count, rate, 8.0)
    print(table(HEAD, rows), flush=True)
    if short:
        return
    print("\nA filter over all that is kept:\n")
    for rate in (0, 5_000, 20_000):
        print(f"- {filtering(1_000_000, rate)}", flush=True)


def main() -> None:
    """One size and one load."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", action="append", choices=PARTS)
    options = parser.parse_args()
    parts = options.only or PARTS
    rows: list[tuple[str, ...]] = []
    if "lists" in parts:
        rows += measure(options.rows, options.rate, options.seconds)
    if "bound" in parts:
        rows += measure_bound(options.rows, options.rate, options.seconds)
    print(table(HEAD, rows))
    if "filter" in parts:
        print(filtering(options.rows, options.rate))


if __name__ == "__main__":
    main()
