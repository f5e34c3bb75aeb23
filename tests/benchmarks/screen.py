"""How long a key waits for its row, seen from outside: `python tests/benchmarks/screen.py`.

A child process runs the list in a real terminal (a pty) with so many rows in it, while a thread puts responses into
its mailbox at a steady rate. The parent presses keys and reads the terminal until the row that the cursor must be on
has been painted. Nothing in the child helps: the text of a row is its id, and rows below the window paint nothing.
"""

import argparse
import fcntl
import os
import pty
import random
import re
import resource
import select
import statistics
import struct
import sys
import termios
import threading
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("capture", "tui", "tests")]

from textual.app import App, ComposeResult  # noqa: E402
from textual.filter import LineFilter  # noqa: E402

from httpresp_capture.events import Response, ResponseChanged, ResponseSeen, replace  # noqa: E402
from httpresp_tui.collector import Collector  # noqa: E402
from httpresp_tui.mailbox import Mailbox  # noqa: E402
from httpresp_tui.pacing import work_for  # noqa: E402
from httpresp_tui.printable import ControlFilter  # noqa: E402
from httpresp_tui.store import Store  # noqa: E402
from httpresp_tui.view import View  # noqa: E402
from httpresp_tui.widgets.response_list import ResponseList  # noqa: E402
from samples import FLOW, MS, START, request, response  # noqa: E402 (run as a script, from anywhere)

LINES, COLUMNS = 40, 120
PAGE = LINES - 1
KEYS = {"j": (b"j", 1), "k": (b"k", -1), "page down": (b"\x1b[6~", PAGE - 1), "page up": (b"\x1b[5~", 1 - PAGE)}
SEQUENCE = ("j", "j", "j", "page down", "j", "k", "page up")


def record(id: int) -> Response:
    """A response as a busy API gives them; its path is its id."""
    head = (
        b"HTTP/1.1 %d Some Reason\r\nServer: nginx/1.22.1\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
        b'Content-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\nETag: "%x"\r\n'
        b"Cache-Control: no-store\r\nVary: Accept-Encoding\r\nX-Request-Id: %032x\r\n\r\n"
    ) % ((200, 200, 200, 304, 404, 500, 301)[id % 7], id * 37 % 90_000, id, id)
    asked = b"GET /@%d/items?page=2 HTTP/1.1\r\nHost: api%d.example\r\nAccept: */*\r\n\r\n" % (id, id % 9)
    flow = replace(FLOW, id=id % 1_000 + 1, client_port=40_000 + id % 1_000)
    at = id * 200_000 / MS
    made = response(head, b"", at_ms=at + id * 13 % 900, id=id, flow=flow, request=request(asked, at_ms=at))
    assert made.at > START
    return made


def child(rows: int, rate: int, grouped: bool) -> None:
    """The list, filled and fed."""
    sys.setswitchinterval(0.001)
    before = resident()
    store = Store(max_responses=10_000_000)
    view = View(store)
    collector = Collector()
    for first in range(1, rows + 1, 5_000):
        batch = [ResponseSeen(record(id)) for id in range(first, min(first + 5_000, rows + 1))]
        view.update(store.apply(batch))
        collector.came(len(batch))
    bytes_a_row = (resident() - before) / max(1, rows)
    if grouped:
        view.group_by("flow")
        while not view.step():
            pass
    mailbox = Mailbox()
    # Made beforehand: what is measured is the screen, not the making of samples.
    cycle = [record(id) for id in range(1, 20_001)]

    def feed() -> None:
        ids = count(rows + 1)
        due = time.perf_counter()
        while True:
            fresh = [replace(cycle[id % len(cycle)], id=id) for id in (next(ids) for _ in range(rate // 20))]
            mailbox.put([ResponseSeen(replace(one, end=None)) if one.id % 2 else ResponseSeen(one) for one in fresh])
            mailbox.put([ResponseChanged(one) for one in fresh if one.id % 2])
            due += 0.05
            time.sleep(max(0.0, due - time.perf_counter()))

    class ListApp(App[None]):
        ENABLE_COMMAND_PALETTE = False

        def get_line_filters(self) -> Sequence[LineFilter]:
            return [*super().get_line_filters(), ControlFilter()]

        def compose(self) -> ComposeResult:
            yield ResponseList(view.rows)

        def on_mount(self) -> None:
            self.set_interval(1 / 15, self.tick)
            if rate:
                threading.Thread(target=feed, daemon=True).start()

        def tick(self) -> None:
            until = time.perf_counter() + 0.02
            while time.perf_counter() < until and (events := mailbox.drain(500)):
                view.update(store.apply(events))
                collector.came(len(events))
            if view.pending:
                work_for(0.01, view.step)
            self.query_one(ResponseList).sync()

        def key_q(self) -> None:
            used = resource.getrusage(resource.RUSAGE_SELF)
            cpu = used.ru_utime + used.ru_stime
            figures = f"{store.next_id - 1} {mailbox.waiting} {mailbox.lost.total} {bytes_a_row:.0f} {cpu:.1f}"
            self.exit(message=f"@END {figures}@")

    ListApp().run()


def resident() -> int:
    """Bytes of memory in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


class Terminal:
    """The parent's end: sends keys, reads paint."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.bytes = 0

    def read_until(self, pattern: bytes, seconds: float) -> bytes | None:
        """What was painted up to the pattern; None when it did not come."""
        seen = b""
        until = time.perf_counter() + seconds
        wanted = re.compile(pattern)
        while (left := until - time.perf_counter()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                data = os.read(self.fd, 65_536)
            except OSError:
                break
            self.bytes += len(data)
            seen += data
            if wanted.search(seen):
                return seen
        return None

    def idle(self, seconds: float) -> None:
        """Let the screen paint what it wants."""
        self.read_until(b"(?!)", seconds)


def measure(rows: int, rate: int, seconds: float, grouped: bool) -> None:
    """Press keys at random moments; print what they took."""
    started = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.environ.pop("NO_COLOR", None)
        child(rows, rate, grouped)
        os._exit(0)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    terminal = Terminal(fd)
    if terminal.read_until(rb"/@\d+/", 120) is None:
        raise SystemExit("the list did not appear")
    kind = "grouped by flow" if grouped else "flat"
    print(f"{rows:,} rows, {rate:,} responses/s, {kind}: ", end="")
    ready = time.perf_counter() - started
    os.write(fd, b"g")
    terminal.idle(1.0)
    if grouped:
        os.write(fd, b"j")
        terminal.idle(0.5)
    at = 1
    waits: list[float] = []
    lost = 0
    end = time.perf_counter() + seconds
    for name in (SEQUENCE[number % len(SEQUENCE)] for number in count()):
        if time.perf_counter() >= end:
            break
        data, step = KEYS[name] if not grouped else KEYS["j"]
        # In groups of 100 rows the ids of a flow are 1 000 apart, and its 101st line is the next group.
        at = max(1, at + step)
        pattern = rb"/@\d+/" if grouped else b"/@%d/" % at
        pressed = time.perf_counter()
        os.write(fd, data)
        if terminal.read_until(pattern, 5) is None:
            lost += 1
        else:
            waits.append((time.perf_counter() - pressed) * 1_000)
        terminal.idle(0.05 + random.random() * 0.1)
    os.write(fd, b"q")
    last = terminal.read_until(rb"@END [^@]*@", 10)
    found = re.search(rb"@END (\d+) (\d+) (\d+) (\d+) ([\d.]+)@", last or b"")
    os.waitpid(pid, 0)
    cuts = statistics.quantiles(waits, n=20)
    print(f"{len(waits)} keys, p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms, max {max(waits):.0f} ms, ", end="")
    print(f"unseen {lost}; ", end="")
    if found:
        total, waiting, dropped, size, cpu = found.groups()
        print(
            f"{int(total) - rows:,} came, {waiting.decode()} waiting, {dropped.decode()} lost; "
            f"{size.decode()} bytes a kept response; ready after {ready:.1f} s; CPU {cpu.decode()} s"
        )


def main() -> None:
    """Flat and grouped, quiet and under load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    for grouped in (False, True):
        for rate in (0, options.rate):
            measure(options.rows, rate, options.seconds, grouped)


if __name__ == "__main__":
    main()
