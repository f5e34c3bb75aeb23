"""Where fuzzing begins: small captures of every link type, and every answer of the scenarios."""

from pathlib import Path
from random import Random

from httpresp_capture.link import DECODERS
from traffic.captures import Recipe, RouteOf, make_capture, pcap, pcapng
from traffic.frames import LINKS, Route
from traffic.scenario import load
from traffic.values import Ends
from wrapped import ETHERNET, TUNNELS, exchange
from wrapped import LINKS as LINK_TYPES

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def on_link(link_type: int, tags: tuple[tuple[int, int], ...]) -> RouteOf:
    """Every connection over one link layer."""

    def route(_rng: Random, ends: Ends) -> Route:
        return Route(ends, link_type, tags)

    return route


def capture_files() -> list[bytes]:
    """A few connections each; also big-endian microseconds, which our own writer does not write."""
    out: list[bytes] = []
    for seed, (link_type, tags) in enumerate(LINKS):
        recipe = Recipe(3, lost=0.05, route=on_link(link_type, tags))
        frames = make_capture(seed, recipe).frames[:25]
        out.append(pcap(frames, link_type))
        if seed % 3 == 0:
            out.append(pcapng(frames))
    mixed = make_capture(99, Recipe(4)).frames[:30]
    out.append(pcapng(mixed))
    return out


def directions() -> list[bytes]:
    """What one side says in each scenario, with the two bytes that the target reads first."""
    out: list[bytes] = []
    for scenario in load(SCENARIOS):
        for way, first in (("server", 0), ("client", 1), ("server", 6)):
            said = "".join(step.get("bytes", "") for step in scenario.told["steps"] if step.get("from") == way)
            if said:
                out.append(bytes((first, 21)) + said.encode("latin-1"))
    return out


def frames() -> list[bytes]:
    """A request in every tunnel and behind every link type, with the byte that chooses it."""
    request = exchange(4)[2]
    of_kind = [(ETHERNET, wrap) for wrap, _ in TUNNELS.values()] + list(LINK_TYPES.values())
    return [bytes((sorted(DECODERS).index(link_type),)) + wrap(request) for link_type, wrap in of_kind]


SEEDS = {"capture-file": capture_files, "frame": frames, "one-direction": directions}
