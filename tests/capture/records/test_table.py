"""Tables whose lines are imports: every line is an entry, in its order, and none takes another's place."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from httpresp_capture import event_formats, protocols
from httpresp_capture.checks import catalogue
from httpresp_capture.checks.finding import Check
from httpresp_capture.detect.protocol import Protocol
from httpresp_capture.export import reports
from httpresp_capture.export.event_format import EventFormat
from httpresp_capture.export.report_format import ReportFormat
from httpresp_capture.net.link import frames
from httpresp_capture.net.link.found import LinkTypes
from httpresp_capture.records.table import entries

TABLES = (
    (catalogue, Check),
    (protocols, Protocol),
    (event_formats, EventFormat),
    (reports, ReportFormat),
    (frames, LinkTypes),
)


@pytest.mark.parametrize(("room", "kind"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_every_line_is_an_entry_in_its_order(room: object, kind: type[object]) -> None:
    tree = ast.parse(Path(str(vars(room)["__file__"])).with_suffix(".py").read_text(encoding="utf-8"))
    lines = [alias for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    # What begins with a capital alone is a type, as what the table is made of; functions are in lower case.
    told = [alias.asname or alias.name for alias in lines if alias.asname or alias.name.isupper()]
    found = entries(str(vars(room)["__name__"]), kind)
    assert [vars(room)[name] for name in told] == list(found)
    assert len(found) > 1


def test_no_link_type_is_decoded_twice() -> None:
    numbers = Counter(number for types in entries(frames.__name__, LinkTypes) for number in types)
    assert set(numbers.values()) == {1}


@pytest.mark.parametrize("folder", ["checks", "net/link"])
def test_no_file_is_forgotten(folder: str) -> None:
    """One that makes an entry has its line."""
    room = Path(str(catalogue.__file__)).parents[1] / folder
    table = (room / ("catalogue.py" if folder == "checks" else "frames.py")).read_text(encoding="utf-8")
    made = [path.stem for path in room.glob("*.py") if "\nCHECK = " in (text := path.read_text(encoding="utf-8"))
            or "\nLINK_TYPES = " in text]  # fmt: skip
    assert len(made) > 5
    assert [name for name in made if f".{name} import " not in table] == []
