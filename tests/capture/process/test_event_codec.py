"""Events go through bytes and come out the same."""

import marshal
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from httpresp_capture.process import event_codec as handover
from httpresp_capture.process.event_codec import EventDecoder, EventEncoder
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import (
    CaptureEvent,
    CaptureFailed,
    CaptureStatus,
    FlowEnded,
    LateEvidence,
    ResponseChanged,
    ResponseGrew,
    ResponseSeen,
)
from httpresp_capture.records.evidence import Conflict, Gap, Segment
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow, OtherPath, Proxied
from httpresp_capture.records.outcome import EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.tls import Tls
from httpresp_capture.records.unread import Unread
from httpresp_capture.records.workload import Workload
from samples import FLOW, FLOW_V6, request, response
from traffic.scenario import Player, Scenario, load

SCENARIOS = load(Path(__file__).parents[2] / "scenarios")


def through(*batches: list[CaptureEvent]) -> list[list[CaptureEvent]]:
    """Each batch as the other end has it."""
    encoder, decoder = EventEncoder(), EventDecoder()
    return [decoder.decode(encoder.encode(batch)) for batch in batches]


numbers = st.integers(-(2**63), 2**64)
texts = st.text(max_size=8)
octets = st.binary(max_size=8)
problems = st.lists(st.builds(Problem, texts, numbers, texts), max_size=2).map(tuple)
segments = st.builds(Segment, octets, numbers, numbers, numbers)
paths = st.builds(OtherPath, st.booleans(), st.lists(numbers, max_size=2).map(tuple), texts)
flows = st.builds(
    Flow,
    st.integers(1, 3),
    texts,
    numbers,
    texts,
    numbers,
    texts,
    numbers,
    st.none() | numbers,
    st.booleans(),
    st.lists(numbers, max_size=2).map(tuple),
    texts,
    st.lists(paths, max_size=2).map(tuple),
    st.none() | st.builds(Proxied, texts, texts, numbers, texts, numbers),
    st.sampled_from(["TCP", "UDP"]),
    st.none() | st.builds(Tls, texts, texts, texts),
)
requests = st.builds(
    Request,
    octets,
    texts,
    texts,
    numbers,
    numbers,
    numbers,
    numbers,
    octets,
    st.booleans(),
    problems,
)
facts = st.lists(st.tuples(texts, texts | numbers), max_size=2).map(tuple)
workloads = st.builds(
    Workload,
    process_id=numbers,
    process_name=texts,
    container=facts,
    kubernetes=facts,
    matched_policies=st.lists(texts, max_size=2).map(tuple),
    stack_addresses=st.lists(numbers, max_size=2).map(tuple),
    is_compat=st.booleans(),
)
responses = st.builds(
    Response,
    numbers,
    flows,
    numbers,
    numbers,
    numbers,
    st.none() | numbers,
    octets,
    numbers,
    texts,
    numbers,
    st.sampled_from(Framing),
    numbers,
    st.none() | requests,
    numbers,
    numbers,
    octets,
    octets,
    st.none() | st.sampled_from(EndReason),
    st.lists(st.builds(Gap, numbers, numbers, st.booleans()), max_size=2).map(tuple),
    problems,
    st.lists(st.builds(Conflict, numbers, numbers, segments, segments), max_size=2).map(tuple),
    st.booleans(),
    st.none() | workloads,
)
unread = st.lists(st.builds(Unread, texts, numbers, texts), max_size=2).map(tuple)
totals: st.SearchStrategy[Counters] = st.builds(
    Counters, **dict.fromkeys([field.name for field in fields(Counters)], numbers) | {"unread": unread}
)
kinds: dict[type[Any], st.SearchStrategy[Any]] = {
    ResponseSeen: st.builds(ResponseSeen, responses),
    ResponseChanged: st.builds(ResponseChanged, responses),
    LateEvidence: st.builds(LateEvidence, responses, responses),
    ResponseGrew: st.builds(ResponseGrew, responses),
    FlowEnded: st.builds(FlowEnded, flows, numbers, st.sampled_from(EndReason)),
    CaptureStatus: st.builds(CaptureStatus, totals, numbers, st.none() | st.floats(0, 1), st.booleans()),
    CaptureFailed: st.builds(CaptureFailed, texts),
}


def test_every_kind_of_event_is_tried() -> None:
    assert set(kinds) == set(get_args(CaptureEvent))


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(st.lists(st.one_of(*kinds.values()), max_size=6), max_size=4))
def test_any_events_come_out_the_same(batches: list[list[CaptureEvent]]) -> None:
    got = through(*batches)
    assert got == batches
    assert [[type(event) for event in batch] for batch in got] == [
        [type(event) for event in batch] for batch in batches
    ]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_what_scenarios_give_comes_out_the_same(scenario: Scenario) -> None:
    seen = Player(scenario).play()
    rows: list[CaptureEvent] = [ResponseSeen(row) for row in seen.responses]
    ended: list[CaptureEvent] = [*seen.ended, CaptureStatus(seen.counters, 1, 0.5, True)]
    assert through(rows, ended) == [rows, ended]


def test_a_connection_is_one_record_for_all_its_responses() -> None:
    [[first, second], [third]] = through(
        [ResponseSeen(response(id=1, flow=FLOW)), ResponseSeen(response(id=2, flow=FLOW))],
        [ResponseChanged(response(id=2, flow=FLOW))],
    )
    assert isinstance(first, ResponseSeen)
    assert isinstance(second, ResponseSeen)
    assert isinstance(third, ResponseChanged)
    assert first.response.flow is second.response.flow is third.response.flow


def test_a_connection_is_told_once_until_it_changes_or_ends() -> None:
    encoder = EventEncoder()
    changed = replace(FLOW, handshake_ns=5)

    def told(*events: CaptureEvent) -> bool:
        return b"eth0" in encoder.encode(events)

    seen = ResponseSeen(response(flow=FLOW))
    assert told(seen)
    assert not told(seen)
    assert told(ResponseSeen(response(flow=changed)))
    assert not told(FlowEnded(changed, 1, EndReason.IDLE))
    assert told(seen)


def test_a_process_is_one_record_for_all_its_responses() -> None:
    def row(number: int) -> ResponseSeen:
        return ResponseSeen(response(id=number, workload=Workload(process_id=21, process_name="nginx")))

    [[first, second], [third]] = through([row(1), row(2)], [row(3)])
    assert isinstance(first, ResponseSeen)
    assert isinstance(second, ResponseSeen)
    assert isinstance(third, ResponseSeen)
    assert first.response.workload is second.response.workload is third.response.workload
    assert first.response.workload == Workload(process_id=21, process_name="nginx")


def test_both_ends_forget_connections_that_never_end() -> None:
    batches: list[list[CaptureEvent]] = [
        [ResponseSeen(response(id=id, flow=replace(FLOW_V6, id=id % 5)))] for id in range(1, 20)
    ]
    encoder, decoder = EventEncoder(most_flows=2), EventDecoder()
    for batch in batches:
        assert decoder.decode(encoder.encode(batch)) == batch
        assert len(encoder.known) == len(decoder.known) <= 2
    ended: list[CaptureEvent] = [FlowEnded(encoder.known[id], 1, EndReason.IDLE) for id in list(encoder.known)]
    assert decoder.decode(encoder.encode(ended)) == ended
    assert not encoder.known
    assert not decoder.known


def test_usual_words_are_one_text_for_all() -> None:
    batches: list[list[CaptureEvent]] = [
        [ResponseSeen(response(request=request(b"GET /%d HTTP/1.1\r\n\r\n" % id)))] for id in (1, 2)
    ]
    [[first], [second]] = through(*batches)
    assert isinstance(first, ResponseSeen)
    assert isinstance(second, ResponseSeen)
    assert first.response.protocol is second.response.protocol
    assert first.response.request is not None
    assert second.response.request is not None
    assert first.response.request.method is second.response.request.method


def test_the_newest_status_is_remembered() -> None:
    encoder, decoder = EventEncoder(), EventDecoder()
    assert decoder.status == CaptureStatus(Counters(), 0)
    newest = CaptureStatus(Counters(packets=2), 9)
    decoder.decode(encoder.encode([CaptureStatus(Counters(packets=1), 8), newest, CaptureFailed("It is over.")]))
    decoder.decode(encoder.encode([]))
    assert decoder.status == newest


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_batch_that_is_cut_is_refused(cut: int) -> None:
    data = EventEncoder().encode([ResponseSeen(response())])
    with pytest.raises((EOFError, ValueError, TypeError)):
        EventDecoder().decode(data[:cut])


def test_only_plain_values_are_sent() -> None:
    [flow, row] = marshal.loads(EventEncoder().encode([ResponseSeen(response(gaps=(Gap(1, 2),)))]))
    assert (flow[0], row[0]) == (handover.FLOW, handover.SEEN)
