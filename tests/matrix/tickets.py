"""TLS 1.2 with a ticket that the server renews as it is used (RFC 5077 §3.3): the line that tshark lacks.

tshark 4.0 keeps one ticket a connection, so that it looks the secret up by the new ticket, which nothing was sealed
with yet. That is of no matter where whoever wrote the keys has a line for the resumed connection as well; Go has none.
Here the line is made of what was sent in clear alone, without our own reader of TLS: the resumed connection has the
secret of the one that its ticket came from.
"""

import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from matrix.place import program

CLIENT_HELLO, NEW_TICKET = "1", "4"
LABEL: Final = "CLIENT_RANDOM"


@dataclass
class Said:
    """What a connection says of tickets, in hexadecimal."""

    random: str = ""
    """The client's."""
    offered: str = ""
    given: str = ""


def completed(capture: Path, keys: Path) -> Path | None:
    """`keys` and those lines, in a file beside the capture; None where none is lacking."""
    secrets = dict(line.split()[1:] for line in keys.read_text().splitlines() if line.startswith(LABEL))
    behind: dict[str, str] = {}
    made: list[str] = []
    for said in _connections(capture):
        secret = secrets.get(said.random) or behind.get(said.offered)
        if secret is None or not said.given:
            continue
        behind[said.given] = secret
        if said.random not in secrets:
            made.append(f"{LABEL} {said.random} {secret}\n")
    if not made:
        return None
    whole = capture.with_suffix(".keys")
    whole.write_text(keys.read_text() + "".join(made))
    return whole


def _connections(capture: Path) -> Iterator[Said]:
    command = [str(program("tshark")), "-n", "-2", "-r", str(capture), "-T", "pdml", "-J", "tcp tls"]
    hellos = f"tls.handshake.type=={CLIENT_HELLO}||tls.handshake.type=={NEW_TICKET}"
    done = subprocess.run([*command, "-Y", hellos], capture_output=True, check=True)
    found: dict[str, Said] = defaultdict(Said)
    for packet in ElementTree.fromstring(done.stdout).iter("packet"):
        values = {field.get("name"): field for field in packet.iter("field")}
        said = found[values["tcp.stream"].get("show", "")]
        for message in packet.iter("field"):
            kind = {field.get("name"): field for field in message}.get("tls.handshake.type")
            if kind is not None and kind.get("show") == CLIENT_HELLO:
                said.random = values["tls.handshake.random"].get("value", "")
                said.offered = "".join(
                    part.get("value", "")
                    for each in message.iter("field")
                    if each.get("show", "").startswith("Extension: session_ticket")
                    for part in each
                    if part.get("name") == "tls.handshake.extension.data"
                )
            elif kind is not None and kind.get("show") == NEW_TICKET:
                said.given = values["tls.handshake.session_ticket"].get("value", "")
    yield from found.values()
