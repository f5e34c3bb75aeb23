"""Tracee's log: requests and responses become exchanges, each with its process, container and pod."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.sources.file.tracee import LineReader
from httpresp_capture.tracee import exchanges
from httpresp_capture.tracee.writer import event as written
from tracee_lines import ENVELOPE

RELEASED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden" / "tracee_documentation.jsonl").read_text(encoding="utf-8")
)
AT: int = RELEASED["timestamp"]
MS = 1_000_000
CLIENT, SERVER = ("10.1.0.7", 50322), ("10.1.0.9", 8080)
NGINX: dict[str, Any] = {
    "processName": "nginx", "processId": 21, "hostProcessId": 691018, "executable": {"path": "/usr/sbin/nginx"},
    "hostName": "web-1", "containerId": "95e88e28",
    "container": {"id": "95e88e28", "name": "web", "image": "nginx:1.25"},
    "kubernetes": {"podName": "web-7d4", "podNamespace": "shop", "podUID": "0a1b"},
}  # fmt: skip
CURL: dict[str, Any] = {"processName": "curl", "processId": 99, "hostProcessId": 99, "hostName": "node-3"}


def message(
    kind: str, value: dict[str, Any], ms: float, who: dict[str, Any], asks: bool, client: tuple[str, int] = CLIENT
) -> dict[str, Any]:
    """One event of Tracee, `ms` after the first."""
    source, target = (client, SERVER) if asks else (SERVER, client)
    metadata = {
        "src_ip": source[0], "dst_ip": target[0], "src_port": source[1], "dst_port": target[1],
        "protocol": 6, "packet_len": 331, "iface": "any",
    }  # fmt: skip
    part = {"net_packet_http": "proto_http", "net_packet_http_request": "http_request"}.get(kind, "http_response")
    return RELEASED | who | {
        "timestamp": AT + int(ms * MS),
        "eventName": kind,
        "args": [
            {"name": "metadata", "type": "trace.PktMeta", "value": metadata},
            {"name": part, "type": "trace.Proto", "value": value},
        ],
    }  # fmt: skip


def asks(path: str, ms: float, who: dict[str, Any] = NGINX, client: tuple[str, int] = CLIENT, **more: Any) -> Any:
    value = {
        "method": "GET", "protocol": "HTTP/1.1", "host": "shop.example", "uri_path": path,
        "headers": {"User-Agent": ["curl/8.5.0"]}, "content_length": 0,
    }  # fmt: skip
    return message("net_packet_http_request", value | more, ms, who, True, client)


def answers(code: int, ms: float, who: dict[str, Any] = NGINX, client: tuple[str, int] = CLIENT, **more: Any) -> Any:
    value = {
        "status": f"{code} OK", "status_code": code, "protocol": "HTTP/1.1",
        "headers": {"Content-Length": ["180"]}, "content_length": 180,
    }  # fmt: skip
    return message("net_packet_http_response", value | more, ms, who, False, client)


def read(*events: dict[str, Any]) -> tuple[LineReader, list[Response]]:
    reader = LineReader(Limits())
    reader.push(b"".join(json.dumps(each).encode() + b"\n" for each in events))
    reader.end()
    assert reader.trouble == ""
    return reader, [each.response for each in reader.take(None) if isinstance(each, ResponseSeen)]


def pairs(*events: dict[str, Any]) -> list[tuple[str, int]]:
    """Path and status of each row; `-` where there is no request, 0 where there is no response."""
    return [("-" if row.request is None else row.request.target, row.status) for row in read(*events)[1]]


def test_a_request_and_its_response_are_one_exchange() -> None:
    reader, (row,) = read(asks("/items", 0), answers(200, 20))
    assert row.request is not None
    assert (row.request.method, row.request.host, row.request.target) == ("GET", "shop.example", "/items")
    assert row.request.headers.get("user-agent") == "curl/8.5.0"
    assert row.first_byte_ns == 20 * MS
    assert (row.flow.client, row.flow.client_port, row.flow.server) == (*CLIENT, SERVER[0])
    counters = reader.counters()
    assert (counters.requests, counters.responses, counters.unanswered, counters.flows) == (1, 1, 0, 1)


def test_exchanges_follow_each_other_on_a_connection_and_run_beside_each_other_on_two() -> None:
    other = ("10.1.0.8", 40000)
    log = (
        asks("/a", 0), asks("/x", 1, client=other), answers(200, 2), asks("/b", 3), answers(404, 4),
        answers(503, 5, client=other),
    )  # fmt: skip
    assert pairs(*log) == [("/a", 200), ("/b", 404), ("/x", 503)]
    assert [row.stream for row in read(*log)[1]] == [1, 2, 1]


def test_lines_of_a_few_processors_are_put_into_the_order_of_their_times() -> None:
    log = [step for n in range(100) for step in (asks(f"/{n}", n * 10), answers(200 + n, n * 10 + 5))]
    right = [(f"/{n}", 200 + n) for n in range(100)]
    late = random.Random(7)
    for _ in range(5):
        mixed = sorted(log, key=lambda each: each["timestamp"] + late.randrange(500 * MS))
        assert pairs(*mixed) == right


def test_a_log_that_is_older_keeps_its_place_behind_the_newer_one() -> None:
    assert pairs(asks("/new", 60_000), answers(200, 60_005), asks("/old", 0), answers(404, 5)) == [
        ("/new", 200),
        ("/old", 404),
    ]


def test_a_request_without_response_is_a_row_that_says_so() -> None:
    reader, (row,) = read(asks("/gone", 0))
    assert row.unanswered
    assert row.end is EndReason.UNANSWERED
    assert (row.status, row.head, row.workload is not None) == (0, b"", True)
    assert [problem.name for problem in row.problems] == ["no-response"]
    assert (reader.counters().unanswered, reader.counters().responses) == (1, 0)


@pytest.mark.parametrize(
    "log",
    [
        (asks("/lost", 0), asks("/b", 10), answers(200, 20)),
        (asks("/a", 0), asks("/b", 1), answers(200, 20), answers(404, 21)),
        (asks("/a", 0), asks("/b", 1), asks("/c", 2), answers(200, 20)),
    ],
)
def test_where_several_requests_are_under_way_no_pair_is_guessed(log: tuple[dict[str, Any], ...]) -> None:
    rows = read(*log)[1]
    assert all(row.request is None or row.unanswered for row in rows)
    assert sum(row.unanswered for row in rows) == sum("request" in each["eventName"] for each in log)
    assert "no-request" in [problem.name for row in rows for problem in row.problems]
    # What follows is paired again.
    assert pairs(*log, asks("/next", 100), answers(201, 101))[-1] == ("/next", 201)


def test_an_interim_response_leaves_its_request_open() -> None:
    assert pairs(asks("/up", 0), answers(100, 1), answers(201, 2)) == [("/up", 100), ("/up", 201)]
    assert [row.stream for row in read(asks("/up", 0), answers(103, 1), answers(200, 2))[1]] == [1, 1]
    assert pairs(asks("/ws", 0), answers(101, 1), answers(200, 2)) == [("/ws", 101), ("-", 200)]


def test_a_response_before_its_request_by_time_is_not_its_response() -> None:
    assert pairs(answers(200, 0), asks("/later", 5)) == [("-", 200), ("/later", 0)]


def test_a_message_that_both_ends_tell_of_is_one_request_and_a_row_for_each_process() -> None:
    log = (
        asks("/a", 0, CURL), asks("/a", 0.1, NGINX), answers(200, 5, NGINX), answers(200, 5.1, CURL),
        asks("/a", 50, CURL), asks("/a", 50.1, NGINX), answers(200, 55, NGINX), answers(200, 55.1, CURL),
    )  # fmt: skip
    reader, rows = read(*log)
    assert [row.workload.process_name for row in rows if row.workload] == ["nginx", "curl", "nginx", "curl"]
    assert [row.request.first_byte_at - AT for row in rows if row.request] == [0, 0, 50 * MS, 50 * MS]
    assert (reader.counters().requests, reader.counters().repeats) == (2, 2)


def test_a_response_whose_process_is_not_known_is_still_that_of_its_connection() -> None:
    swapper = {"processName": "swapper/1", "processId": 0, "hostProcessId": 0}
    assert pairs(asks("/ca", 0, CURL), answers(200, 50, swapper)) == [("/ca", 200)]


def test_the_event_of_the_packet_and_the_one_made_of_it_are_told_once() -> None:
    def packet(of: dict[str, Any], direction: str) -> dict[str, Any]:
        value = {"direction": direction, **of["args"][1]["value"]}
        return of | {
            "eventName": "net_packet_http",
            "args": [of["args"][0], {"name": "proto_http", "type": "trace.ProtoHTTP", "value": value}],
        }

    asked, answered = asks("/a", 0), answers(200, 5)
    both = packet(asked, "request"), packet(answered, "response")
    assert pairs(*both) == [("/a", 200)]
    reader, rows = read(both[0], asked, answered, both[1])
    assert (len(rows), reader.counters().repeats) == (1, 2)


def test_loopback_is_another_network_in_each_pod() -> None:
    here, there = ("127.0.0.1", 4000), ("127.0.0.1", 80)

    def local(event: dict[str, Any], pod: str) -> dict[str, Any]:
        made = json.loads(json.dumps(event))
        made["kubernetes"]["podName"] = pod
        ends = (here, there) if "request" in event["eventName"] else (there, here)
        made["args"][0]["value"] |= {
            "src_ip": ends[0][0], "src_port": ends[0][1], "dst_ip": ends[1][0], "dst_port": ends[1][1],
        }  # fmt: skip
        return made

    log = local(asks("/one", 0), "p1"), local(asks("/two", 1), "p2"), local(answers(200, 2), "p1")
    rows = read(*log, local(answers(404, 3), "p2"))[1]
    assert [(row.request.target, row.status) for row in rows if row.request] == [("/one", 200), ("/two", 404)]
    assert [row.flow.id for row in rows] == [1, 2]


def test_requests_under_way_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanges, "MOST_OPEN", 3)
    monkeypatch.setattr(exchanges, "MOST_OPEN_HERE", 2)
    assert [row.unanswered for row in read(*(asks(f"/{n}", n) for n in range(6)))[1]] == [True] * 6
    log = [asks(f"/{n}", n, client=("10.1.0.7", 1000 + n)) for n in range(6)]
    assert [path for path, _ in pairs(*log, answers(200, 9, client=("10.1.0.7", 1005)))][:2] == ["/0", "/1"]


def test_a_request_is_given_up_when_the_log_has_gone_on_long_enough() -> None:
    log = (asks("/never", 0), asks("/b", 20 * 60_000, client=("10.1.0.8", 1)), answers(200, 20 * 60_000 + 1))
    rows = read(*log)[1]
    assert [row.request.target for row in rows if row.request] == ["/never", "/b"]
    assert [row.status for row in rows] == [0, 200, 0]


# --- whose it is


def test_the_whole_envelope_comes_back() -> None:
    for line in (RELEASED, answers(200, 0), asks("/x", 0)):
        (row,) = read(line)[1]
        again = written(row)
        assert {name: again[name] for name in (*ENVELOPE, "matchedPolicies") if name not in ("args", "eventId")} == {
            name: line[name] for name in (*ENVELOPE, "matchedPolicies") if name not in ("args", "eventId")
        }
        assert again["args"][0] == line["args"][0]
    assert written(read(RELEASED)[1][0])["args"] == RELEASED["args"]


def test_what_we_wrote_of_it_is_read_again() -> None:
    (row,) = read(asks("/x", 0), answers(200, 5))[1]
    (again,) = read(written(row))[1]
    assert again.workload == row.workload
    assert written(again) == written(row)


def test_processes_are_one_record_for_all_their_responses() -> None:
    rows = read(answers(200, 0), answers(200, 10), answers(200, 20, CURL))[1]
    assert rows[0].workload is rows[1].workload
    assert rows[2].workload is not rows[1].workload


def test_the_workload_of_main_is_read_too() -> None:
    event = {
        "timestamp": "2023-10-02T18:04:38.9Z", "id": 2011, "name": "net_packet_http_response",
        "policies": {"matched": ["web"]},
        "workload": {
            "process": {
                "executable": {"path": "/usr/sbin/nginx"}, "unique_id": {"value": 7}, "host_pid": {"value": 691018},
                "pid": 21, "real_user": {"id": {"value": 33}},
                "thread": {"name": "nginx", "tid": {"value": 22}, "syscall": "write", "unique_id": {"value": 8}},
                "ancestors": [{"unique_id": {"value": 5}, "host_pid": {"value": 1}, "pid": {"value": 1}}],
            },
            "container": {"id": "95e8", "name": "web", "image": {"name": "nginx:1.25", "repo_digests": ["sha256:1"]},
                          "started": True},
            "k8s": {"pod": {"name": "web-7d4", "uid": "0a1b", "labels": {"a": "b"}}, "namespace": {"name": "shop"}},
        },
        "data": [
            {"name": "metadata", "packet_metadata": {"src_ip": "10.0.0.1", "src_port": 80}},
            {"name": "http_response", "http_response": {"status_code": 204}},
        ],
    }  # fmt: skip
    (row,) = read(event)[1]
    assert row.workload is not None
    assert (row.workload.process_name, row.workload.process_id, row.workload.host_process_id) == ("nginx", 21, 691018)
    assert (row.workload.container_name, row.workload.image, row.workload.pod) == ("web", "nginx:1.25", "shop/web-7d4")
    again = written(row)
    assert again["executable"] == {"path": "/usr/sbin/nginx"}
    assert (again["userId"], again["threadId"], again["syscall"]) == (33, 22, "write")
    assert again["container"] == {"id": "95e8", "name": "web", "image": "nginx:1.25", "imageDigest": "sha256:1"}
    assert again["kubernetes"] == {"podName": "web-7d4", "podNamespace": "shop", "podUID": "0a1b"}
    assert (again["contextFlags"], again["matchedPolicies"]) == ({"containerStarted": True, "isCompat": False}, ["web"])
    assert (again["threadEntityId"], again["processEntityId"], again["parentEntityId"]) == (8, 7, 5)
    assert row.status_line == " 204 "


def test_a_request_is_as_it_will_have_been_on_the_wire() -> None:
    chunked = asks("/über uns\r\n", 0, host="a.example:81", method="POST", content_length=-1)
    (row,) = read(chunked)[1]
    assert row.request is not None
    assert row.request.head == (
        b"POST /%C3%BCber%20uns%0D%0A HTTP/1.1\r\nHost: a.example:81\r\nUser-Agent: curl/8.5.0\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    assert not row.request.complete


steps = st.lists(
    st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 2), st.sampled_from([NGINX, CURL])), max_size=12
)


@given(steps)
def test_a_response_is_never_paired_with_a_request_while_another_was_open(
    log: list[tuple[bool, int, int, dict[str, Any]]],
) -> None:
    """Against the plain rule: one open request on the connection, or the same message told again."""
    clients = [("10.1.0.7", 1 + where) for _, _, where, _ in log]
    events = [
        asks(f"/{n}", n * 1000, who, client) if ask else answers(200 + n, n * 1000, who, client)
        for n, ((ask, _, _, who), client) in enumerate(zip(log, clients, strict=True))
    ]
    rows = read(*events)[1]
    under_way: dict[int, list[str]] = {}
    expected: dict[int, str] = {}
    for n, (ask, _, where, _) in enumerate(log):
        waiting = under_way.setdefault(where, [])
        if ask:
            waiting.append(f"/{n}")
        else:
            expected[200 + n] = waiting[0] if len(waiting) == 1 else "-"
            waiting.clear()
    assert {
        row.status: "-" if row.request is None else row.request.target for row in rows if not row.unanswered
    } == expected
