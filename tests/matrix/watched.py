"""One client as `httpresp-tui -- CLIENT`: what is shown of what it asks, with no keys but its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from matrix.clients import PATIENCE, Client, Errand
from matrix.place import Place, Spoken

WITHOUT_KEYS: Final = ("grpcio", "Go", "Java")
"""Clients that write none, whatever they are asked."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a run printed."""

    statuses: tuple[int, ...]
    """Of the responses that were read."""
    summary: str
    """The output of the client, and below it the figures of the run."""

    @property
    def reason(self) -> str:
        """Why it shows nothing; empty where nothing is said."""
        lines = [
            line.split(maxsplit=2) for line in self.summary.splitlines() if line.startswith(("  no key", "  no owner"))
        ]
        return lines[0][2] if lines else ""


def run_watched(client: Client, place: Place, spoken: Spoken) -> Watched:
    """Run it so; what it needs before stands in its other commands."""
    folder = place.folder / f"watched-{client.name}-{spoken.http}-{spoken.tls}".replace(" ", "-")
    folder.mkdir()
    errand = Errand(place.ports[spoken], spoken, place.site, folder)
    known = {**os.environ, "HOME": str(folder), "NODE_EXTRA_CA_CERTS": errand.authority}
    *before, words = client.commands(errand)
    for each in before:
        subprocess.run(each, env=known, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=PATIENCE)
    program = [sys.executable, "-m", "httpresp_tui", "--json", "-i", "lo", "-p", str(errand.port), "--"]
    done = subprocess.run(
        [*program, *words], env=known, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=PATIENCE
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    answers = [event["args"][1]["value"] for event in events if event["eventName"] == "net_packet_http_response"]
    return Watched(tuple([answer["status_code"] for answer in answers]), done.stderr.decode(errors="replace"))
