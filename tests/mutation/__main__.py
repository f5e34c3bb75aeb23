"""`python -m mutation [ROOM …] [--most N] [--seed N] [--jobs N]`: how many faults in the heart the tests notice.

Each room's mutants are tried, at most `--most` of them drawn by `--seed`. What no test notices is printed with its
line as it is found; then comes the score. What changes nothing that can be seen stands in `equivalent.toml` with the
reason, and is not tried; an entry there that fits no place any more is said. With `--quick` a room's own test files and
the scenarios are asked alone: minutes instead of an hour, and at least so many are noticed.
"""

import argparse
import ast
import os
import random
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

import pytest

from mutation.mutants import Mutant, mutants_of
from mutation.trying import Trying

TESTS: Final = Path(__file__).parents[1]
EQUIVALENT: Final = Path(__file__).with_name("equivalent.toml")
EVERYWHERE: Final = (
    "test_scenarios.py",
    "test_every_split.py",
    "test_below_tcp.py",
    "test_loss.py",
    "test_pairs_under_loss.py",
)
"""What concerns every room, the scenarios first."""
_SPOKEN: Final = ("test_connection.py", "test_verdicts.py", "test_unread.py", "test_preamble.py")
_HTTP1: Final = ("test_answers.py", "test_framing.py", "test_growth.py", "test_pairing.py")
_TABLE: Final = ("test_flow_table.py", "test_time.py", "test_networks.py", "test_bounds.py")
_TLS: Final = ("test_side.py", "test_decryption.py", "test_handshakes.py", "test_not_opened.py")
ROOMS: Final[dict[str, tuple[str, ...]]] = {
    "checks.hsts": ("test_protection_checks.py", "test_every_check.py"),
    "http.candidates": ("test_pairing.py",),
    "http.pairing": ("test_pairing.py",),
    "http.framing": ("test_framing.py",),
    "http.rows": ("test_rows.py", "test_growth.py", "test_coding_problems.py"),
    "http1.chunks": ("test_chunks.py",),
    "http1.conversation": (
        "test_conversation.py",
        *_HTTP1,
        *_SPOKEN,
        "test_after_101.py",
        "test_bounds.py",
        "test_over_tcp.py",
        "test_protocols.py",
    ),
    "http1.parser": _HTTP1,
    "http1.request_reader": ("test_request_reader.py", *_HTTP1),
    "http1.response_reader": _HTTP1,
    "http1.response_rows": _HTTP1,
    "http1.resync": ("test_resync.py",),
    "detect.detector": ("test_detector.py", *_SPOKEN),
    "detect.preamble": ("test_preamble.py", "test_detector.py"),
    "detect.protocol": ("test_detector.py", "test_protocols.py"),
    "detect.undetected": ("test_detector.py", *_SPOKEN),
    "model.view": ("test_view.py",),
    "pipeline": ("test_networks.py", "test_segments.py", "test_time.py", "test_bounds.py", "test_live.py"),
    "query.states": ("test_query.py",),
    "response_collector": ("test_response_collector.py",),
    "tcp.connection": ("test_one_connection.py", *_SPOKEN, *_TABLE),
    "tcp.segments": ("test_arrivals.py", "test_segments.py", "test_one_connection.py", *_TABLE, "test_connection.py"),
    "tcp.flows": ("test_shared_keys.py", *_TABLE, "test_one_connection.py", "test_arrivals.py"),
    "tcp.assembler": ("test_repeats.py", "test_assembler.py"),
    "tcp.holding": ("test_assembler.py", "test_repeats.py"),
    "tcp.overlap": ("test_overlap.py", "test_repeats.py", "test_assembler.py"),
    "tcp.former": ("test_former.py",),
    "tcp.networks": ("test_networks.py",),
    "tcp.reopening": ("test_reopening.py",),
    "tcp.resets": ("test_reset_rules.py",),
    "tls.losses": _TLS,
    "tls.opening": _TLS,
    "tls.protection": _TLS,
    "tls.session": _TLS,
    "tls.side": _TLS,
    "websocket.frames": ("test_websocket_frames.py", "test_after_101.py"),
}
"""Room: the test files of its own, which run before those that concern every room."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m mutation")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=", ".join(ROOMS))
    parser.add_argument("--most", type=int, default=10_000, help="mutants of a room; all unless told")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=2, help="mutants at a time")
    parser.add_argument("--quick", action="store_true", help="ask the room's own test files and the scenarios alone")
    parser.add_argument("--in", dest="within", default="", metavar="NAME", help="only in functions that contain this")
    options = parser.parse_args()
    unknown = set(options.rooms) - set(ROOMS)
    if unknown:
        parser.error(f"no such room: {', '.join(sorted(unknown))}; there are {', '.join(ROOMS)}")
    worst = 0
    for room in options.rooms or ROOMS:
        # A process for each, since pytest collects once in its life.
        if not (child := os.fork()):
            return try_room(room, options)
        worst = max(worst, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return worst


def try_room(room: str, options: argparse.Namespace) -> int:
    known = equivalent(room)
    missing = set(known)

    def draw(tree: ast.Module) -> list[Mutant]:
        every = list(mutants_of(tree))
        missing.difference_update(each.key for each in every)
        every = [each for each in every if each.key not in known and options.within in each.function]
        chosen = random.Random(options.seed).sample(every, min(options.most, len(every)))
        return sorted(chosen, key=lambda each: each.lines.start)

    trying = Trying(module_of(room), draw, ROOMS[room], options.jobs)
    names = (*ROOMS[room], *EVERYWHERE[: 1 if options.quick else None])
    files = [path for name in dict.fromkeys(names) for path in sorted(TESTS.rglob(name))]
    words = ["-q", "-s", "-m", "not slow", "-p", "no:cacheprovider"]
    with tempfile.TemporaryDirectory() as folder:
        code = pytest.main([*words, "--basetemp", f"{folder}/tests", *map(str, files)], plugins=[trying])
    for key in sorted(missing):
        print(f"equivalent.toml: no such place in {room}: {' | '.join(key)}")
    if trying.broken or code:
        print(trying.broken or f"pytest ended with {code}")
        return 1
    tried, noticed = len(trying.tried), len(trying.tried) - len(trying.survivors)
    share = noticed / max(1, tried)
    print(f"{room}: {noticed} of {tried} noticed, {share:.1%}; {len(known)} more change nothing", flush=True)
    return 0


def module_of(room: str) -> str:
    """Its full name; rooms of `model` are the screen's."""
    return f"httpresp_{'tui' if room.startswith('model.') else 'capture'}.{room}"


def equivalent(room: str) -> dict[tuple[str, str, str], str]:
    """Function, statement and change of each mutant of a room that changes nothing: why."""
    entries = tomllib.loads(EQUIVALENT.read_text("utf-8")).get(room, [])
    return {(each["function"], each["statement"], each["change"]): each["reason"] for each in entries}


if __name__ == "__main__":
    sys.exit(main())
