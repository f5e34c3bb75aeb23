"""What the `Y` menu offers, and what comes out of it."""

import base64
import gzip

import pytest
from textual.app import App
from textual.widgets import OptionList

from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_tui.screens.copy_menu import CopyMenu
from httpresp_tui.text.excerpts import Excerpt, body_excerpt, curl_excerpt, headers_excerpt, json_excerpt, value_excerpt
from httpresp_tui.text.units import size_text
from samples import GET, TWO_COOKIES, request, response
from scripted import STYLE_SHEET

pytestmark = pytest.mark.slow

REDACTOR = Redactor(b"s" * 16)
SECRET = "3f786850e387550fdab836ed7e6dc881"


class Menu(App[None]):
    """The menu on an empty screen."""

    CSS_PATH = STYLE_SHEET

    def __init__(self, of: Response, redactor: Redactor | None = REDACTOR) -> None:
        super().__init__()
        self.of = of
        self.redactor = redactor
        self.chosen: list[Excerpt | None] = []

    def on_mount(self) -> None:
        self.push_screen(CopyMenu(self.of, self.redactor), self.chosen.append)

    def rows(self) -> list[str]:
        """The rows of the list on top."""
        options = self.screen.query_one(OptionList)
        return [str(options.get_option_at_index(index).prompt) for index in range(options.option_count)]


async def choose(of: Response, *keys: str) -> Excerpt | None:
    """Open the menu, press the keys, take what comes."""
    app = Menu(of)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await app.workers.wait_for_complete()
        await pilot.pause()
    (excerpt,) = app.chosen
    return excerpt


FULL = response(TWO_COOKIES, request=request())


async def test_the_first_row_is_the_json_without_secrets_and_the_second_the_real_thing() -> None:
    first = await choose(FULL, "enter")
    second = await choose(FULL, "j", "enter")
    assert first is not None
    assert second is not None
    assert first == json_excerpt(FULL, REDACTOR)
    assert second == json_excerpt(FULL, None)
    assert SECRET not in first.text
    assert SECRET in second.text


async def test_every_row_says_its_size() -> None:
    app = Menu(FULL)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        sizes = [row.split("  ")[-1].strip() for row in app.rows()]
        assert sizes[2:] == [
            size_text(len(headers_excerpt(FULL, REDACTOR).text.encode())),
            "4 headers",
            "5 B",
            size_text(len(curl_excerpt(FULL, REDACTOR).text)),
        ]


async def test_r_shows_the_secrets_of_every_row() -> None:
    hidden = await choose(FULL, "j", "j", "enter")
    open_ = await choose(FULL, "r", "j", "enter")
    assert hidden is not None
    assert open_ is not None
    assert SECRET not in hidden.text
    assert SECRET in open_.text


async def test_no_two_rows_are_the_same_copy_and_the_cursor_stays_on_its_row() -> None:
    app = Menu(FULL)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j")
        options = app.screen.query_one(OptionList)
        for titles in (["JSON event", "Header block"], ["JSON event", "JSON event, secrets shown", "Header block"]):
            await pilot.press("r")
            assert [row.split("  ")[0] for row in app.rows()][: len(titles)] == titles
            assert str(options.get_option_at_index(options.highlighted or 0).prompt).startswith("Header block")
    app = Menu(FULL, None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert [row.split("  ")[0] for row in app.rows()][:2] == ["JSON event", "Header block"]


async def test_the_body_is_made_when_it_is_chosen() -> None:
    assert await choose(FULL, "j", "j", "j", "j", "enter") == Excerpt(f"body of response #{FULL.id}", "hello")


async def test_one_value_is_chosen_from_the_headers() -> None:
    excerpt = await choose(FULL, "j", "j", "j", "enter", "j", "j", "enter")
    assert excerpt == Excerpt("X-Cache of response #" + str(FULL.id), "HIT")


async def test_escape_copies_nothing_and_from_the_headers_goes_back_to_the_menu() -> None:
    assert await choose(FULL, "escape") is None
    assert await choose(FULL, "j", "j", "j", "enter", "escape", "q") is None


async def test_what_is_not_there_cannot_be_chosen_and_says_why() -> None:
    app = Menu(response(body=b"", request=None))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.rows()[-2].endswith("no body")
        assert app.rows()[-1].endswith("request not seen")
        options = app.screen.query_one(OptionList)
        assert options.get_option_at_index(options.option_count - 1).disabled


async def test_hostile_headers_are_harmless_in_the_list_of_values() -> None:
    app = Menu(response(b"HTTP/1.1 200 OK\r\n[red]\x1b[2J: [/]\x9b1m" + b"x" * 200_000 + b"\r\n\r\n"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "j", "enter")
        await pilot.pause()
        (row,) = app.rows()
        assert row.isprintable()
        assert row.startswith("[red]␛[2J: [/]")
        await pilot.press("enter")
    (excerpt,) = app.chosen
    assert excerpt is not None
    assert len(excerpt.text) > 200_000


# --- excerpts ---


def test_headers_are_copied_in_wire_order_and_case_without_controls() -> None:
    of = response(b"HTTP/1.1 200 OK\r\nX-Two: 1\r\nx-two: \x1b[2J\xe2\x80\xae\r\n\r\n", trailers=b"T: 1\r\n")
    assert headers_excerpt(of, None).text == "HTTP/1.1 200 OK\nX-Two: 1\nx-two: \\x1b[2J\\u202e\n\nT: 1\n"


@pytest.mark.parametrize(
    ("body", "fields", "text", "what"),
    [
        (gzip.compress("grüße\n".encode(), mtime=0), b"Content-Encoding: gzip\r\n", "grüße\n", "body of response #1"),
        (b"a\x1b[2J\r\nb\tc", b"", "a\\x1b[2J\nb\tc", "body of response #1"),
        (b"\x00\x01\x02", b"", base64.b64encode(b"\x00\x01\x02").decode(), "body of response #1 as base64"),
    ],
)
def test_a_body_is_copied_decoded(body: bytes, fields: bytes, text: str, what: str) -> None:
    of = response(b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: %d\r\n\r\n" % len(body), body, id=1)
    assert body_excerpt(of, None) == Excerpt(what, text)


def test_a_body_of_which_only_the_beginning_is_kept_is_called_so() -> None:
    assert body_excerpt(response(id=1, body_bytes=90), None).what == "first part of the body of response #1"


def test_secrets_of_a_body_and_of_a_curl_command_are_hidden() -> None:
    of = response(
        b"HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n",
        b'{"access_token":"0123456789"}',
        request=request(GET[:-2] + b"Cookie: sid=0123456789\r\n\r\n"),
    )
    for excerpt in (body_excerpt, curl_excerpt):
        assert "0123456789" not in excerpt(of, REDACTOR).text
        assert "0123456789" in excerpt(of, None).text
    assert curl_excerpt(of, REDACTOR).text.isascii()


def test_a_value_keeps_its_text() -> None:
    assert value_excerpt(FULL, "X-Name", "caf\xc3\xa9", None).text == "café"


def test_json_is_plain_ascii() -> None:
    of = response(b"HTTP/1.1 200 OK\r\nX-Odd: \x1b[2Jcaf\xc3\xa9\xe2\x80\xae\x9b\r\n\r\n")
    text = json_excerpt(of, None).text
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
