"""What the words and marks on the screen mean, and what this program cannot read: the second half of the help panel."""

from httpresp_capture.query.fields import FIELDS, OF_FINDINGS
from httpresp_tui.model.columns import MARKS
from httpresp_tui.text.badges import BADGES, MARKED, SHOWN

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("capture filter", "in the kernel, set by -f, -p and --host; what it leaves out never comes"),
    ("display filter", "over what came; clear it and everything is there again"),
    (
        "lost packets",
        "they came faster than the kernel handed them over, or than the file was written; rows may be cut",
    ),
    ("lost rows", "they came faster than the screen took them in; they are missing from the list"),
    ("encrypted, enc", "connections of TLS that are not read; with their keys they are: --keylog FILE, or -- COMMAND"),
    ("TLS … ~12 ms", "such a connection is a row; its exchanges and the time to first byte are estimates"),
    ("gap", "bytes that were sent and that we did not see: lost before or in the capture"),
    ("5… of 90", "a filter, an order or a grouping is still at work: there may be more"),
    ("let go", "the oldest responses, over the number that is kept"),
    ("finding", "what a check can prove against a response; with evidence, a reason and advice"),
    ("accepted", "a finding that somebody can live with until a day; counted, not hidden"),
    ("ttfb", "time from the request's last byte to the response's first"),
    ("???", "a status that cannot be read; in a group's row requests without response too"),
    ("err, rest", "in a group's row: what is:error finds, or all others, where classes have no room of their own"),
    ("≈", "of many times to first byte: within half a per cent"),
    ("212 ms ± ≥", "overview: not certain, since responses without a measured time, or losses, may change it"),
    ("2345  8·1+", "overview: how many tenths are 2xx, 3xx, 4xx, 5xx; · none, + all"),
    ("1ms…1s", "overview: how many were how slow; the borders are 1, 3, 10, 30, 100, 300 ms and 1 s"),
    ("!  on the timeline", "packets were dropped then"),
    ("… in the titles", "columns that have no room; a wider terminal shows them"),
    ("—", "not known, or not there"),
)
"""Word on the screen: what it means."""


_GRAMMAR = (
    ("word", 'anywhere in host, URL, status line or headers; "quotes" for a phrase, /slashes/ for a pattern'),
    ("404 4xx 400-499", "a status, a class, a range"),
    (">500ms >10k", "slower or larger than"),
    ("-status:200", "not; also ! and the word not"),
    ("a b   a | b   (…)", "and, or, groups"),
)


def filter_language() -> tuple[tuple[str, str], ...]:
    """How terms are put together, then every field with an example."""
    shown = (field for field in FIELDS if not field.reserved or field.key in (*OF_FINDINGS, "mark"))
    return (*_GRAMMAR, *((field.example, field.title) for field in shown))


def entries() -> tuple[tuple[str, str], ...]:
    """The marks of the list, then the words."""
    badges = ((badge.glyph, badge.meaning) for severity, badge in BADGES.items() if severity >= SHOWN)
    return (
        (MARKED, "marked by you: m, with a comment ;"),
        *badges,
        *((mark.glyph, mark.meaning) for mark in MARKS),
        *GLOSSARY,
    )
