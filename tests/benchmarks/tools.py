"""What is measured: our program, and whatever a person might use instead. One table."""

import importlib.util
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.checking import OURS
from benchmarks.installed import plain

Command = Callable[[str], list[str]]
"""The words of the command for a capture; it runs in a folder of its own."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One program."""

    name: str
    needs: str
    """A program on PATH, or `python:` and a module."""
    command: Command
    opens_tls: bool = False
    """With the secrets that a capture holds."""
    upto: int = 0
    """Too slow for a whole capture: it is given the first so many packets, and its cost is scaled. 0 for all."""

    @property
    def installed(self) -> bool:
        kind, _, module = self.needs.rpartition(":")
        if kind:
            return importlib.util.find_spec(module) is not None
        return shutil.which(self.needs) is not None


def _python(module: str) -> Command:
    return lambda path: [sys.executable, "-m", f"benchmarks.{module}", path]


RESPONSES = "http.response or http2.headers.status"
FIELDS = (
    "http2.headers.status",
    "http.response.code",
    "http.response.phrase",
    "http.content_type",
    "http.content_length",
    "http.server",
)

TOOLS: tuple[Tool, ...] = (
    Tool("httpresp-tui --json", "python:httpresp_tui", lambda path: [*OURS, path], opens_tls=True),
    Tool(
        "the same in plain Python",
        "python:httpresp_tui",
        lambda path: ["env", f"PYTHONPATH={plain()}", *OURS, path],
        opens_tls=True,
    ),
    Tool("its pipeline alone", "python:httpresp_capture", _python("pipeline"), opens_tls=True),
    Tool(
        "tshark -T json",
        "tshark",
        lambda path: ["tshark", "-n", "-r", path, "-Y", RESPONSES, "-T", "json"],
        opens_tls=True,
    ),
    Tool(
        "tshark -T fields",
        "tshark",
        lambda path: (
            ["tshark", "-n", "-r", path, "-Y", RESPONSES, "-T", "fields"]
            + [word for field in FIELDS for word in ("-e", field)]
        ),
        opens_tls=True,
    ),
    Tool("httpry", "httpry", lambda path: ["httpry", "-q", "-r", path, "-o", "/dev/null"]),
    Tool("tcpflow", "tcpflow", lambda path: ["tcpflow", "-q", "-o", ".", "-r", path]),
    Tool("tcpdump -w /dev/null", "tcpdump", lambda path: ["tcpdump", "-r", path, "-w", "/dev/null"]),
    Tool("Scapy TCPSession", "python:scapy", _python("scapy_session"), upto=6_000),
    Tool("pyshark", "python:pyshark", _python("pyshark_session"), upto=6_000),
)
OURSELVES, PIPELINE = TOOLS[0], TOOLS[2]


def cut(path: Path, packets: int) -> Path:
    """The first packets of one of our captures, as a file beside it."""
    short = path.with_suffix(f".first{packets}")
    if not short.exists():
        with path.open("rb") as whole, short.open("wb") as file:
            file.write(whole.read(24))
            for _ in range(packets):
                record = whole.read(16)
                file.write(record + whole.read(int.from_bytes(record[8:12], "little")))
    return short
