"""Which TCP connections are those of a command and of all that it starts.

Three witnesses. The preloaded library writes both ends of each connection as it is made: exact, for programs that load
libraries. For the others the system is asked whose socket it is as soon as a connection is opened
(`sources.live.openings`), which takes some tenths of a millisecond where the machine is not busy, and now and then
while they run. A connection that is gone before is not seen. A process belongs to the command as long as the process
that started it did.
"""

import ipaddress
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from httpresp_capture.records.flow import Flow
from httpresp_capture.sources.live.openings import End, Openings

__all__ = ["OwnSockets"]

MOST: Final = 100_000
"""Connections that are remembered; the oldest leave."""
MOST_LINE: Final = 200
BLOCK: Final = 1 << 16


class OwnSockets:
    """The connections of process `pid` and its descendants. `written` is the file of the preloaded library."""

    def __init__(self, pid: int, written: Path, openings: Openings | None = None) -> None:
        import psutil

        self._errors = (psutil.Error, OSError)
        self._file: BinaryIO = written.open("rb")
        self._rest = b""
        self._known: dict[tuple[End, End], None] = {}
        self._processes: dict[int, psutil.Process] = {}
        self._process = psutil.Process
        self._openings = openings
        self._kernel_tells = _has_children_files(pid)
        with suppress(*self._errors):
            self._processes[pid] = psutil.Process(pid)

    def owns(self, flow: Flow) -> bool:
        """True when one end of `flow` was seen to be the command's."""
        client, server = (flow.client, flow.client_port), (flow.server, flow.server_port)
        return (client, server) in self._known or (server, client) in self._known

    def read_written(self) -> None:
        """Take in what the preloaded library has written since the last call."""
        while data := self._file.read(BLOCK):
            lines = (self._rest + data).split(b"\n")
            self._rest = lines.pop()[:MOST_LINE]
            for line in lines:
                words = line.decode("ascii", "replace").split(" ")
                if len(words) == 4 and words[1].isdecimal() and words[3].isdecimal():
                    self._add((words[0], int(words[1])), (words[2], int(words[3])))

    def ask_openings(self) -> None:
        """Look whose the connections are that were opened since the last call."""
        if self._openings is None:
            return
        known = set(self._processes)
        strange: list[tuple[str, End, End]] = []
        for opener, other in self._openings.take():
            for inode in self._openings.sockets_of(opener, other):
                name = f"socket:[{inode}]"
                if any(_has_open(pid, name) for pid in known):
                    self._add(opener, other)
                else:
                    strange.append((name, opener, other))
        if strange:
            # Once for all of them: most are nobody's here, and there may be many.
            self._find_children()
            begun = self._processes.keys() - known
            for name, opener, other in strange:
                if any(_has_open(pid, name) for pid in begun):
                    self._add(opener, other)

    def ask_system(self) -> None:
        """Look which processes there are now, and which connections each has."""
        self._find_children()
        for process in list(self._processes.values()):
            try:
                for each in process.net_connections("tcp"):
                    if each.raddr:
                        self._add((each.laddr[0], each.laddr[1]), (each.raddr[0], each.raddr[1]))
            except self._errors:
                # It has ended, or has become another's.
                if not process.is_running():
                    del self._processes[process.pid]

    def _find_children(self) -> None:
        """What the kernel lists costs a tenth of a look over all processes of the system, in which the shortest
        connections would go by."""
        known = self._processes
        for process in list(known.values()):
            with suppress(*self._errors):
                if self._kernel_tells:
                    self._add_children(process.pid)
                elif process.ppid() not in known:
                    # It stands at the top: the first one, and whom its parent has left.
                    for child in process.children(recursive=True):
                        known.setdefault(child.pid, child)

    def _add_children(self, pid: int) -> None:
        for child in _children(pid):
            if child not in self._processes:
                with suppress(*self._errors):
                    self._processes[child] = self._process(child)
                    self._add_children(child)

    def close(self) -> None:
        """Nothing more is asked."""
        self._file.close()

    def _add(self, one: End, other: End) -> None:
        try:
            pair = (_shortest(one[0]), one[1]), (_shortest(other[0]), other[1])
        except ValueError:
            return
        self._known[pair] = None
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]


def _has_open(pid: int, name: str) -> bool:
    """True when a process has a file of this name open."""
    folder = f"/proc/{pid}/fd"
    with suppress(OSError):
        for number in os.listdir(folder):
            with suppress(OSError):  # It is closed by now.
                if os.readlink(f"{folder}/{number}") == name:
                    return True
    return False


def _has_children_files(pid: int) -> bool:
    """True where Linux was built to list the children of each thread (CONFIG_PROC_CHILDREN)."""
    return os.path.exists(f"/proc/{pid}/task/{pid}/children")


def _children(pid: int) -> list[int]:
    """Processes that a process has started and that live. Raises OSError when it is gone."""
    found: list[int] = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
            found += map(int, file.read().split())
    return found


def _shortest(address: str) -> str:
    """An address as a flow has it; one of IPv4 that is written as IPv6 is the former (RFC 4291 §2.5.5.2)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)
