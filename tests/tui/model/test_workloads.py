"""Process, container and pod on the screen: columns, groups, Metadata; nothing of it where nobody told."""

from pathlib import Path

import pytest

from httpresp_capture.records.events import ResponseSeen
from httpresp_capture.records.workload import Workload
from httpresp_capture.redaction import Redactor
from httpresp_tui.model.columns import COLUMNS, WORKLOAD_COLUMNS, column, layout, with_badges, with_workloads
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.model.store import Store
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_metadata import metadata
from samples import response, unanswered
from scripted import Scripted, running, screen_text, some_responses, until

NGINX = Workload(
    process_id=21, host_process_id=691018, process_name="nginx", executable="/usr/sbin/nginx", host_name="node-3",
    container_id="95e88e281c4b47994e0d", container=(("id", "95e8"), ("name", "web"), ("image", "nginx:1.25")),
    kubernetes=(("podName", "web-7d4"), ("podNamespace", "shop")), syscall="write", return_value=-11,
)  # fmt: skip
BARE = Workload(process_id=99, host_name="node-3", container_id="95e88e281c4b47994e0d")


def cell(key: str, who: Workload | None) -> str:
    found = column(key)
    assert found is not None
    return found.cell(response(workload=who))


def test_the_columns_say_whose_it_is_as_well_as_that_is_known() -> None:
    assert (cell("process", NGINX), cell("pod", NGINX)) == ("nginx", "shop/web-7d4")
    assert (cell("process", BARE), cell("pod", BARE)) == ("99", "95e88e281c4b")
    assert (cell("process", Workload(host_name="a")), cell("pod", Workload(host_name="a"))) == ("", "a")
    assert (cell("process", None), cell("pod", None)) == ("", "")


def test_the_columns_stand_before_the_marks_and_the_list_fits_any_width() -> None:
    columns = with_workloads(with_badges(COLUMNS, lambda _: "", lambda _: False), process=True, pod=True)
    assert [each.key for each in columns[-3:]] == ["process", "pod", "marks"]
    for width in range(30, 200, 7):
        placed = layout(columns, width)
        assert placed[-1].end <= max(width, 40)
    assert {each.column.key for each in layout(columns, 200)} == {each.key for each in columns}


@pytest.mark.parametrize(
    ("kind", "name"), [("process", "nginx"), ("container", "web"), ("pod", "shop/web-7d4")]
)  # fmt: skip
def test_responses_are_grouped_by_whose_they_are(kind: str, name: str) -> None:
    grouping = GROUPINGS[kind]
    assert grouping.label(response(workload=NGINX)) == grouping.of(unanswered(workload=NGINX)) == name
    assert grouping.label(response()) == "(not told)"


def test_the_metadata_say_all_of_it_and_nothing_acts() -> None:
    def lines(who: Workload | None) -> str:
        return "\n".join(line.text for line in metadata(View(response(workload=who), Redactor(b"s" * 16), 100)))

    text = lines(NGINX)
    for said in ("nginx", "/usr/sbin/nginx", "691018", "node-3", "web", "nginx:1.25", "shop/web-7d4", "returned -11"):
        assert said in text
    assert "Process" not in lines(None)
    nasty = "a\x1b[2J\u202e"
    shown = lines(
        Workload(
            process_name=nasty, executable=nasty, host_name=nasty, container_id=nasty, container=(("image", nasty),),
            kubernetes=(("podName", nasty),), matched_policies=(nasty,), syscall=nasty,
        )
    )  # fmt: skip
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_store_knows_that_workloads_are_told() -> None:
    store = Store()
    store.apply([ResponseSeen(response(id=1))])
    assert (store.tells_process, store.tells_container) == (False, False)
    # What `--json` writes of packets has the machine's name, and nothing that a column is for.
    store.apply([ResponseSeen(response(id=2, workload=Workload(host_name="node-3")))])
    assert (store.tells_process, store.tells_container) == (False, False)
    store.apply([ResponseSeen(response(id=3, workload=Workload(process_id=7, host_name="node-3")))])
    assert (store.tells_process, store.tells_container) == (True, False)
    store.apply([ResponseSeen(response(id=4, workload=NGINX))])
    assert (store.tells_process, store.tells_container) == (True, True)


def test_a_column_that_has_nothing_to_show_is_not_there() -> None:
    keys = [entry.key for entry in with_workloads(COLUMNS, process=True, pod=False)]
    assert "process" in keys
    assert "pod" not in keys
    assert with_workloads(COLUMNS, process=False, pod=False) == COLUMNS


@pytest.mark.slow
async def test_the_list_gets_the_columns_when_a_log_tells_of_processes(tmp_path: Path) -> None:
    async with running(Scripted(some_responses(3)), tmp_path, size=(139, 24)) as (app, pilot):
        assert "process" not in screen_text(app)
        app.session.source.emit([ResponseSeen(response(id=4, workload=NGINX))])  # pyright: ignore[reportAttributeAccessIssue]
        await until(pilot, lambda: "shop/web-7d4" in screen_text(app) and "process" in screen_text(app))
    assert len(WORKLOAD_COLUMNS) == 2
