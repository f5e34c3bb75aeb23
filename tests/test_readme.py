"""What README says of keys, options, filters, bounds and files is so."""

import inspect
import re
import shlex
import tomllib
from argparse import ArgumentParser
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from httpresp_capture import plugins
from httpresp_capture.analysis.finding_hooks import finding_values
from httpresp_capture.analysis.findings import Findings
from httpresp_capture.checks import Check, Context, Options
from httpresp_capture.query import Hooks, QueryError, compile_query
from httpresp_capture.query.fields import FIELDS, OF_FINDINGS
from httpresp_capture.query.states import STATES
from httpresp_capture.records.limits import REQUEST_COST, Limits
from httpresp_capture.tcp.packet import OVERHEAD
from httpresp_tui.cli.check_command_line import parse_check, parse_diff
from httpresp_tui.cli.command_line import build_parser, parse
from httpresp_tui.keys.bindings import check_keys, unrolled
from httpresp_tui.model.mailbox import Mailbox
from httpresp_tui.model.marks import MOST, Marks
from httpresp_tui.model.settings import load_settings
from httpresp_tui.model.store import Store
from httpresp_tui.scopes import SCOPES
from samples import response

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

HOOKS = Hooks({**finding_values(Findings()), "mark": Marks().values, "marked": Marks().values}, span=lambda: None)
"""What the screen knows beside the responses."""
COMMANDS = {"check": parse_check, "diff": parse_diff}

SPELT = {
    "slash": "/", "vertical_line": "|", "minus": "-", "less_than_sign": "<", "greater_than_sign": ">", "colon": ":",
    "question_mark": "?", "exclamation_mark": "!", "left_square_bracket": "[", "right_square_bracket": "]",
    "enter": "⏎", "escape": "esc", "semicolon": ";", "full_stop": ".",
    "plus": "+", "equals_sign": "=", "shift+left": "shift+←", "shift+right": "shift+→",
    "up": "↑", "down": "↓", "left": "←", "right": "→", "pagedown": "pgdn", "pageup": "pgup",
}  # fmt: skip
"""Textual's names of keys as README writes them; the others are written as they are."""


def section(title: str) -> str:
    """The text under a heading of the second level."""
    (text,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    return text


def rows(text: str) -> list[list[str]]:
    """The cells of every table in it, without the lines of dashes."""
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("|") and set(line) - set("|-")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]


def code(text: str) -> list[str]:
    """What stands between backticks."""
    return [found.replace("\\|", "|") for found in re.findall(r"`([^`]+)`", text)]


def options(parser: ArgumentParser) -> set[str]:
    actions = parser._actions  # pyright: ignore[reportPrivateUsage]  # argparse has no public list
    return {option for action in actions for option in action.option_strings}


def test_every_key_is_in_the_tables_and_no_other() -> None:
    told = {key for row in rows(section("Keys")) for key in code(row[0])}
    told |= {key for row in rows(section("Keys")) for key in code(row[-1]) if key in ("esc", "↑", "↓", "⏎")}
    bound = {binding.key for scope in SCOPES.values() for binding in unrolled(scope)}
    assert told == {SPELT.get(key, key) for key in bound}


def test_every_option_is_in_the_table_and_no_other() -> None:
    told = {word for row in rows(section("Command line")) for word in code(row[0])}
    assert {word.split()[0] for word in told} == options(build_parser())


def test_every_field_and_state_is_in_the_tables_and_no_other() -> None:
    table = rows(section("Filters").partition("| field |")[2])
    told = [name for row in table for name in code(row[0])]
    assert set(told) - {"is"} == {
        field.key for field in FIELDS if not field.reserved or field.key in (*OF_FINDINGS, "mark")
    }
    states = next(code(row[1]) for row in table if row[0] == "`is`")
    answered: set[str] = set()
    for state in STATES:
        try:
            compile_query(f"is:{state.key}", HOOKS)
        except QueryError:
            continue
        answered.add(state.key)
    assert set(states) == answered


def test_every_filter_it_shows_is_understood() -> None:
    text = section("Filters")
    table_of_terms, table_of_fields = text.split("| field |")
    shown = [term for row in rows(table_of_terms) for term in code(row[0])]
    shown += [term for row in rows(table_of_fields) for term in code(row[-1])]
    shown += code(text.rpartition("What users of other tools type")[2])
    assert len(shown) >= 50
    for term in shown:
        compile_query(term, HOOKS)


def test_every_command_it_shows_is_a_command_line() -> None:
    lines = [line.strip() for line in README.splitlines() if line.startswith("    ") and "httpresp-tui" in line]
    lines += [found for found in code(README) if re.search(r"httpresp-tui [-a-z]", found) and "\n" not in found]
    tried = 0
    for line in lines:
        for part in line.split("|"):
            found = re.search(r"httpresp-tui[\"']?((?: +[^ #]+)+)", part)
            if found is None or "pip" in part.split("&&")[-1]:
                continue
            words = shlex.split(found[1])
            if words[0] in COMMANDS:
                COMMANDS[words[0]](words[1:])
            else:
                parse(words)
            tried += 1
    assert tried > 6


def default(thing: Callable[..., object], name: str) -> int:
    """What an argument is when nothing is said."""
    return inspect.signature(thing).parameters[name].default


def mebibytes(count: int) -> str:
    return f"{count >> 20} MiB"


def test_what_a_waiting_segment_counts_is_what_the_table_says() -> None:
    assert f"a segment counts {OVERHEAD} bytes more" in section("Limits")


def test_what_a_waiting_request_counts_is_what_the_table_says() -> None:
    assert f"a request counts {REQUEST_COST} bytes more" in section("Limits")


def test_every_bound_is_what_the_table_says() -> None:
    limits = Limits()
    assert [row[1] for row in rows(section("Limits"))[1:]] == [
        f"{limits.body_bytes >> 10} KiB",
        f"{default(Store, 'max_responses'):,}",
        f"{MOST:,}",
        mebibytes(Store().max_bytes),
        f"{limits.head_bytes >> 10} KiB",
        mebibytes(limits.held_bytes),
        mebibytes(limits.held_total),
        f"{limits.flows:,}",
        f"{limits.idle_ns // 60_000_000_000} min",
        f"{limits.open_ns // 3_600_000_000_000} h",
        f"{limits.pending_requests:,}",
        mebibytes(limits.pending_bytes),
        f"{default(Mailbox, 'capacity'):,}, {mebibytes(default(Mailbox, 'max_bytes'))}",
    ]


def test_the_config_file_it_shows_is_one(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", section("Keys"), re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(shown, encoding="utf-8")
    settings = load_settings(path)
    check_keys(settings.keys, SCOPES)
    assert settings.theme
    assert settings.copy_command
    assert len(settings.keys) == len(tomllib.loads(shown)["keys"])


def test_the_program_it_shows_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = re.findall(r"```python\n(.*?)```", section("From Python"), re.DOTALL)
    demo = files("httpresp_capture.sources") / "demo.pcapng.gz"
    exec(compile(shown.replace("capture.pcapng", str(demo)), "README.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 3
    assert all(re.match(r"5\d\d (/\S*|-) \d+$", line) for line in lines)


def test_the_package_it_shows_brings_a_check_and_a_format() -> None:
    text = section("Checks and formats of your own")
    (shown,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (declared,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    groups = tomllib.loads(declared)["project"]["entry-points"]
    assert set(groups) == {kind.group for kind in (plugins.CHECKS, plugins.EVENTS, plugins.REPORT_FORMATS)}
    made: dict[str, Any] = {}
    exec(compile(shown, "README.md", "exec"), made)
    assert isinstance(made["OWNER"], Check)
    assert made["OWNER"].id in groups["httpresp_tui.checks"]
    (found,) = made["OWNER"](Context(response(), Options()))
    assert found.severity.word == "low"
    assert made["line"](response()).startswith("200\t")


def test_every_file_it_names_is_there() -> None:
    links = [target for target in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in target]
    tree = section("Work on it").partition("Each file says")[0]
    at = ""
    for line in tree.splitlines():
        words = [word for word in line.partition("  ")[2].split() if word]
        if not line.startswith("    ") or not words:
            continue
        names = [word for word in words if word.endswith(("/", ".py"))]
        if line.startswith("        "):
            links += [f"{at}{name}" for name in names]
        else:
            (at,) = names[:1]
            links.append(at)
    assert len(links) > 20
    assert [name for name in links if not (ROOT / name).exists()] == []


def test_it_opens_with_a_picture() -> None:
    title, _, picture = README.splitlines()[:3]
    assert title == "# httpresp-tui"
    assert picture.startswith("![")
