"""What a server is told: where its files are, on which port it speaks what, and into which file its keys go."""

import os
import shutil
import socket
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

from httpresp_capture.command.folder import PrivateFolder
from httpresp_capture.command.preload import preload_library
from matrix.site import Site

PEERS: Final = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one port speaks, and nothing else."""

    http: str
    """`h1` or `h2`."""
    tls: str
    """`1.2` or `1.3`."""

    @property
    def alpn(self) -> str:
        return "h2" if self.http == "h2" else "http/1.1"

    def __str__(self) -> str:
        return f"{self.http} TLS {self.tls}"


SPOKEN: Final = tuple([Spoken(http, tls) for http in ("h1", "h2") for tls in ("1.2", "1.3")])


class Place:
    """A folder of a server's own, with a free port for each of `SPOKEN`."""

    def __init__(self, folder: Path, site: Site, backend: int) -> None:
        folder.mkdir()
        folder.chmod(0o777)  # A worker that gave root up writes here.
        self.folder = folder
        self.site = site
        self.backend = backend
        """The port of a server in clear, for those that only hand on."""
        self.keys = folder / "keys"
        self.keys.touch()
        self.keys.chmod(0o666)
        self.ports = dict(zip(SPOKEN, _free_ports(len(SPOKEN)), strict=True))

    def filled(self, name: str) -> Path:
        """A file of `peers/` with what this place knows put in for its `$names`."""
        known = {
            **{f"{spoken.http}_{spoken.tls.replace('.', '')}": port for spoken, port in self.ports.items()},
            "folder": self.folder,
            "www": self.site.files,
            "cert": self.site.certificate,
            "key": self.site.key,
            "keys": self.keys,
            "backend": self.backend,
        }
        made = self.folder / name
        made.write_text(Template((PEERS / name).read_text()).substitute(known))
        return made

    def environment(self) -> dict[str, str]:
        """Has programs write their keys: by themselves, or by the library that `-- COMMAND` loads too."""
        made = {
            **os.environ,
            "SSLKEYLOGFILE": str(self.keys),
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder),
        }
        library = helper(self.folder.parent)
        return made if library is None else {**made, "LD_PRELOAD": str(library)}


@cache
def helper(folder: Path) -> Path | None:
    """The library; None without a C compiler."""
    return preload_library(PrivateFolder(folder))


def program(name: str) -> str | None:
    """Where it is: beside this Python, where the packages of the group `matrix` put theirs, or on the path."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin"))
    return shutil.which(name, path=path)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
