"""How long a key waits for its row, and a filter for its first screen, seen from outside the terminal.

    python -m benchmarks.screen --rows 1000000 --rate 20000

The program runs in a pty as it is; this end presses keys at random moments and reads until the row that the cursor
must be on has been painted.
"""

import argparse
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.screen_app import MARKED
from benchmarks.tables import table
from benchmarks.terminal import Terminal

HEAD = ("list", "kept", "responses/s", "keys", "p50 ms", "p95 ms", "max ms", "unseen", "came", "lost")
FILTER = b"host:rare.example.com"
SEQUENCE = (b"j", b"j", b"j", b"k", b"j")
PATIENCE = 60.0
"""Seconds in which a list must have taken shape."""
FILLING = 600.0
ANY = rb"/@\d+/"


@dataclass(frozen=True, slots=True)
class Waits:
    """What keys waited in one kind of list."""

    kind: str
    waits: list[float]
    unseen: int

    def row(self, rows: int, rate: int, came: str, lost: str) -> tuple[str, ...]:
        cuts = statistics.quantiles(self.waits, n=20) if len(self.waits) > 1 else [0.0] * 19
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


def keys(terminal: Terminal, kind: str, seconds: float, pattern: Callable[[int], bytes] | None) -> Waits:
    """Press from the top of the list; `pattern` makes what the row at a place must show, None takes any row."""
    if not settled(terminal, pattern(0) if pattern else ANY):
        return Waits(f"{kind}: not whole after {PATIENCE:.0f} s", [], 0)
    waits: list[float] = []
    unseen = place = 0
    elapsed = 0.0
    for key in _again(SEQUENCE):
        if elapsed >= seconds:
            break
        place = max(0, place + (1 if key == b"j" else -1))
        wait = terminal.waited(key, pattern(place) if pattern else ANY)
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
    """Flat, filtered, both in groups."""
    terminal = start(rows, rate, 10 * rows + 10_000_000)
    found = [keys(terminal, "flat", seconds, lambda place: b"/@%d/" % (place + 1))]
    write_filter(terminal, FILTER)
    found.append(keys(terminal, "filtered", seconds, lambda place: b"/@%d/" % ((place + 1) * MARKED)))
    terminal.press(b"t")
    terminal.idle(1.0)
    found.append(keys(terminal, "grouped and filtered", seconds, None))
    write_filter(terminal, b"")
    terminal.idle(1.0)
    found.append(keys(terminal, "grouped", seconds, None))
    came, lost = leave(terminal)
    return [waits.row(rows, rate, came, lost) for waits in found]


def measure_bound(rows: int, rate: int, seconds: float) -> list[tuple[str, ...]]:
    """With as many kept as may be: the oldest leave while keys are pressed among the newest of a filter."""
    terminal = start(rows, rate, rows)
    write_filter(terminal, FILTER)
    terminal.idle(4 + rows / 100_000)
    terminal.press(b"G")
    terminal.idle(1.0)
    waits: list[float] = []
    unseen, id = 0, rows - rows % MARKED
    while len(waits) + unseen < seconds * 8 and id > rows // 2:
        id -= MARKED
        wait = terminal.waited(b"k", b"/@%d/" % id)
        unseen += wait is None
        waits += [wait] if wait is not None else []
        terminal.idle(0.05 + random.random() * 0.1)
    came, lost = leave(terminal)
    return [Waits("filtered, at the bound", waits, unseen).row(rows, rate, came, lost)]


def leave(terminal: Terminal) -> tuple[str, str]:
    """Quit; responses that came in a second, and events that were lost, by the summary."""
    terminal.press(b"q")
    text = terminal.rest(30)
    terminal.wait()
    seen = re.search(r"bench0: (\d[\d,]*) response", text)
    lost = re.search(r"ours (\d[\d,]*\d|\d)", text)
    return (seen[1] if seen else "?"), (lost[1] if lost else "?")


def filtering(rows: int, rate: int) -> str:
    """A filter over all that is kept: the first screen, the end, and the keys between them."""
    terminal = start(rows, rate, 10 * rows + 10_000_000)
    terminal.press(b"/")
    terminal.idle(0.3)
    terminal.press(FILTER)
    terminal.idle(0.08)
    newest = rows - rows % MARKED
    terminal.watch(f"{rows // MARKED:,}".encode() + rb"(?:\x1b\[[0-9;]*m)*(?: of |/)")
    pressed = time.perf_counter()
    # So far up that it was not on the screen before.
    first = terminal.waited(b"\r", b"/@%d/" % (newest - 10 * MARKED), 30)
    waits: list[float] = []
    id = newest
    while terminal.spotted_at is None and id > MARKED and time.perf_counter() < pressed + 120:
        id -= MARKED
        waits.append(terminal.waited(b"k", b"/@%d/" % id) or 5_000.0)
        terminal.idle(0.03)
    terminal.press(b"q")
    terminal.rest(30)
    terminal.wait()
    shown = f"{first:.0f} ms" if first is not None else "not seen"
    done = f"{terminal.spotted_at - pressed:.1f} s" if terminal.spotted_at else "not seen"
    keys = f"{len(waits)} keys meanwhile, the longest {max(waits, default=0):.0f} ms"
    return f"{rows:,} kept, {rate:,}/s: first screen {shown}, all of it {done}; {keys}"


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
    options = parser.parse_args()
    rows = measure(options.rows, options.rate, options.seconds)
    rows += measure_bound(options.rows, options.rate, options.seconds)
    print(table(HEAD, rows))
    print(filtering(options.rows, options.rate))


if __name__ == "__main__":
    main()
