"""Responses for a program of one's own: from a file and from an interface, early ends, faults."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import httpresp_capture
from exchanges import RAW_IP, frames_of, ok, page
from httpresp_capture import Response, responses
from httpresp_capture.query import QueryError
from httpresp_capture.records.errors import CaptureError
from traffic.captures import pcap

DEMO = Path(httpresp_capture.__file__).parent / "sources" / "demo.pcapng.gz"


def test_a_file_gives_each_response_that_has_ended_once() -> None:
    seen = list(responses(DEMO))
    assert len(seen) > 100
    assert len({response.id for response in seen}) == len(seen)
    assert all(response.end is not None for response in seen)


def test_a_filter_gives_what_matches_and_no_other() -> None:
    everything = list(responses(DEMO))
    assert [r.id for r in responses(DEMO, filter="status:5xx")] == [r.id for r in everything if r.status // 100 == 5]


def test_late_evidence_is_in_the_one_response_that_is_given(tmp_path: Path) -> None:
    """The forged answer is short and first; the real one stands behind it over the same numbers."""
    forged = ok(b"Location: http://evil.example/", status=b"302 Found")
    path = tmp_path / "late.pcap"
    path.write_bytes(
        pcap(frames_of(page(body=b"<!doctype html>" + b"real " * 40), second_version=forged), RAW_IP.link_type)
    )
    for asked in ("", "problem:extra-bytes"):
        (given,) = responses(path, filter=asked)
        assert [problem.name for problem in given.problems] == ["overlap-conflict", "extra-bytes"]


def test_it_ends_early_and_leaves_no_thread() -> None:
    with responses(DEMO) as some:
        next(some)
    assert list(some) == []
    assert not [thread for thread in threading.enumerate() if thread.name == "responses"]


def test_what_was_lost_is_in_the_counters() -> None:
    some = responses(DEMO)
    list(some)
    assert some.counters.flows_encrypted == 7
    assert some.counters.gaps == 2


def test_a_file_that_ends_in_the_middle_gives_what_came_and_then_raises(tmp_path: Path) -> None:
    whole = DEMO.read_bytes()
    cut = tmp_path / "cut.pcapng.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    some = responses(cut)
    seen: list[Response] = []
    with pytest.raises(CaptureError):
        seen.extend(some)
    assert len(seen) > 10
    assert list(some) == []


@pytest.mark.parametrize(("file", "interface"), [(None, None), (DEMO, "lo"), ("/nowhere.pcap", None)])
def test_what_cannot_be_opened_is_refused(file: str | None, interface: str | None) -> None:
    with pytest.raises(CaptureError):
        responses(file, interface=interface)


def test_what_is_no_filter_is_refused() -> None:
    with pytest.raises(QueryError):
        responses(DEMO, filter="hots:x")


def test_an_interface_gives_what_ends_on_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        try:
            some = responses(interface="lo", filter=f"port:{listener.getsockname()[1]}")
        except CaptureError as error:
            pytest.skip(f"cannot capture: {error}")
        with some, socket.create_connection(listener.getsockname()) as client:
            server, _ = listener.accept()
            with server:
                client.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
                server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                found = next(some)
    assert (found.status, found.body) == (200, b"ok")
    assert found.request is not None
    assert found.request.path == "/a"


def test_the_public_names_are_there_and_cost_nothing_before_they_are_asked() -> None:
    code = "import sys, httpresp_capture; print([n for n in sys.modules if n.startswith('httpresp_capture.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    for name in httpresp_capture.__all__:
        assert getattr(httpresp_capture, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        httpresp_capture.__getattr__("nothing")
