"""Every format writes a file that holds what it was given, privately, or leaves nothing."""

import csv
import io
import json
import stat
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from exchanges import frames_of, ok
from exported import hostile
from httpresp_capture.export.columns import COLUMNS
from httpresp_capture.export.document import ExportOptions
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.exporting.bodies import extension, file_name
from httpresp_capture.exporting.export import Export, ExportError, Order, Packets
from httpresp_capture.exporting.formats import FORMATS
from httpresp_capture.iterator import responses
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from samples import NOT_FOUND, OK, TWO_COOKIES, encrypted, request, response, unanswered
from traffic.captures import pcap

SECRET = "3f786850e387550fdab836ed7e6dc881"
"""In `TWO_COOKIES`."""


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """One exchange, whose cookie is secret."""
    folder = tmp_path / "captures"
    folder.mkdir()
    path = folder / "f.pcap"
    frames = frames_of(ok(b"Set-Cookie: session=" + SECRET.encode(), body=b"hello"))
    path.write_bytes(pcap(frames, frames[0].link_type))
    return path


def exported(
    name: str, path: Path, rows: list[Response], *, redactor: Redactor | None = None, capture: Path | None = None
) -> Export:
    options = ExportOptions(redactor, "here", "1.0", "f.pcap", comment=lambda _: "noted")
    export = FORMATS[name].begin(Order(path, options, packets=Packets() if capture is None else Packets((capture,))))
    for row in rows:
        export.add(row)
    for _ in export.steps():
        pass
    assert export.keep(Counters(kernel_drops=3)) > 0
    return export


def seen(capture: Path) -> list[Response]:
    with responses(capture) as found:
        return list(found)


@pytest.mark.parametrize("name", FORMATS)
def test_each_writes_for_its_owner_alone_and_hides_secrets(name: str, tmp_path: Path, capture: Path) -> None:
    if name == "parquet":
        pytest.importorskip("duckdb", reason="the extra parquet is not installed")
    path = tmp_path / f"f{FORMATS[name].suffix}"
    exported(name, path, [*seen(capture), hostile()], redactor=Redactor(b"salt"), capture=capture)
    mode = stat.S_IMODE(path.stat().st_mode)
    assert mode == (0o700 if path.is_dir() else 0o600)
    files = list(path.iterdir()) if path.is_dir() else [path]
    assert all(SECRET.encode() not in file.read_bytes() for file in files) or FORMATS[name].raw
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["captures", path.name])


@pytest.mark.parametrize("name", FORMATS)
def test_of_each_that_is_dropped_nothing_is_left(name: str, tmp_path: Path, capture: Path) -> None:
    if name == "parquet":
        pytest.importorskip("duckdb", reason="the extra parquet is not installed")
    options = ExportOptions()
    export = FORMATS[name].begin(Order(tmp_path / "f", options, packets=Packets((capture,))))
    export.add(response())
    export.drop()
    assert [each.name for each in tmp_path.iterdir()] == ["captures"]


@pytest.mark.parametrize("name", FORMATS)
def test_none_writes_over_what_is_there(name: str, tmp_path: Path, capture: Path) -> None:
    if name == "parquet":
        pytest.importorskip("duckdb", reason="the extra parquet is not installed")
    path = tmp_path / "f.zip"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        FORMATS[name].begin(Order(path, ExportOptions(), packets=Packets((capture,))))
    assert path.read_bytes() == b"old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["captures", "f.zip"]


def test_names_keys_and_titles_are_of_one_format_each() -> None:
    for of in (lambda each: each.name, lambda each: each.key, lambda each: each.title):  # pyright: ignore
        assert len({of(each) for each in FORMATS.values()}) == len(FORMATS)


def test_late_evidence_is_a_line_of_events_and_is_counted_elsewhere(tmp_path: Path) -> None:
    for name, lines in (("ndjson", 2), ("csv", 2)):
        export = FORMATS[name].begin(Order(tmp_path / name, ExportOptions()))
        export.add(response())
        export.add(response(), amends=True)
        export.keep()
        assert len((tmp_path / name).read_bytes().splitlines()) == lines
        assert export.late == (name == "csv")
    assert json.loads((tmp_path / "ndjson").read_text().splitlines()[1])["httpresp"]["amends"] is True


def test_duckdb_reads_parquet_with_its_types_and_csv_says_the_same(tmp_path: Path) -> None:
    duckdb: Any = pytest.importorskip("duckdb", reason="the extra parquet is not installed")
    rows = [response(NOT_FOUND, b"{}", id=2), unanswered(id=3), encrypted(id=4), hostile()]
    for name in ("parquet", "csv"):
        exported(name, tmp_path / f"it's.{name}", rows)
    with duckdb.connect() as connection:
        columns = connection.execute(f"DESCRIBE SELECT * FROM '{tmp_path}/it''s.parquet'").fetchall()
        assert [(each[0], each[1]) for each in columns] == [
            *((column.name, column.type) for column in COLUMNS),
            ("comment", "VARCHAR"),
        ]
        asked = "SELECT id, status, path, first_byte_ms, epoch_us(time), comment FROM '{}' ORDER BY id"
        typed = connection.execute(asked.format(f"{tmp_path}/it''s.parquet")).fetchall()
        plain = connection.execute(asked.format(f"{tmp_path}/it''s.csv")).fetchall()
    assert typed[1:] == plain[1:]
    assert typed[1] == (2, 404, "/shop/items?page=2", 20.0, 1_700_000_000_021_000, "noted")


def test_without_duckdb_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(ExportError, match=r"httpresp-tui\[parquet\]"):
        FORMATS["parquet"].begin(Order(tmp_path / "f", ExportOptions()))
    assert list(tmp_path.iterdir()) == []


def test_bodies_are_decoded_files_named_by_number_path_and_type(tmp_path: Path) -> None:
    rows = [
        response(OK, b"<p>", id=1, request=request(b"GET /a/index.html?x=../.. HTTP/1.1\r\n\r\n")),
        response(NOT_FOUND, b'{"a":1}', id=2, request=request(b"GET /v1/items/ HTTP/1.1\r\n\r\n")),
        response(NOT_FOUND, b'{"a"', id=3, body_bytes=9, request=request(b"GET / HTTP/1.1\r\n\r\n")),
        response(
            b"HTTP/1.1 200 OK\r\n\r\n", b"\0\1", id=4, request=request(b"GET /../../etc/.passwd HTTP/1.1\r\n\r\n")
        ),
        response(b"HTTP/1.1 204 No Content\r\n\r\n", b"", id=5),
    ]
    export = exported("bodies", tmp_path / "b", rows)
    found = {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert found == {
        "000001-index.html": b"<p>",
        "000002-items.json": b'{"a":1}',
        "000003-body.part.json": b'{"a"',
        "000004-passwd.bin": b"\0\1",
    }
    assert (export.contents, export.left_out) == ("4 bodies", 1)


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/png", ".png"), ("application/problem+json", ".json"), ("image/svg+xml", ".svg"), ("", ".txt"),
        ("application/x-unheard-of", ".txt"), ("text/html", ".html"), ("../../x", ".txt"),
    ],
)  # fmt: skip
def test_an_extension_is_by_the_type(media_type: str, kind: str) -> None:
    assert extension(media_type, True) == kind


def test_a_secret_in_a_body_that_is_no_text_is_hidden(tmp_path: Path) -> None:
    row = response(TWO_COOKIES, b"\0\1" + SECRET.encode() + b"\xff")
    for redactor in (None, Redactor(b"salt")):
        folder = tmp_path / f"b{redactor is None}"
        exported("bodies", folder, [row], redactor=redactor)
        (file,) = folder.iterdir()
        assert file.read_bytes().startswith(b"\0\1")
        assert (SECRET.encode() in file.read_bytes()) == (redactor is None)


def test_no_name_of_a_body_is_the_wires() -> None:
    name = file_name(Leaving(hostile()))
    assert name.startswith("000001-")
    assert name.isascii()
    assert name.isprintable()
    assert "/" not in name


def of_bundle(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return {each.name: each.read_bytes() for each in path.iterdir()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", ["f.zip", "folder"])
def test_a_bundle_can_be_checked_by_its_manifest(name: str, tmp_path: Path, capture: Path) -> None:
    rows = seen(capture)
    exported("bundle", tmp_path / name, rows, capture=capture)
    files = of_bundle(tmp_path / name)
    manifest = json.loads(files.pop("manifest.json"))
    assert {each["name"]: (each["bytes"], each["sha256"]) for each in manifest["files"]} == {
        name: (len(data), sha256(data).hexdigest()) for name, data in files.items()
    }
    assert sorted(files) == ["events.ndjson", "findings.json", "packets.pcapng"]
    assert (manifest["redacted"], manifest["packets"], manifest["lost"]["kernel_drops"]) == (False, 6, 3)
    assert manifest["captured"]["first"] == "2023-11-14T22:13:20.003000Z"
    assert SECRET in json.loads(files["events.ndjson"])["args"][1]["value"]["headers"]["Set-Cookie"][0]
    slice = tmp_path / "slice.pcapng"
    slice.write_bytes(files["packets.pcapng"])
    assert [row.head for row in seen(slice)] == [row.head for row in rows]
    assert json.loads(files["findings.json"])["findings"]


def test_a_bundle_of_a_time_that_zip_cannot_write_is_made_all_the_same(tmp_path: Path) -> None:
    """Those of broken clocks go up to the year 2262; zip ends with 2107."""
    exported("bundle", tmp_path / "f.zip", [response(at_ms=5e12)])
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert {(each.date_time[0], each.external_attr >> 16) for each in archive.infolist()} == {(2107, 0o600)}


def test_a_bundle_without_secrets_has_no_packets_and_says_why(tmp_path: Path, capture: Path) -> None:
    exported("bundle", tmp_path / "f.zip", seen(capture), redactor=Redactor(b"salt"), capture=capture)
    files = of_bundle(tmp_path / "f.zip")
    manifest = json.loads(files["manifest.json"])
    assert "packets.pcapng" not in files
    assert "--no-redact" in manifest["why_no_packets"]
    assert all(SECRET.encode() not in data for data in files.values())


def test_what_has_no_place_in_a_format_is_counted(tmp_path: Path) -> None:
    rows = [response(TWO_COOKIES), encrypted(), response(request=None)]
    assert [exported(name, tmp_path / name, rows).left_out for name in ("har", "curl", "csv")] == [1, 2, 0]
    assert len(list(csv.reader(io.StringIO((tmp_path / "csv").read_text())))) == 4
