"""Completions, in the shells they are for; the manual page; and that what is installed is what would be made now."""

import shutil
import subprocess
from pathlib import Path

import pytest

from httpresp_tui.cli.completion import SCRIPTS, script
from httpresp_tui.cli.described import command_line
from httpresp_tui.cli.help_text import SHELLS
from httpresp_tui.cli.main import main
from on_terminal import OnTerminal
from shared_files import files

NEW = "python -m shared_files (with PYTHONPATH=capture:tui:tests) writes them anew"


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def run(*words: str, folder: Path) -> list[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, check=True).stdout.split("\n")


def bash(folder: Path, *words: str) -> set[str]:
    """What bash offers for the last word."""
    (folder / "completion").write_text(script("bash"))
    line = " ".join(f"'{word}'" for word in words)
    program = (
        f"source completion; compopt() {{ :; }}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _httpresp_tui;"
        ' printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return {each for each in run("bash", "-c", program, folder=folder) if each}


def fish(folder: Path, line: str) -> set[str]:
    """What fish offers at the end of a line."""
    (folder / "completion").write_text(script("fish"))
    found = run("fish", "--no-config", "-c", f"source completion; complete -C {line!r}", folder=folder)
    return {each.partition("\t")[0] for each in found if each}


@pytest.mark.parametrize("file", tuple(files()), ids=lambda file: file[0].name)
def test_what_is_installed_is_what_is_made_now(file: tuple[Path, str]) -> None:
    path, text = file
    assert path.read_text() == text, NEW


def test_every_shell_has_a_script_that_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(SCRIPTS) == set(SHELLS)
    for shell in SHELLS:
        assert main(["--completion", shell]) == 0
        text = capsys.readouterr().out
        for command in command_line():
            for option in command.options:
                for flag in option.flags:
                    assert (f"-l {flag[2:]}" if shell == "fish" and flag[:2] == "--" else flag.lstrip("-")) in text


@needs("bash")
def test_bash_completes_options_commands_and_what_they_take(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").touch()
    assert bash(tmp_path, "httpresp-tui", "--js") == {"--json", "--json-progress"}
    assert bash(tmp_path, "httpresp-tui", "che") == {"check"}
    assert bash(tmp_path, "httpresp-tui", "-r", "a") == {"a.pcap"}
    assert "lo" in bash(tmp_path, "httpresp-tui", "-i", "")
    assert bash(tmp_path, "httpresp-tui", "check", "--fail-on", "h") == {"high"}
    assert bash(tmp_path, "httpresp-tui", "diff", "a") == {"a.pcap"}
    assert bash(tmp_path, "httpresp-tui", "diff", "--any") == {"--any-origin"}
    assert "--any-origin" not in bash(tmp_path, "httpresp-tui", "--")


@needs("fish")
def test_fish_completes_options_commands_and_what_they_take(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").touch()
    assert fish(tmp_path, "httpresp-tui --js") == {"--json", "--json-progress"}
    assert fish(tmp_path, "httpresp-tui che") == {"check"}
    assert fish(tmp_path, "httpresp-tui -r a") == {"a.pcap"}
    assert "lo" in fish(tmp_path, "httpresp-tui -i ")
    assert fish(tmp_path, "httpresp-tui check --fail-on h") == {"high"}
    assert fish(tmp_path, "httpresp-tui diff a") == {"a.pcap"}


@needs("zsh")
def test_zsh_completes_options_commands_and_what_they_take(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").touch()
    (tmp_path / "completion").write_text(script("zsh"))
    zsh = OnTerminal(tmp_path, str(shutil.which("zsh")), "-f", "-i")
    zsh.press(f"cd {tmp_path}; autoload -Uz compinit; compinit -u -D; source completion; PS1=rea''dy\n".encode())
    zsh.until(b"ready")
    for typed, whole in (
        ("--json-p", "--json-progress"),
        ("che", "check"),
        ("-r a.p", "-r a.pcap"),
        ("check --fail-on hi", "check --fail-on high"),
        ("diff a.p", "diff a.pcap"),
    ):
        # What was completed is said by the shell itself.
        zsh.press(f"httpresp-tui {typed}\t\x01echo got: \n".encode())
        zsh.until(f"\ngot: httpresp-tui {whole}".encode())
    zsh.press(b"exit\n")
    assert zsh.end() == 0


@needs("man")
def test_the_manual_page_reads_without_a_complaint() -> None:
    path, _ = next(iter(files()))
    done = subprocess.run(
        ["man", "--warnings", "-l", str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert not done.stderr
    for heading in ("NAME", "SYNOPSIS", "OPTIONS", "HTTPRESP-TUI CHECK", "FILTERS", "KEYS", "EXIT", "ENVIRONMENT"):
        assert heading in done.stdout.upper()
