"""A count is told in words by one function, and nothing else in the house knows a plural."""

import re
from pathlib import Path

import pytest

import httpresp_capture
import httpresp_tui
from httpresp_capture.records.plurals import many, plural

BY_HAND = re.compile(r"""['"]{2} if \w[\w. ]*(?:==|!=) 1 else ['"]i?e?s['"]|['"]s['"] if """)


@pytest.mark.parametrize(
    ("count", "what", "words"),
    [
        (0, "response", "0 responses"),
        (1, "older body", "1 older body"),
        (2, "older body", "2 older bodies"),
        (1_234, "IP datagram", "1,234 IP datagrams"),
        (1, "second", "1 second"),
    ],
)
def test_a_count_in_words(count: int, what: str, words: str) -> None:
    assert many(count, what) == words
    assert words.endswith(plural(count, what))


def test_no_other_room_makes_plurals() -> None:
    rooms = [Path(package.__file__ or "").parent for package in (httpresp_capture, httpresp_tui)]
    made = [
        f"{path.name}: {line.strip()}"
        for room in rooms
        for path in room.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if BY_HAND.search(line)
    ]
    assert not made
