"""The table of sources is all that the command line knows of them."""

from itertools import combinations

import pytest

from httpresp_capture.sources import Source
from httpresp_tui.cli.check_command_line import build_check_parser
from httpresp_tui.cli.command_line import build_parser, parse
from httpresp_tui.cli.main import open_source
from httpresp_tui.cli.sources import SOURCES, SourceKind, asked_for

WORDS = {"IFACE": "lo", "FILE": "a.pcap"}


def words_of(kind: SourceKind) -> list[str]:
    return [WORDS.get(word, word) for word in kind.usage.split()]


@pytest.mark.parametrize("kind", SOURCES, ids=lambda kind: kind.flag)
def test_each_is_recognised_by_its_flag(kind: SourceKind) -> None:
    assert asked_for(parse(words_of(kind))) == [kind]
    for parser in (build_parser(), build_check_parser()):
        assert kind.usage in (parser.usage or "")
        assert any(kind.flag in action.option_strings for action in parser._actions)  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(("one", "other"), list(combinations(SOURCES, 2)), ids=lambda kind: kind.flag)
def test_two_at_once_are_refused(one: SourceKind, other: SourceKind, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse([*words_of(one), *words_of(other)])
    assert f"{one.flag} and {other.flag} cannot be read at once" in capsys.readouterr().err


def test_the_one_that_is_asked_for_is_opened() -> None:
    source: Source = open_source(parse(["--demo"]), screen=False)
    assert (source.label, source.live, source.filter_text, source.recording, source.lost) == ("demo", False, "", "", 0)
    source.close()
