"""The manual page, in man(7), made from the table of options and of keys; `tui/share/man` has what is installed."""

from collections.abc import Iterable, Mapping

from httpresp_capture.query.fields import FIELDS
from httpresp_tui import __version__
from httpresp_tui.cli.described import Command, Option, command_line
from httpresp_tui.cli.help_text import PROGRAM

Keys = Iterable[tuple[str, Iterable[tuple[str, str]]]]
"""Headings, each with pairs of a key and what it does."""

ENVIRONMENT: Mapping[str, str] = {
    "SSLKEYLOGFILE": "A file of TLS secrets that is read where --keylog names no other.",
    "NO_COLOR": "Set to anything: no colours.",
    "TMUX, STY": "Set by tmux and GNU screen: copies go through them.",
    "WAYLAND_DISPLAY, DISPLAY": "A local display, whose clipboard is used.",
    "SUDO_UID, SUDO_GID, DOAS_USER, PKEXEC_UID": "Who started the program as root: it becomes that person.",
    "XDG_CONFIG_HOME, XDG_STATE_HOME": "Where the two files below are looked for.",
    "HTTPRESP_TUI_COMPILE": "Set while the program is built: its packet loop is compiled.",
}
FILES: Mapping[str, str] = {
    "~/.config/httpresp-tui/config.toml": "Settings: theme, copy_command, baseline, and keys under [keys].",
    "~/.local/state/httpresp-tui/state.json": "What is remembered from one run to the next.",
}


def man_page(keys: Keys) -> str:
    """The page; `keys` are those of the screen."""
    main, *others = command_line()
    lines = [
        f'.TH {PROGRAM.upper()} 1 "$Mdocdate$" "{PROGRAM} {__version__}" "User Commands"',
        ".SH NAME",
        f"{_text(PROGRAM)} \\- watch the wire passively and show every HTTP response on it",
        ".SH SYNOPSIS",
    ]
    for each in (main, *others):
        lines += [".nf", _text(each.usage), ".fi"]
    lines += [".SH DESCRIPTION", *_paragraphs(main.description)]
    lines += [".SH OPTIONS", *_options(main)]
    for each in others:
        heading = f"{PROGRAM} {each.name}".upper()
        lines += [f'.SH "{_text(heading)}"', *_paragraphs(each.description), *_options(each)]
        lines += [".PP", ".nf", *map(_text, each.epilog.splitlines()), ".fi"]
    lines += [".SH FILTERS", "Fields of the display filter, each with an example:"]
    for field in FIELDS:
        lines += [".TP", f"\\fB{_text(field.key)}\\fR", _text(f"{field.title}: {field.example}")]
    lines.append(".SH KEYS")
    for heading, pairs in keys:
        lines.append(f'.SS "{_text(heading)}"')
        for key, meaning in pairs:
            lines += [".TP", f"\\fB{_text(key)}\\fR", _text(meaning)]
    lines += [".SH NOTES", ".nf", *map(_text, main.epilog.splitlines()), ".fi"]
    for heading, table in (("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES)):
        lines.append(f".SH {heading}")
        for name, meaning in table.items():
            lines += [".TP", f"\\fB{_text(name)}\\fR", _text(meaning)]
    lines += [".SH SEE ALSO", "tcpdump(8), tshark(1), pcap\\-filter(7)"]
    return "\n".join(lines) + "\n"


def _options(command: Command) -> list[str]:
    lines: list[str] = []
    heading = ""
    for option in command.options:
        if option.group != heading:
            heading = option.group
            lines.append(f'.SS "{_text(heading[:1].upper() + heading[1:])}"')
        lines += [".TP", _flags(option), _text(option.help)]
    return lines


def _flags(option: Option) -> str:
    value = f" \\fI{_text(option.metavar)}\\fR" if option.metavar else ""
    return ", ".join(f"\\fB{_text(flag)}\\fR" for flag in option.flags) + value


def _paragraphs(text: str) -> list[str]:
    return [_text(" ".join(text.split()))]


def _text(text: str) -> str:
    """As it is, whatever it begins with."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped[:1] in (".", "'") else escaped
