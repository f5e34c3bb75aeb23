"""Every scenario of tests/scenarios is played, over IPv4 and over IPv6, and what must be seen is seen."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from httpresp_capture.query.texts import proxied
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness
from traffic.defaults import Defaults
from traffic.scenario import Player, Scenario, load
from traffic.watching import Watched

SCENARIOS = load(Path(__file__).parents[1] / "scenarios")


def request_of(row: Response) -> object:
    return f"{row.request.method} {row.request.target}" if row.request else False


def milliseconds(nanoseconds: int | None) -> float | bool:
    """False where it is not known, since TOML has no word for that."""
    return False if nanoseconds is None else nanoseconds / 1_000_000


FIELDS: dict[str, Callable[[Response], object]] = {
    "status": lambda row: row.status,
    "reason": lambda row: row.reason,
    "protocol": lambda row: row.protocol,
    "headers": lambda row: [list(item) for item in row.headers],
    "request": request_of,
    "request_problems": lambda row: sorted(problem.name for problem in row.request.problems) if row.request else [],
    "unanswered": lambda row: row.unanswered,
    "completeness": lambda row: str(row.completeness),
    "complete": lambda row: row.completeness is Completeness.COMPLETE,
    "end": lambda row: str(row.end),
    "framing": lambda row: str(row.framing),
    "declared": lambda row: row.declared,
    "body": lambda row: row.body.decode("latin-1"),
    "body_bytes": lambda row: row.body_bytes,
    "wire_bytes": lambda row: row.wire_bytes,
    "trailers": lambda row: row.trailers.decode("latin-1").rstrip("\r\n"),
    "gaps": lambda row: [[gap.offset, gap.length] for gap in row.gaps],
    "conflicts": lambda row: [[conflict.offset, conflict.length] for conflict in row.conflicts],
    "problems": lambda row: sorted(problem.name for problem in row.problems),
    "problem_offsets": lambda row: sorted(problem.offset for problem in row.problems),
    "midstream": lambda row: row.midstream,
    "flow_id": lambda row: row.flow.id,
    "stream": lambda row: row.stream,
    "first_byte_ms": lambda row: milliseconds(row.first_byte_ns),
    "transfer_ms": lambda row: milliseconds(row.transfer_ns),
}
NOTHING_SAID: dict[str, object] = {"problems": [], "gaps": [], "conflicts": [], "midstream": False}


def shown(row: Response, wanted: dict[str, Any]) -> dict[str, object]:
    """The fields of a row that somebody asks for."""
    return {key: FIELDS[key](row) for key in wanted}


def completed(wanted: dict[str, Any], default: Mapping[str, object]) -> dict[str, object]:
    """What is wanted of a row, with what holds where nothing is said; "any" asks for nothing."""
    whole = {**NOTHING_SAID, **default, **wanted}
    return {key: value for key, value in whole.items() if value != "any"}


def played(scenario: Scenario, *, v6: bool) -> Watched:
    return Player(scenario, v6=v6).play()


@pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_what_must_be_seen_is_seen(scenario: Scenario, v6: bool) -> None:
    seen = played(scenario, v6=v6)
    told = scenario.told
    rows = list(seen.responses)
    defaults = Defaults(scenario)
    default = {row.id: defaults.of(row) for row in rows}
    if told.get("rows") == "any order":
        order = {row.get("request"): place for place, row in enumerate(told["expect"])}
        rows.sort(key=lambda row: order.get(request_of(row), len(order)))
    places = [default[row.id] for row in rows] + [{}] * len(told["expect"])
    wanted = [completed(row, places[place]) for place, row in enumerate(told["expect"])]
    got = [shown(row, wanted[place]) if place < len(wanted) else shown(row, {"status": 0, "request": 0, "end": 0})
           for place, row in enumerate(rows)]  # fmt: skip
    assert got == wanted
    counters = {name: getattr(seen.counters, name) for name in told.get("counters", {})}
    assert counters == told.get("counters", {})
    assert [str(event.reason) for event in seen.ended] == told.get("ended", [str(e.reason) for e in seen.ended])
    names = {problem.name for row in rows for problem in row.problems}
    for choice in told.get("said", []):
        assert names & set(choice.split("|")), f"one of {choice} must be said, found {names}"
    if "flow" in told:
        flow = rows[0].flow
        known = {
            "midstream": flow.midstream,
            "handshake_ms": milliseconds(flow.handshake_ns),
            "client_port": flow.client_port,
            "server_port": flow.server_port,
            "proxied": proxied(rows[0]),
        }
        assert {key: known[key] for key in told["flow"]} == told["flow"]


def test_there_are_scenarios_enough_to_mean_something() -> None:
    assert len(SCENARIOS) >= 60
