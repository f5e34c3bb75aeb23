"""Whatever a server sends, what comes out of the door cannot act on a terminal."""

import sys
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from httpresp_tui.text.printable import ControlFilter, decoded, printable, printable_text

BLACK = Color(0, 0, 0)


def acts(text: str) -> list[str]:
    """Characters that a terminal may obey, hide or draw somewhere else."""
    return [char for char in text if category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]


@pytest.mark.parametrize(
    ("wire", "seen"),
    [
        (b"plain text", "plain text"),
        (b"", ""),
        (b"\x1b]52;c;UFdORUQ=\x07", "␛]52;c;UFdORUQ=␇"),
        (b"a\r\nb\tc\x00\x7f", "a␍␊b␉c␀␡"),
        ("\x9b31m", "‹U+009B›31m"),
        ("evil\u202egpj.exe", "evil‹U+202E›gpj.exe"),
        ("a\u200bb\u200d\ufeffc", "a‹U+200B›b‹U+200D›‹U+FEFF›c"),
        ("one\u2028two\u2029", "one‹U+2028›two‹U+2029›"),
        ("lone \ud800 surrogate", "lone ‹U+D800› surrogate"),
        ("no\u00a0break", "no‹U+00A0›break"),
        ("soft\u00adhyphen", "soft‹U+00AD›hyphen"),
        ("\ue000\U0010ffff", "‹U+E000›‹U+10FFFF›"),
        ("[bold]not markup[/]", "[bold]not markup[/]"),
        ("日本語 café Ω", "日本語 café Ω"),
        ("tag\U000e0041", "tag‹U+E0041›"),
    ],
)
def test_what_could_act_is_spelled_out(wire: str | bytes, seen: str) -> None:
    assert printable_text(wire) == seen
    assert printable(wire).plain == seen


def test_markup_in_wire_text_has_no_effect() -> None:
    content = printable("[link='http://x']OK[/] [@click=app.quit]x[/]")
    assert content.plain == "[link='http://x']OK[/] [@click=app.quit]x[/]"
    assert not content.spans


def test_bytes_are_utf_8_where_valid_and_latin_1_where_not() -> None:
    assert printable_text("naïve".encode()) == "naïve"
    assert printable_text("naïve".encode("latin-1")) == "naïve"
    assert printable_text(b"\x80\x9b") == "‹U+0080›‹U+009B›"


def test_latin_1_text_of_a_head_is_read_as_utf_8_where_it_is_that() -> None:
    assert decoded("/caf\u00c3\u00a9") == "/café"
    assert decoded("/caf\u00e9") == "/café"
    assert decoded("/plain") == "/plain"
    assert decoded("日") == "日"


def test_a_long_value_is_cut_and_says_by_how_much() -> None:
    assert printable_text("x" * 200_000, 4_096) == "x" * 4_096 + "‹… 195,904 more characters›"
    assert printable_text("x" * 10, 10) == "x" * 10


def test_a_flood_of_combining_marks_is_counted_and_cut() -> None:
    assert printable_text("e\u0301") == "e\u0301"
    assert printable_text("e" + "\u0301" * 100 + "nd") == "e" + "\u0301" * 4 + "‹+96 marks›nd"
    assert printable_text("e" + "\u0301" * 5) == "e" + "\u0301" * 4 + "‹+1 marks›"


def test_a_mark_that_comes_first_does_not_join_what_stands_before_the_text() -> None:
    assert printable_text("\u0301x") == "◌\u0301x"


def test_lines_are_kept_where_lines_are_wanted() -> None:
    assert printable_text("a\r\nb\n\tc\rd\x1b", lines=True) == "a\nb\n    c␍d␛"


@given(st.text(alphabet=st.characters()))
def test_no_text_that_comes_out_can_act(text: str) -> None:
    assert not acts(printable_text(text))
    assert not acts(printable_text(text, lines=True).replace("\n", ""))


@pytest.mark.slow
def test_no_character_of_unicode_comes_out_that_can_act() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert not acts(printable_text(every, len(every)))


@given(st.binary())
def test_no_bytes_that_come_out_can_act(data: bytes) -> None:
    assert not acts(printable_text(data))


def apply(*segments: Segment) -> list[Segment]:
    return ControlFilter().apply(list(segments), BLACK)


def test_the_second_wall_takes_controls_out_of_any_segment() -> None:
    assert apply(Segment("AA\x1b]52;c;UFdORUQ=\x1b\\ZZ\x9b31m\u202e"))[0].text == "AA]52;c;UFdORUQ=\\ZZ31m"
    assert apply(Segment("plain"), Segment("╭─▼…日本"))[1].text == "╭─▼…日本"


def test_the_second_wall_keeps_the_controls_of_the_screen_itself() -> None:
    home = Segment("\x1b[H", None, [(1,)])  # pyright: ignore[reportArgumentType]
    assert apply(home) == [home]


def test_the_second_wall_takes_out_a_link_that_could_act() -> None:
    hostile = Segment("x", Style(link="http://a\x1b\\\x1b]52;c;eA==\x07"))
    harmless = Segment("x", Style(link="http://a/"))
    (cleaned, kept) = apply(hostile, harmless)
    assert cleaned.style is not None
    assert cleaned.style.link is None
    assert kept.style is not None
    assert kept.style.link == "http://a/"


def test_the_second_wall_cuts_a_flood_of_combining_marks() -> None:
    assert apply(Segment("e" + "\u0301" * 1_000))[0].text == "e" + "\u0301" * 4


@given(st.text(alphabet=st.characters()))
def test_the_second_wall_keeps_the_width_of_a_line(text: str) -> None:
    passed = apply(Segment(text))[0].text
    assert sum(map(cell_len, passed)) == sum(map(cell_len, text))
    assert not [char for char in passed if category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
