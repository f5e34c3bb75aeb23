"""A network of its own with addresses from the documentation ranges, all on loopback, and tcpdump on it.

A recording runs in a fresh network namespace: nothing but its own traffic can get into the capture, and no address of
the machine. Loopback carries frames of an ordinary size here (MTU 1500, no offload), so that captures look as on a
wire. Needs root, `unshare`, `ip` and tcpdump.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

INSIDE = "HTTPRESP_RECORDING"
ADDRESSES = {
    "laptop": "192.0.2.21",
    "phone": "192.0.2.22",
    "monitor": "192.0.2.23",
    "stranger": "192.0.2.99",
    "laptop6": "2001:db8:1::21",
    "nginx": "198.51.100.10",
    "nginx6": "2001:db8:2::10",
    "python": "198.51.100.20",
    "node": "198.51.100.30",
    "secure": "198.51.100.40",
    "legacy": "203.0.113.66",
}


def enter(module: str) -> None:
    """Run the module anew in its own network; returns only inside of it."""
    if os.environ.get(INSIDE):
        return
    if os.geteuid() != 0:
        sys.exit("a recording needs root: it makes a network namespace and captures in it")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", sys.executable, "-m", module, *sys.argv[1:]])


def prepare(sources: Mapping[str, str] | None = None) -> None:
    """Give loopback its addresses and the frame size of an Ethernet. `sources` are more servers, and from which address
    each is reached where a client binds none."""
    more = sources or {}
    every = dict.fromkeys((*ADDRESSES.values(), *more, *more.values()))
    commands = [
        "ip link set lo up",
        "ip link set lo mtu 1500",
        "ip link set dev lo gso_max_segs 1",
        *(f"ip addr add {address} dev lo {'nodad' if ':' in address else ''}" for address in every),
        *(f"ip route replace local {server} dev lo src {source} table local" for server, source in more.items()),
    ]
    for command in commands:
        subprocess.run(command.split(), check=True)


@contextmanager
def captured(path: Path, wanted: str = "tcp") -> Generator[None, None, None]:
    """Capture what a filter lets through on loopback into a pcap file while the body runs."""
    command = ["tcpdump", "-i", "lo", "-Z", "root", "-s", "0", "-B", "16384", "--time-stamp-precision=nano"]
    # Otherwise the last packets wait in the kernel for a second, and are never read.
    command.append("--immediate-mode")
    # The first line on standard error says that the socket is open.
    sniffer = subprocess.Popen([*command, "-U", "-w", str(path), wanted], stderr=subprocess.PIPE, text=True)
    assert sniffer.stderr is not None
    sniffer.stderr.readline()
    try:
        yield
    finally:
        sniffer.send_signal(signal.SIGINT)
        said = sniffer.stderr.read()
        sniffer.wait()
        print(said.strip())
        captured_by_us, received, dropped = (int(line.split()[0]) for line in said.splitlines()[-3:])
        # The filter sees each packet of loopback twice, on its way out and on its way in.
        assert (captured_by_us * 2, dropped) == (received, 0)


@contextmanager
def running(*command: str, cwd: Path | None = None) -> Generator[None, None, None]:
    """A server process while the body runs; it is given a moment by `clients.wait_for`."""
    process = subprocess.Popen(command, cwd=cwd)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
