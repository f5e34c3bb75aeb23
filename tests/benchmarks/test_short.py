"""That the suite itself works; nothing here looks at a clock."""

import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from benchmarks.cases import CASES, Talk, made
from benchmarks.checking import found
from benchmarks.files import check, measure, show, start_up
from benchmarks.installed import absolute
from benchmarks.pipeline import main as run_pipeline
from benchmarks.plot import Curve, plot
from benchmarks.process import run
from benchmarks.scale import flows, kept, memory, responses
from benchmarks.screen_app import MARKED, MARKED_HOST, Replay, numbered
from benchmarks.tables import number, table
from benchmarks.tools import OURSELVES, PIPELINE, cut
from httpresp_capture.records.events import CaptureEvent, CaptureStatus, ResponseSeen
from httpresp_capture.records.exchange import Response


@pytest.fixture(autouse=True)
def _children_find_our_rooms(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  # pytest uses it
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))


@pytest.mark.parametrize(
    "name", [name if name == "small" else pytest.param(name, marks=pytest.mark.slow) for name in CASES]
)
def test_of_each_capture_we_print_exactly_what_was_put_in(name: str, tmp_path: Path) -> None:
    capture = made(name, 100, tmp_path)
    assert capture.truth.responses == 100 or (name == "lost" and 90 < capture.truth.responses < 100)
    assert capture.truth.missing_bytes > 0 or name != "lossy"
    assert found(capture.path) == replace(capture.truth, packets=0)


def test_the_same_seed_makes_the_same_capture(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    one, other = (made("chunked", 40, where) for where in (first, second))
    assert one.path.read_bytes() == other.path.read_bytes()
    assert one.truth == other.truth


def test_a_capture_that_is_read_wrong_is_not_timed(tmp_path: Path) -> None:
    capture = made("small", 50, tmp_path)
    notes = capture.path.with_suffix(".json")
    notes.write_text(notes.read_text().replace('"responses": 50', '"responses": 51'))
    with pytest.raises(SystemExit, match="Wrong results"):
        check([capture])


@pytest.mark.slow
def test_a_table_of_a_capture_has_a_line_for_each_tool(tmp_path: Path) -> None:
    capture = made("small", 50, tmp_path)
    tools = [OURSELVES, replace(PIPELINE, upto=20)]
    text = show(capture, measure(capture, tools, {tool.name: 0.0 for tool in tools}, 1))
    assert "| httpresp-tui --json " in text
    assert "| its pipeline alone (scaled) " in text
    assert "failed" not in text


def test_start_up_is_measured_for_each_tool(tmp_path: Path) -> None:
    assert list(start_up([PIPELINE], tmp_path, 1)) == [PIPELINE.name]


def test_a_cut_holds_whole_packets(tmp_path: Path) -> None:
    capture = made("heads", 50, tmp_path)
    data = cut(capture.path, 7).read_bytes()
    assert capture.path.read_bytes().startswith(data)
    at = 24
    for _ in range(7):
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "little")
    assert at == len(data)


def test_the_pipeline_alone_reads_a_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["pipeline", str(made("flows", 1, tmp_path).path)])
    assert run_pipeline() == 0


def test_growth_is_measured_in_microseconds() -> None:
    assert flows(10, packets=300)["µs"] > 0
    assert kept(1_000, more=1_000)["µs"] > 0
    assert kept(1_000, more=1_000, group="flow")["µs"] > 0


def test_memory_is_that_of_what_is_kept() -> None:
    assert set(memory(1_000)) == {"bytes", "MB", "pause"}


def test_the_responses_that_are_kept_have_twelve_fields_and_no_body() -> None:
    made_ones = [event.response for batch in responses(60) for event in batch if isinstance(event, ResponseSeen)]
    assert len(made_ones) == 60
    assert {len(list(response.headers)) for response in made_ones} == {12}
    assert {response.body for response in made_ones} == {b""}


def test_what_is_kept_on_the_screen_can_be_told_by_its_path() -> None:
    pattern: list[Response] = [
        event.response for batch in responses(20) for event in batch if isinstance(event, ResponseSeen)
    ]
    row = numbered(pattern[0], 5 * MARKED)
    assert row.request is not None
    assert (row.id, row.request.target) == (45, "/@45/items")
    assert MARKED_HOST in row.request.head
    other = numbered(pattern[0], 46)
    assert other.request is not None
    assert MARKED_HOST not in other.request.head


def test_the_replay_gives_what_the_engine_makes_of_its_frames() -> None:
    source = Replay(5_000, 100)
    taken: list[CaptureEvent] = []

    def emit(batch: list[CaptureEvent]) -> None:
        taken.extend(batch)
        source.stop()

    source.run(emit)
    ids = [event.response.id for event in taken if isinstance(event, ResponseSeen)]
    assert ids[:3] == [101, 102, 103]
    assert isinstance(taken[-1], CaptureStatus)


def test_a_talk_adds_up_what_it_says() -> None:
    talk = Talk(Random(1))
    number, answer = talk.response(b"x" * 10_000, chunked=True)
    assert (number, talk.truth.responses, talk.truth.numbers) == (1, 1, 1)
    assert b"Transfer-Encoding: chunked" in answer
    assert answer.endswith(b"0\r\n\r\n")
    assert answer.partition(b"\r\n\r\n")[2].count(b"x") == talk.truth.body_bytes == 10_000


def test_figures_have_three_digits_that_say_something() -> None:
    assert [number(value) for value in (12_345.6, 45.67, 0.1234)] == ["12,346", "45.7", "0.12"]


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [("one", "1"), ("three", "33")]).split("\n") == [
        "| a     |  b |",
        "|-------|---:|",
        "| one   |  1 |",
        "| three | 33 |",
    ]


def test_a_plot_has_a_line_for_each_curve() -> None:
    text = plot([Curve("one", [(100, 1.0), (1_000, 2.0)]), Curve("two", [(100, 3.0)])])
    assert text.count("<polyline") == 2
    assert ">1,000</text>" in text


def test_a_tool_that_is_started_in_a_folder_of_its_own_finds_what_was_named_from_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "tests" / "found_from_here.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", "tests")
    monkeypatch.chdir(tmp_path)
    absolute()
    assert run([sys.executable, "-c", "import found_from_here"], tmp_path / "elsewhere").status == 0
