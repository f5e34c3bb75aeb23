"""Live capture under load, beside tcpdump and Scapy's plain sniffer. Linux, root: it makes a network of its own.

`report` starts `python -m benchmarks.live` in a fresh network namespace, where two virtual interfaces are joined; a
replay of small responses goes in at one end, and who is measured listens at the other. What the kernel does for a
packet until it lies in the listener's buffer is done on the sender's time, for all of them alike.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Capture, folder, made
from benchmarks.process import Used, waited
from benchmarks.tables import number, table
from benchmarks.terminal import Terminal

HEAD = ("listener", "packets/s sent", "seen", "kernel drops", "responses", "of those sent", "µs CPU/packet", "peak MB")
COUNT = r"\d[\d,]*\d|\d"
SENDER, LISTENER = "bench0", "bench1"
OURS = [sys.executable, "-m", "httpresp_tui", "-i", LISTENER]
REPLAYED = 20_000
"""Responses in one round of the replay."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one listener made of the load."""

    packets: str
    drops: str
    responses: str
    used: Used


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent."""

    capture: Capture
    rate: int
    seconds: float

    def send(self) -> dict[str, float]:
        """Replay; what was sent."""
        words = [str(self.capture.path), SENDER, str(self.rate), str(self.seconds)]
        command = [sys.executable, "-m", "benchmarks.replay", *words]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


Listener = Callable[[Callable[[], None]], Heard]
"""Listens while it calls what it is given."""


def _process(command: list[str], starting: float, ending: signal.Signals, send: Callable[[], None]) -> tuple[Used, str]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        time.sleep(starting)
        send()
        time.sleep(1.0)
        os.kill(process.pid, ending)
        used = waited(process)
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
        if used.status > 0:
            raise SystemExit(f"{command} failed: {text}")
        return used, text


def printing(send: Callable[[], None]) -> Heard:
    """Ours with `--json`, to /dev/null."""
    used, said = _process([*OURS, "--json"], 2.0, signal.SIGINT, send)
    return _heard(said, used)


def drawing(send: Callable[[], None]) -> Heard:
    """Ours with its screen, in a pty that is read."""
    terminal = Terminal(OURS)
    terminal.idle(2.0)
    reading = threading.Event()

    def read() -> None:
        while not reading.is_set():
            terminal.idle(0.2)

    reader = threading.Thread(target=read)
    reader.start()
    send()
    time.sleep(1.5)
    peak = _peak(terminal.pid)
    reading.set()
    reader.join()
    terminal.press(b"q")
    said = terminal.rest(30)
    cpu = terminal.wait()
    return _heard(said, Used(cpu, 0.0, peak, 0))


def _heard(summary: str, used: Used) -> Heard:
    """By what our program says at its end."""
    lost = _first(rf"({COUNT}) rows? here", summary)
    drops = _first(rf"({COUNT}) packets? by the kernel", summary) + ("" if lost == "0" else f" + {lost} rows")
    responses, packets = _first(rf"({COUNT}) response", summary), _first(rf"packets +({COUNT}) in", summary)
    return Heard(packets, drops, responses, used)


def tcpdump(send: Callable[[], None]) -> Heard:
    """tcpdump, a buffer as large as ours."""
    command = ["tcpdump", "-n", "-i", LISTENER, "-B", "32768", "-w", "/dev/null", "tcp"]
    used, said = _process(command, 1.0, signal.SIGINT, send)
    return Heard(_first(r"(\d+) packets? captured", said), _first(r"(\d+) packets? dropped by kernel", said), "", used)


def sniffer(send: Callable[[], None]) -> Heard:
    """AsyncSniffer without anything of ours; it does not say what the kernel dropped."""
    command = [sys.executable, "-m", "benchmarks.plain_sniffer", LISTENER]
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL)
        time.sleep(2.0)
        send()
        time.sleep(1.0)
        os.kill(process.pid, signal.SIGTERM)
        used = waited(process)
        out.seek(0)
        return Heard(out.read().decode().strip(), "not told", "", used)


LISTENERS: dict[str, tuple[Listener, int]] = {
    "httpresp-tui": (drawing, 0),
    "httpresp-tui --json": (printing, 0),
    "tcpdump -w /dev/null": (tcpdump, 0),
    "Scapy AsyncSniffer": (sniffer, 5_000),
}
"""Name: how it listens, and the most packets a second that it is given (0 for all)."""


def one(name: str, load: Load) -> tuple[str, ...]:
    """A line of the table."""
    listen, most = LISTENERS[name]
    chosen = Load(load.capture, min(load.rate, most or load.rate), load.seconds if not most else min(load.seconds, 5.0))
    sent: dict[str, float] = {}
    idle = listen(lambda: time.sleep(1.0)).used.cpu
    heard = listen(lambda: sent.update(chosen.send()))
    truth = load.capture.truth.responses * sent["rounds"]
    cost = max(0.0, heard.used.cpu - idle) / sent["sent"] * 1e6
    return (
        name, f"{sent['rate']:,.0f}", heard.packets, heard.drops, heard.responses,
        f"{truth:,.0f}" if heard.responses else "", number(cost), f"{heard.used.peak:.0f}",
    )  # fmt: skip


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else "?"


def _peak(pid: int) -> float:
    """Of a process and those that it has started, of which the engine is one."""
    process = Path(f"/proc/{pid}")
    peak = int(_first(r"VmHWM:\s+(\d+)", (process / "status").read_text())) / 1_024
    children = (child for task in (process / "task").iterdir() for child in (task / "children").read_text().split())
    return peak + sum(_peak(int(child)) for child in children)


def report(short: bool) -> None:
    """In a namespace of its own, when that may be."""
    print("\n## Live\n")
    if os.geteuid() or not shutil.which("unshare") or not shutil.which("ip"):
        print("Left out: it needs root on Linux, `unshare` and `ip`.")
        return
    words = ["--short"] if short else []
    subprocess.run(["unshare", "--net", sys.executable, "-m", "benchmarks.live", *words], check=True)


def main() -> None:
    """Inside the namespace."""
    short = "--short" in sys.argv
    for command in (
        f"link add {SENDER} type veth peer name {LISTENER}",
        f"link set {SENDER} up",
        f"link set {LISTENER} up",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    responses = 2_000 if short else REPLAYED
    capture = made("small", responses, folder())
    loads = [Load(capture, 20_000, 2.0)] if short else [Load(capture, 20_000, 20.0), Load(capture, 100_000, 20.0)]
    names = [name for name in LISTENERS if name != "tcpdump -w /dev/null" or shutil.which("tcpdump")]
    if short:
        names = [name for name in names if name in ("httpresp-tui", "tcpdump -w /dev/null")]
    rows = [one(name, load) for load in loads for name in names if load is loads[0] or not LISTENERS[name][1]]
    if not short:
        # 20 000 responses a second for a minute.
        minute = Load(capture, round(20_000 * capture.truth.packets / capture.truth.responses), 60.0)
        rows.append(one("httpresp-tui", minute))
    print(table(HEAD, rows), flush=True)


if __name__ == "__main__":
    main()
