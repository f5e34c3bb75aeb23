"""Responses as CSV: what a program for tables reads is what was captured, and none of it is run."""

import csv
import io

import pytest

from exported import acting, hostile, written
from httpresp_capture.export.columns import COLUMNS
from httpresp_capture.export.csv_table import Csv, cell
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from samples import NOT_FOUND, encrypted, request, response, unanswered


def table(*rows: Response, redactor: Redactor | None = None, comment: str = "") -> list[dict[str, str]]:
    text = written(Csv, rows, redactor=redactor, comment=comment).decode()
    assert not acting(text, "\r\n")
    # RFC 4180: CRLF ends each line, and stands nowhere else.
    assert text.count("\r\n") == text.count("\n") == len(rows) + 1
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_row_holds_what_is_known() -> None:
    (row,) = table(response(NOT_FOUND, b"{}", id=42), comment="seen, twice")
    assert (row["id"], row["time"], row["status"], row["reason"]) == (
        "42",
        "2023-11-14T22:13:20.021000Z",
        "404",
        "Not Found",
    )
    assert (row["method"], row["scheme"], row["host"], row["path"]) == (
        "GET", "http", "shop.example:8080", "/shop/items?page=2",
    )  # fmt: skip
    assert (row["type"], row["body_bytes"], row["first_byte_ms"], row["duration_ms"]) == (
        "application/json", "2", "20.0", "25.0",
    )  # fmt: skip
    assert row["comment"] == "seen, twice"
    assert list(row) == [*(column.name for column in COLUMNS), "comment"]


def test_what_is_not_known_is_an_empty_cell() -> None:
    without, no_answer, tls = table(response(request=None), unanswered(), encrypted())
    assert (without["method"], without["first_byte_ms"]) == ("", "")
    assert (no_answer["status"], no_answer["end"]) == ("", "no response")
    assert (tls["completeness"], tls["sni"]) == ("encrypted", "shop.example")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", " =", "＝", "\r@"])
def test_a_cell_that_begins_like_a_formula_is_text(begins: str) -> None:
    shown = cell(f"{begins}HYPERLINK(1)").strip('"')
    assert shown.startswith("'")


def test_numbers_and_other_text_stay_as_they_are() -> None:
    assert [cell(each) for each in (-1, 2.5, None, True, "a", "a=b", "")] == ["-1", "2.5", "", "True", "a", "a=b", ""]


def test_quotes_commas_and_blanks_come_back() -> None:
    for text in ('a"b', "a,b", " a ", '"', '","'):
        assert next(csv.reader(io.StringIO(cell(text)), strict=True)) == [text]


def test_hostile_text_is_one_line_in_which_nothing_acts() -> None:
    (row,) = table(hostile())
    assert row["host"].startswith("'=x")
    assert "\\x1b" in row["reason"]


def test_secrets_are_tags() -> None:
    head = b"GET /a?access_token=Zq7Kp2Xw9Lm4Rt8Vb3 HTTP/1.1\r\nHost: h\r\n\r\n"
    (row,) = table(response(request=request(head)), redactor=Redactor(b"salt"))
    assert row["path"].startswith("/a?access_token=‹token 18B #")
