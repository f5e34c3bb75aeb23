"""What the list, filters, the summary and the top line say of connections that are not read."""

from dataclasses import replace

import pytest

from httpresp_capture.query import compile_query
from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.tls import NO_KEY, Tls
from httpresp_tui.model.columns import COLUMNS, class_style
from httpresp_tui.model.grouping import GROUPINGS
from httpresp_tui.model.status_line import StatusLine
from httpresp_tui.model.summary import Summary, summary_text
from httpresp_tui.widgets.top_line_layout import laid_out
from samples import FLOW, encrypted, response, unanswered

MS = 1_000_000


def cells(row: Response) -> dict[str, str]:
    return {column.key: column.cell(row) for column in COLUMNS}


def test_a_row_says_that_it_is_none_of_http() -> None:
    shown = cells(encrypted())
    assert (shown["status"], shown["method"], shown["host"]) == ("TLS", "—", "shop.example")
    assert shown["marks"].strip() == "e"
    assert (shown["path"], shown["ttfb"], shown["size"]) == ("(TLS 1.3, h2, about 4 exchanges)", "~12.0ms", "48 kB")
    assert class_style(encrypted()) == "encrypted"


@pytest.mark.parametrize(
    ("tls", "facts", "words"),
    [
        (Tls(state=NO_KEY), Encrypted(), "(TLS, no exchange)"),
        (
            Tls("TLS 1.2", alert="server: unknown_ca"),
            Encrypted(),
            "(TLS 1.2, no exchange, alert of the server: unknown_ca)",
        ),
        (Tls("TLS 1.3", alpn="h2,http/1.1"), Encrypted(exchanges=1), "(TLS 1.3, h2 or http/1.1, about 1 exchange)"),
        (Tls("TLS 1.3", alpn="h2"), Encrypted(exchanges=9, overlapping=True), "(TLS 1.3, h2, at least 9 exchanges)"),
        (Tls("TLS 1.3"), Encrypted(exchanges=9, unframed_bytes=7), "(TLS 1.3, at least 9 exchanges)"),
        (Tls("TLS 1.3"), Encrypted(unframed_bytes=7), "(TLS 1.3, exchanges not known)"),
    ],
)
def test_what_it_says(tls: Tls, facts: Encrypted, words: str) -> None:
    assert cells(encrypted(flow=replace(FLOW, tls=tls), encrypted=facts))["path"] == words


def test_without_a_name_the_address_is_shown_and_no_time_is_made_up() -> None:
    shown = cells(encrypted(flow=FLOW, encrypted=Encrypted()))
    assert (shown["host"], shown["ttfb"]) == (FLOW.server, "—")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is:encrypted", True),
        ("-is:encrypted", False),
        ("is:error", False),
        ("is:unanswered", False),
        ("is:unpaired", False),
        ("is:incomplete", False),
        ("is:complete", False),
        ("is:decrypted", False),
        ("sni:shop.example", True),
        ("host:shop.example", True),
        ("shop.example", True),
        ("SHOP.example", True),
        ("tls:1.3", True),
        ("alpn:h2", True),
        ("proto:h1", False),
        ("complete:encrypted", True),
        ("2xx", False),
    ],
)
def test_filters_know_it(query: str, found: bool) -> None:
    assert compile_query(query).matches(encrypted()) is found


def test_other_rows_are_not_encrypted() -> None:
    matches = compile_query("is:encrypted").matches
    assert [matches(row) for row in (response(), unanswered())] == [False, False]


def test_it_is_no_error() -> None:
    assert not is_error(encrypted())


def test_by_class_it_is_a_group_of_its_own() -> None:
    kind = GROUPINGS["status"]
    assert kind.label(encrypted()) == "encrypted"
    assert len({kind.of(row) for row in (encrypted(), unanswered(), response())}) == 3


def test_it_is_counted_apart_from_responses() -> None:
    text = summary_text(Summary("lo", by_class=(0, 0, 3, 0, 0, 0), encrypted=2))
    assert "lo: 3 responses (2xx 3), 2 encrypted connections" in text
    assert "errors       0" in text
    left, right = laid_out(StatusLine(label="lo", shown=5, kept=5, encrypted=2), 200)
    assert "3 responses" in "".join(part.text for part in (*left, *right))
    left, right = laid_out(StatusLine(label="lo", shown=1, kept=5, encrypted=2), 200)
    assert "1 of 5 rows" in "".join(part.text for part in (*left, *right))
