"""The command lines of `check` and `diff`, and that commands leave the plain one as it is."""

import pytest

from httpresp_capture.checks import CHECKS_BY_ID
from httpresp_capture.records.limits import Limits
from httpresp_tui.cli.arguments import Arguments, CheckArguments, ChecksAsked, DiffArguments
from httpresp_tui.cli.check_command_line import (
    build_check_parser,
    build_diff_parser,
    parse_check,
    parse_diff,
)
from httpresp_tui.cli.help_text import COMMANDS as NAMED
from httpresp_tui.cli.main import COMMANDS, main

ONLY_HSTS = ChecksAsked(enable=frozenset(("HSTS",)), disable=frozenset(CHECKS_BY_ID) - {"HSTS"})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("-r f.pcap", CheckArguments(Arguments(read=("f.pcap",)))),
        ("-i lo -p 80 -a duration:30 -c 5", CheckArguments(Arguments(("lo",), ports=("80",), duration=30.0, count=5))),
        ("--demo --fail-on never --format junit", CheckArguments(Arguments(demo=True), False, "never", "junit")),
        (
            "-r check --behind-tls --baseline a.toml --write-baseline b.toml",
            CheckArguments(Arguments(read=("check",), checks=ChecksAsked(True, "a.toml")), write_baseline="b.toml"),
        ),
        (
            "--demo --enable refpol,DEPR --enable bomb --disable hsts",
            CheckArguments(
                Arguments(
                    demo=True,
                    checks=ChecksAsked(enable=frozenset(("REFPOL", "DEPR", "BOMB")), disable=frozenset(("HSTS",))),
                )
            ),
        ),
        (
            "--demo --enable all",
            CheckArguments(Arguments(demo=True, checks=ChecksAsked(enable=frozenset(CHECKS_BY_ID)))),
        ),
        ("--demo --disable all --enable hsts", CheckArguments(Arguments(demo=True, checks=ONLY_HSTS))),
        (
            "--demo --enable all --disable hsts,depr",
            CheckArguments(
                Arguments(
                    demo=True,
                    checks=ChecksAsked(
                        enable=frozenset(CHECKS_BY_ID) - {"HSTS", "DEPR"}, disable=frozenset(("HSTS", "DEPR"))
                    ),
                )
            ),
        ),
        ("--demo -Y -type:image", CheckArguments(Arguments(demo=True, filter="-type:image"))),
        ("--list", CheckArguments(list_checks=True)),
        ("--demo --max-flows 9", CheckArguments(Arguments(demo=True, limits=Limits(flows=9)))),
    ],
)
def test_words_become_arguments_of_check(words: str, expected: CheckArguments) -> None:
    assert parse_check(words.split()) == expected


def test_words_become_arguments_of_diff() -> None:
    words = "a.pcap - --any-origin --fail-on high --format json -Y -type:image --behind-tls --baseline a.toml"
    assert parse_diff(words.split()) == DiffArguments(
        "a.pcap", "-", "high", "json", any_origin=True, checks=ChecksAsked(True, "a.toml"), filter="-type:image"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("check", "check needs something to read: -i IFACE, -r FILE or --demo."),
        ("check -r f -i lo", "-i and -r cannot be read at once: choose one."),
        ("check -r f -r g -r f", "-r f was given twice: each of its packets would be read twice."),
        (
            "check -r a.pcap b.pcap c.pcap",
            "Each capture file goes after a -r of its own: httpresp-tui check -r b.pcap -r",
        ),
        ("check f.pcap", "A capture file goes after -r: httpresp-tui check -r f.pcap"),
        ("check --demo --fail-on bad", "argument --fail-on: invalid choice: 'bad'"),
        ("check --demo --enable refpool", "--enable: no check is called REFPOOL: did you mean REFPOL?"),
        ("check --demo --disable zzz", "--disable: no check is called ZZZ: httpresp-tui check --list names them."),
        ("check --demo --enable hsts", "--enable HSTS changes nothing: it runs anyway."),
        ("check --demo --enable bomb --disable bomb", "--enable BOMB and --disable BOMB: choose one."),
        ("check --demo --enable all --disable all", "--enable all and --disable all: choose one."),
        ("check --list --format json", "--list names the checks and leaves: nothing else goes with it."),
        ("check --list --demo", "--list names the checks and leaves: nothing else goes with it."),
        ("check --demo --format json --format sarif", "--format was given twice: the first would do nothing."),
        ("check --demo --jsn", "unknown option --jsn"),
        ("check --demo -Y severity:hig", "Unknown severity 'hig': did you mean 'high'?"),
        ("check --demo -p 80", "To choose among the responses, use -Y port:80."),
        ("diff a.pcap", "diff compares two captures: httpresp-tui diff BEFORE AFTER"),
        ("diff - -", "standard input can be one of the two, not both."),
        ("diff a b --anyorigin", "unknown option --anyorigin: did you mean --any-origin?"),
        ("diff a b -Y status:x", "-Y: 'x' is no number"),
        ("chek -r f", "what is 'chek'? Did you mean: httpresp-tui check?"),
        ("-r f check", "check is a command and comes first: httpresp-tui check …"),
        ("--demo --findings", "--findings goes with --json."),
        ("--demo --json --behind-tls", "--behind-tls goes with --findings, or with a filter that asks for findings"),
        ("--demo --json --disable hsts -Y 404", "--disable goes with --findings"),
        ("--demo --json -Y severity:high --baseline f", "--baseline goes with --findings, which says"),
        ("--demo --json --max-responses 5", "--max-responses is for the screen: --json keeps none."),
        ("--demo --tunnels", "--tunnels goes with -p or --host."),
        ("--demo --no-promisc", "--no-promisc is for live capture, and goes with -i."),
        ("-D --json", "-D lists the interfaces and leaves: nothing else goes with it."),
        ("--doctor -Y 404", "--doctor looks at this machine and leaves: nothing else goes with it."),
        ("--demo -Y 404 --filter 500", "--filter was given twice: the first would do nothing."),
        ("--demo -c 5 -c 6", "-c was given twice: the first would do nothing."),
    ],
)
def test_a_mistake_names_the_thing_and_the_way_on(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("httpresp-tui: ")
    assert said in error


def test_an_empty_capture_filter_is_refused_where_none_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--demo", "-f", ""])
    assert left.value.code == 2
    assert "-f is for live capture" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "diff"])
def test_each_command_has_a_help_of_its_own_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: httpresp-tui {command} ")
    assert "examples:" in text
    assert "exit status:" in text
    assert max(map(len, text.splitlines())) < 80


def test_the_words_of_the_command_line_are_those_of_the_engine() -> None:
    assert COMMANDS.keys() == NAMED.keys()


def test_every_option_is_explained() -> None:
    for parser in (build_check_parser(), build_diff_parser()):
        text = parser.format_help()
        for action in parser._actions:  # pyright: ignore[reportPrivateUsage]  # argparse has no public list
            assert not action.option_strings or action.help
            assert all(option in text for option in action.option_strings)
