"""Markdown for a ticket: a table and the details, in which text of the wire is shown and does nothing."""

import re

from exported import acting, hostile, written
from httpresp_capture.export.ticket import DETAILED, ROWS, Ticket
from httpresp_capture.redaction import Redactor
from samples import NOT_FOUND, TWO_COOKIES, encrypted, response, unanswered


def test_a_table_and_the_details_of_each() -> None:
    text = written(Ticket, [response(NOT_FOUND, b'{"error":"x"}', id=4), unanswered(id=5)], comment="why?").decode()
    assert (
        "| 4 | 2023-11-14T22:13:20.021000Z | 404 | `GET shop.example:8080/shop/items?page=2` | 20 ms | 13 | why? |"
        in text
    )
    assert "\n## 4: 404 `GET shop.example:8080/shop/items?page=2`\n" in text
    assert (
        '```http\nHTTP/1.1 404 Not Found\nContent-Type: application/json\nContent-Length: 13\n\n{"error":"x"}\n```'
        in text
    )
    assert "| 5 | 2023-11-14T22:13:20.021000Z | no response |" in text
    assert "- no-response:" in text


def test_hostile_text_ends_no_block_and_breaks_no_row() -> None:
    text = written(Ticket, [hostile()]).decode()
    assert not acting(text, "\n\t")
    rows = [line for line in text.split("\n") if line.startswith("| 1 ")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 8
    # What is outside of blocks and spans holds nothing of the wire.
    outside = re.sub(r"(`{3,})http\n.*?\n\1\n", "", text, flags=re.DOTALL)
    outside = re.sub(r"(`+) .*? \1(?!`)", "", outside)
    assert "script" not in outside


def test_a_fence_in_a_body_does_not_end_its_block() -> None:
    text = written(Ticket, [response(body=b"a\n```\n# shout\n````\n")]).decode()
    assert text.count("`````") == 2
    assert "shout" not in re.sub(r"(`{3,})http\n.*?\n\1\n", "", text, flags=re.DOTALL)


def test_secrets_are_tags_and_that_is_said() -> None:
    hidden = written(Ticket, [response(TWO_COOKIES)], redactor=Redactor(b"salt")).decode()
    assert "3f786850e387550fdab836ed7e6dc881" not in hidden
    assert "Secrets are tags" in hidden
    assert "Secrets stand as they are" in written(Ticket, [response(TWO_COOKIES)]).decode()


def test_what_its_bounds_leave_out_is_said() -> None:
    text = written(Ticket, [response(id=number) for number in range(1, ROWS + 4)]).decode()
    assert "3 more responses not in this table" in text
    assert text.count("\n## ") == DETAILED
    assert f"Details of the first {DETAILED} of {ROWS + 3} responses." in text
    long = written(Ticket, [response(body=b"x" * 5_000)]).decode()
    assert "… 3,000 more characters" in long


def test_a_connection_that_is_not_read_is_a_row() -> None:
    assert "| encrypted | `shop.example` |" in written(Ticket, [encrypted()]).decode()
