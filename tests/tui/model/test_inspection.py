"""Responses wait their turn, the ones in sight go first, and what left before its turn is counted."""

from dataclasses import replace
from pathlib import Path

from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import Options, Severity
from httpresp_capture.records.events import CaptureEvent, LateEvidence, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.problems import Problem
from httpresp_tui.model.inspection import Inspection
from httpresp_tui.model.pacing import BatchSize
from httpresp_tui.model.store import Store
from samples import OK, response


def seen(count: int, first: int = 1) -> list[CaptureEvent]:
    return [ResponseSeen(response(OK, id=id)) for id in range(first, first + count)]


def inspecting(max_responses: int = 100, file: Path | None = None) -> tuple[Store, Inspection]:
    store = Store(max_responses)
    return store, Inspection(store, Review(Options(salt=b"salt")), file)


def kept(store: Store, id: int) -> Response:
    found = store.get(id)
    assert found is not None
    return found


def test_a_step_is_one_response_and_the_rest_is_told() -> None:
    store, inspection = inspecting()
    inspection.update(store.apply(seen(3)))
    assert inspection.left == 3
    assert not inspection.step()
    assert inspection.left == 2
    assert not inspection.step()
    assert inspection.step()
    assert inspection.step()
    assert inspection.findings.responses == 3


def test_what_is_in_sight_goes_first() -> None:
    store, inspection = inspecting()
    inspection.update(store.apply(seen(50)))
    inspection.want([kept(store, 40)])
    inspection.step()
    assert inspection.worst(kept(store, 40)) is Severity.LOW
    assert inspection.worst(kept(store, 1)) is None
    assert inspection.take_fresh() == [40]
    assert inspection.take_fresh() == []
    assert inspection.left == 50


LATE = (Problem("extra-bytes", 300, "more"),)


def test_late_evidence_about_what_was_looked_at_is_looked_at() -> None:
    store, inspection = inspecting()
    inspection.update(store.apply(seen(1)))
    assert inspection.step()
    inspection.take_fresh()
    before = kept(store, 1)
    late = replace(before, problems=LATE)
    inspection.update(store.apply([LateEvidence(late, before)]))
    assert inspection.left == 1
    assert inspection.step()
    assert inspection.worst(late) is Severity.MEDIUM
    assert inspection.take_fresh() == [1]
    assert {row.check: row.count for row in inspection.findings.rows()}["FRAMING"] == 1
    assert {row.count for row in inspection.findings.rows()} == {1}


def test_late_evidence_about_what_waits_is_seen_in_its_turn() -> None:
    store, inspection = inspecting()
    inspection.update(store.apply(seen(1)))
    before = kept(store, 1)
    inspection.update(store.apply([LateEvidence(replace(before, problems=LATE), before)]))
    assert inspection.left == 1
    assert inspection.step()
    assert {row.check: row.count for row in inspection.findings.rows()}["FRAMING"] == 1


def test_what_left_before_its_turn_is_counted() -> None:
    store, inspection = inspecting(max_responses=2)
    inspection.update(store.apply(seen(2)))
    inspection.update(store.apply(seen(2, first=3)))
    while not inspection.step():
        pass
    assert (inspection.findings.responses, inspection.missed) == (2, 2)


def test_no_more_wait_than_are_kept_however_many_come() -> None:
    store, inspection = inspecting(max_responses=10)
    for first in range(1, 1_001, 5):
        inspection.update(store.apply(seen(5, first)))
    assert (inspection.left, inspection.missed) == (10, 990)
    inspection.step()
    assert (inspection.left, inspection.findings.responses) == (9, 1)


def test_marks_of_responses_that_left_are_let_go() -> None:
    store, inspection = inspecting(max_responses=1)
    inspection.update(store.apply(seen(1)))
    inspection.step()
    inspection.update(store.apply(seen(1, first=200_000)))
    while not inspection.step():
        pass
    assert inspection.worst(kept(store, 200_000)) is Severity.LOW
    assert len(inspection._marks) < 100_000  # pyright: ignore[reportPrivateUsage]  # the bound itself


def test_clearing_keeps_the_examiner_that_filters_hold() -> None:
    store, inspection = inspecting()
    findings = inspection.findings
    inspection.update(store.apply(seen(2)))
    inspection.step()
    store.clear()
    inspection.clear()
    assert inspection.findings is findings
    assert (findings.responses, inspection.left) == (0, 0)
    assert inspection.step()


def test_a_stride_grows_to_its_most_and_shrinks_no_further_than_its_least() -> None:
    stride = BatchSize(100)
    assert stride.take(lambda size: size) == 100
    assert stride.size == 100
    assert BatchSize(4).take(lambda size: size) == 4


def test_the_next_response_with_a_finding_is_known_by_its_severity() -> None:
    store, inspection = inspecting()
    inspection.update(store.apply(seen(5)))
    assert inspection.next_of(Severity.MEDIUM, 0) is None
    while not inspection.step():
        pass
    worst = inspection.worst(kept(store, 1))
    assert worst is not None
    found = [1]
    while (id := inspection.next_of(worst, found[-1])) is not None:
        found.append(id)
    assert found == [1, 2, 3, 4, 5]
    assert all(inspection.next_of(other, 0) is None for other in Severity if other is not worst)
