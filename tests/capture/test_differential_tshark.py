"""tshark finds the same responses: in traffic of our own making, and in the demo capture.

Only what tshark is known to read right is asked of it. What it is known to get wrong (version 4.0) is not ours to
follow: a length on 1xx, 204, 304 or after HEAD swallows what comes next; Transfer-Encoding in other letters is not
chunked to it; requests in flight are mispaired; a second connection on the same ports inherits from the first.
"""

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

import httpresp_capture.sources
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness
from httpresp_capture.sources.file.source import FileSource
from traffic.captures import Capture, Recipe, Told, make_capture, pcapng
from traffic.watching import watch

TSHARK = shutil.which("tshark")
TLS, GRPC = 443, 50_051
PORTS = (80, 8080, 3_000, 5_555, 60_001)
DEMO = Path(next(iter(httpresp_capture.sources.__path__))) / "demo.pcapng.gz"

pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")

Ends = tuple[str, int, str, int]
Statuses = dict[Ends, list[int]]


def by_tshark(path: Path, ports: Iterable[int], more: tuple[str, ...] = ()) -> Statuses:
    """Statuses of the responses, by (server, port, client, port)."""
    fields = ("ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "http.response.code")
    fields += ("http2.headers.status",)
    command = [str(TSHARK), "-n", "-r", str(path), "-o", "tcp.reassemble_out_of_order:TRUE"]
    command += ["-Y", "http.response or http2.headers.status"]
    command += [*more]
    command += [word for port in ports for word in ("-d", f"tcp.port=={port},http")]
    command += ["-T", "fields", *(word for name in fields for word in ("-e", name))]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found: Statuses = defaultdict(list)
    for line in lines:
        v4, v6, port, to_v4, to_v6, to_port, codes, framed = line.split("\t")
        found[v4 or v6, int(port), to_v4 or to_v6, int(to_port)] += [int(code) for code in (codes or framed).split(",")]
    return found


def sent(capture: Capture) -> dict[Ends, Told]:
    """The connections whose ports were used once."""
    found: dict[Ends, list[Told]] = defaultdict(list)
    for told in capture.told:
        ends = told.ends
        found[ends.server, ends.server_port, ends.client, ends.client_port].append(told)
    return {ends: several[0] for ends, several in found.items() if len(several) == 1}


def read_right_by_tshark(told: Told) -> bool:
    for placed in told.placed:
        one = placed.expected
        coding = {name.lower(): value for name, value in one.fields}.get("transfer-encoding", "chunked")
        if one.method in ("HEAD", "CONNECT") or one.status in (204, 304) or one.status < 200 or coding != "chunked":
            return False
    return not told.midstream


@pytest.mark.slow
def test_in_order_tshark_finds_what_we_find(tmp_path: Path) -> None:
    recipe = Recipe(3_000, reordered=0, repeated=0, traps=False, midstream=0)
    capture = make_capture(11, recipe)
    path = tmp_path / "in-order.pcapng"
    path.write_bytes(pcapng(capture.frames))
    theirs = by_tshark(path, PORTS)
    ours: Statuses = defaultdict(list)
    for row in watch(capture.frames).responses:
        ours[row.flow.server, row.flow.server_port, row.flow.client, row.flow.client_port].append(row.status)
    asked = [ends for ends, told in sent(capture).items() if read_right_by_tshark(told)]
    assert len(asked) > 25
    assert {ends: ours[ends] for ends in asked} == {ends: theirs[ends] for ends in asked}


@pytest.mark.slow
def test_on_a_rough_wire_we_find_all_that_tshark_finds(tmp_path: Path) -> None:
    capture = make_capture(12, Recipe(1_500, traps=False))
    path = tmp_path / "rough.pcapng"
    path.write_bytes(pcapng(capture.frames))
    theirs = by_tshark(path, PORTS)
    ours: Statuses = defaultdict(list)
    for row in watch(capture.frames).responses:
        ours[row.flow.server, row.flow.server_port, row.flow.client, row.flow.client_port].append(row.status)
    for ends, told in sent(capture).items():
        if read_right_by_tshark(told):
            assert is_within(theirs[ends], ours[ends]), ends
    assert sum(map(len, ours.values())) >= sum(map(len, theirs.values()))


def is_within(part: list[int], whole: list[int]) -> bool:
    """True when `part` is what is left of `whole` with some left out."""
    rest = iter(whole)
    return all(status in rest for status in part)


def where_tshark_fails(row: Response) -> bool:
    """After a gap it gives the stream up; an answer that the server cuts short waits for ever to be reassembled; of
    lengths that differ it takes the last; of HEAD among requests in flight it takes a body that is not there.
    """
    cut_short = row.completeness is Completeness.CLOSED_EARLY
    differing = any(problem.name == "differing-lengths" for problem in row.problems)
    return bool(row.gaps) or cut_short or differing or (row.request is not None and row.request.method == "HEAD")


@pytest.mark.skipif(not DEMO.exists(), reason="the demo capture was not made yet")
def test_tshark_finds_the_same_in_the_demo_capture() -> None:
    rows: dict[int, Response] = {}

    def keep(events: list[CaptureEvent]) -> None:
        for event in events:
            if isinstance(event, ResponseSeen | ResponseChanged) and event.response.status:
                rows[event.response.id] = event.response

    FileSource.open(str(DEMO), Limits()).run(keep)
    ours: dict[Ends, list[Response]] = defaultdict(list)
    for row in rows.values():
        ours[row.flow.server, row.flow.server_port, row.flow.client, row.flow.client_port].append(row)
    theirs = by_tshark(DEMO, {ends[1] for ends in ours} - {TLS, GRPC}, ("-d", f"tcp.port=={GRPC},http2"))
    assert theirs.keys() <= ours.keys()
    exact = 0
    for ends, several in ours.items():
        statuses = [row.status for row in several]
        if several[0].protocol == "HTTP/2":  # It tells of heads in their order, we of streams as they end.
            assert sorted(statuses) == sorted(theirs[ends])
        elif statuses == theirs[ends]:
            exact += 1
        else:
            assert any(map(where_tshark_fails, several)), (ends, statuses, theirs[ends])
            assert is_within(theirs[ends], statuses), (ends, statuses, theirs[ends])
    assert exact > 20
