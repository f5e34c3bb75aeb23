"""Captures that others made, where they lie beside the repository: what must be found in them is found.

The corpus has its own README: what each tier asks for, and where its oracle is known to be wrong. TLS is read with the
key log that lies beside a capture, and HTTP/2 that was joined in the middle is held only against what the oracle knows.
`EXCEPTIONS` lists where we differ from the oracle and are right, with the reason.
"""

import importlib.util
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from file_rows import rows_of
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness
from httpresp_capture.tracee.writer import EventWriter

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
TIERS = ("core", "robust", "tunnel", "negative", "http2", "tls", "h2-midstream")

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of captures is not beside the repository")

LOOSE = "tshark takes `2xx`, `20x` and `0204` for numbers; it is three digits (RFC 9112 §4): 0, bad-status"
SAME_PORTS = (
    "three connections with the same addresses and ports on different VLANs or VXLAN networks; to tshark they are one, "
    "and two answers are repeats (a connection is a pair of sockets of one network: RFC 9293 §3.3.1)"
)
CONNKEY = "zeek--doc__advanced__devel__plugins__connkey-vxlan-fivetuple-plugin-src"
Ends = tuple[str, int, str, int]

EXCEPTIONS: dict[str, str] = {
    "suricata-verify--http-evader__http-evader-467.pcap": LOOSE,
    "suricata-verify--http-evader__http-evader-468.pcap": LOOSE,
    "suricata-verify--http-evader__http-evader-477.pcap": LOOSE,
    "zeek--vlan-collisions.pcap": SAME_PORTS,
    f"{CONNKEY}__Traces__vxlan-overlapping-http-get.pcap": SAME_PORTS,
    "icy": "What Shoutcast servers send is an answer: its status and headers are read, and its version is said.",
}
"""Capture or nasty case: why the difference is right, with the section of the RFC."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One capture of the manifest."""

    file: str
    oracle: str
    tier: str
    trust: str


def entries() -> list[Entry]:
    if not CORPUS.is_dir():
        return []
    manifest = json.loads((CORPUS / "manifest.json").read_text("utf-8"))
    return [Entry(one["file"], one["oracle"], one["tier"], one["trust"]) for one in manifest if one["tier"] in TIERS]


def keys_of(entry: Entry) -> Path | None:
    """The key log that belongs to a capture, if one does."""
    path = CORPUS / f"{Path(entry.file).stem}.keys"
    return path if path.exists() else None


def nasty() -> list[dict[str, Any]]:
    path = CORPUS / "nasty" / "catalogue.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@pytest.fixture(scope="module")
def comparer() -> ModuleType:
    """The corpus's own comparer, as a module."""
    spec = importlib.util.spec_from_file_location("corpus_compare", CORPUS / "compare.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.file)
def test_a_capture_gives_what_its_oracle_says(
    entry: Entry, comparer: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(CORPUS / entry.file, keys_of(entry))
    if entry.tier == "negative":
        assert [row.status_line for row in rows if row.head] == []
    writer = EventWriter()
    events = tmp_path / "events.ndjson"
    events.write_bytes(b"".join(writer.line(row) for row in rows if not row.unanswered))
    options: list[str] = []
    if entry.tier == "h2-midstream":
        options += ["--ignore", "header:<unknown>"]
    if entry.trust == "status":
        options += ["--ignore", "text"]
    differs = comparer.main([*options, str(CORPUS / entry.oracle), str(events)])
    said = capsys.readouterr().out
    if entry.file in EXCEPTIONS:
        assert differs, f"{entry.file} is no exception any more"
    else:
        assert not differs, said


@pytest.mark.parametrize("entry", [e for e in entries() if e.trust == "full"], ids=lambda entry: entry.file)
def test_bodies_and_requests_are_those_of_the_oracle(entry: Entry) -> None:
    told: dict[Ends, list[dict[str, Any]]] = defaultdict(list)
    for one in map(json.loads, (CORPUS / entry.oracle).read_text("utf-8").splitlines()):
        told[one["src"], one["sport"], one["dst"], one["dport"]].append(one)
    rows: dict[Ends, list[Response]] = defaultdict(list)
    for row in rows_of(CORPUS / entry.file, keys_of(entry)):
        if not row.unanswered:
            rows[row.flow.server, row.flow.server_port, row.flow.client, row.flow.client_port].append(row)
    for ends, several in told.items():
        # Streams end in any order; what is no stream keeps its own.
        several.sort(key=lambda one: one.get("stream_id") or 0)
        rows[ends].sort(key=lambda row: row.stream if row.protocol == "HTTP/2" else 0)
        # Where the responses themselves differ, the test above has said so.
        if [one["status"] for one in several] == [row.status for row in rows[ends]]:
            found = [text for one, row in zip(several, rows[ends], strict=True) for text in differences(one, row)]
            assert not found, ends


def differences(one: dict[str, Any], row: Response) -> Iterator[str]:
    """What of a body and of a request the oracle is sure of, and we see otherwise."""
    asked = one["request"]
    if asked and (
        row.request is None or (row.request.method, row.request.target) != (asked["method"], asked["uri"] or "")
    ):
        got = row.request and (row.request.method, row.request.target)
        yield f"{row.status_line}: answers {got}, the oracle says {asked}"
    if one["complete"] and one["content_encoding"] is None and not one["notes"] and one["body_len"] is not None:
        if row.body_bytes != one["body_len"]:
            yield f"{row.status_line}: body of {row.body_bytes}, the oracle says {one['body_len']}"
        if row.completeness is not Completeness.COMPLETE:
            yield f"{row.status_line}: {row.completeness}, the oracle says complete"


@pytest.mark.parametrize("case", nasty(), ids=lambda case: case["name"])
def test_a_nasty_response_is_read_as_a_good_tool_reads_it(case: dict[str, Any]) -> None:
    rows = rows_of(CORPUS / "nasty" / case["pcap"])
    # A head that never ends is a row, and says that it is cut; it is not taken for a response.
    statuses = [row.status for row in rows if row.status and row.completeness is not Completeness.HEAD_CUT]
    assert all(row.end is not None for row in rows)
    if case["expect"] is None or case["name"] in EXCEPTIONS:
        return
    assert statuses == case["expect"], [(row.status_line, row.problems) for row in rows]
    # What is no response is a row all the same, and says why.
    if not case["expect"]:
        assert rows
        assert all(row.problems or row.completeness is not Completeness.COMPLETE for row in rows)
