"""HTML and XML are laid out by their tags, whatever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_tui.widgets.lines import TextStyle
from httpresp_tui.widgets.markup_text import laid_out, looks_like_markup, markup_lines, styled_spans
from httpresp_tui.widgets.tabs_body import text_lines

PAGE = (
    "<!doctype html><html><head><title>Shop</title><meta charset=utf-8>"
    "<script>\n if (a<b) {\n\tx();\n }\n</script></head>"
    '<body><h1 class="a>b">Hello</h1><p>you <b>there</b><br>more<!-- <p> -->\n\n</p><pre>a\n  b</pre></body></html>'
)


def test_a_page_is_laid_out() -> None:
    assert laid_out(PAGE, html=True) == [
        "<!doctype html>",
        "<html>",
        "  <head>",
        "    <title>Shop</title>",
        "    <meta charset=utf-8>",
        "    <script>",
        " if (a<b) {",
        "    x();",
        " }",
        "</script>",
        "  </head>",
        "  <body>",
        '    <h1 class="a>b">Hello</h1>',
        "    <p>you",
        "      <b>there</b>",
        "      <br>",
        "      more",
        "      <!-- <p> -->",
        "    </p>",
        "    <pre>a",
        "  b</pre>",
        "  </body>",
        "</html>",
    ]


def test_xml_keeps_its_case_and_closes_what_it_opens() -> None:
    shown = laid_out('<?xml version="1.0"?><A><b/><br>x</br><c><![CDATA[ < ]]></c></A>', html=False)
    assert shown == [
        '<?xml version="1.0"?>',
        "<A>",
        "  <b/>",
        "  <br>x</br>",
        "  <c>",
        "    <![CDATA[ < ]]>",
        "  </c>",
        "</A>",
    ]


@pytest.mark.parametrize("cut", range(0, len(PAGE), 7))
def test_a_page_that_was_cut_is_laid_out_as_far_as_it_goes(cut: int) -> None:
    assert "".join("".join(laid_out(PAGE[:cut], html=True)).split()) == "".join(PAGE[:cut].split())


@given(st.text("<>/!-?a pre\"'=\n[]CDT&;", max_size=200), st.booleans())
def test_nothing_but_white_space_is_left_out_of_any_text(text: str, html: bool) -> None:
    assert "".join("".join(laid_out(text, html=html)).split()) == "".join(text.split())


def test_a_server_cannot_make_it_long() -> None:
    """Lines are as many as tags, and no text is read twice."""
    for hostile in (
        "<a " * 40_000,
        "<" * 100_000,
        "<!--" * 30_000,
        '<a href="' * 15_000,
        "<p>" * 40_000 + "</q>" * 9_000,
    ):
        assert len(laid_out(hostile, html=True)) <= len(hostile)


def test_a_body_of_a_type_that_is_markup_is_laid_out_and_no_other() -> None:
    page = b"<html><p>x</p></html>"
    for kind in ("text/html; charset=utf-8", "application/xhtml+xml", "image/svg+xml", "application/xml", ""):
        assert [line.text for line in text_lines(page, kind)] == ["<html>", "  <p>x</p>", "</html>"]
    assert [line.text for line in text_lines(page, "text/plain")] == [page.decode()]
    assert [line.text for line in text_lines(b"  at line 1\n  at line 2", "text/html")] == [
        "  at line 1",
        "  at line 2",
    ]


def test_names_and_values_have_their_ink() -> None:
    text = '<a href="/x">y</a>'
    assert [(text[each.start : each.end], each.style) for each in styled_spans(text)] == [
        ("<", TextStyle.MARK),
        ("a", TextStyle.NAME),
        ('="/x"', TextStyle.STRING),
        (">", TextStyle.MARK),
        ("</", TextStyle.MARK),
        ("a", TextStyle.NAME),
        (">", TextStyle.MARK),
    ]


def test_nothing_in_it_acts() -> None:
    shown = markup_lines("<p>\x1b[2J\u202e</p>", html=True)
    assert not any("\x1b" in line.text or "\u202e" in line.text for line in shown)
    assert looks_like_markup(" <p>")
    assert not looks_like_markup("a < b")
    assert not looks_like_markup("< b")
