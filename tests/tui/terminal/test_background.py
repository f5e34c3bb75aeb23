"""Whether a terminal is light: its answer is taken out of what is typed, and nothing else is."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from httpresp_tui.terminal.background import PATIENCE, PIECE, Answer, told_by
from on_terminal import PROGRAM, OnTerminal

DEMO = Path(__file__).parents[3] / "capture" / "httpresp_capture" / "sources" / "demo.pcapng.gz"


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def sorted_out(*pieces: str, late: float = 0.0) -> tuple[list[bool], str]:
    """What was told, and what was typed; time goes by before and behind the pieces."""
    told: list[bool] = []
    clock = Clock()
    answer = Answer(told.append, clock)
    answer.expect()
    clock.now += late
    typed = "".join(map(answer.others, pieces))
    assert not answer.late()
    clock.now += PIECE
    return told, typed + answer.late() + answer.others("Z")


@pytest.mark.parametrize("end", ["\x1b\\", "\x07"], ids=["ST", "BEL"])
@pytest.mark.parametrize(
    ("colour", "light"),
    [
        ("rgb:ffff/ffff/ffff", True),
        ("rgb:1e1e/1e1e/2e2e", False),
        ("RGB:FD/F6/E3", True),
        ("rgba:0000/0000/0000/ffff", False),
    ],
)
def test_an_answer_is_told_and_is_not_typed(colour: str, light: bool, end: str) -> None:
    answer = f"\x1b]11;{colour}{end}"
    assert sorted_out(f"jk{answer}q") == ([light], "jkqZ")
    for cut in range(1, len(answer)):
        assert sorted_out("j", answer[:cut], answer[cut:], "q") == ([light], "jqZ")
    assert sorted_out(*answer) == ([light], "Z")


@pytest.mark.parametrize(
    "typed", ["j\x1b", "\x1b[A", "\x1b]11;?\x07", "\x1b]11;rgb:ff", "\x1b]0;title\x07", "11;rgb:ff/ff/ff"]
)
def test_what_is_no_answer_was_typed(typed: str) -> None:
    assert sorted_out(typed) == ([], typed + "Z")
    assert sorted_out(*typed) == ([], typed + "Z")


def test_a_second_answer_and_a_late_one_were_typed() -> None:
    answer = "\x1b]11;rgb:ff/ff/ff\x07"
    assert sorted_out(answer + answer) == ([True], answer + "Z")
    assert sorted_out(answer[:5], answer[5:], late=PATIENCE) == ([], answer + "Z")


@pytest.mark.parametrize(
    ("value", "expected"), [("0;15", True), ("15;default;7", True), ("15;0", False), ("", None), ("15;default", None)]
)
def test_the_environment_tells_too(value: str, expected: bool | None) -> None:
    assert told_by({"COLORFGBG": value} if value else {}) is expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("colour", "ground"), [(b"ffff/ffff/ffff", b"48;2;224;224;224"), (b"0000/0000/0000", b"48;2;18;18;18")]
)
def test_the_screen_is_light_on_a_light_terminal(colour: bytes, ground: bytes, tmp_path: Path) -> None:
    app = OnTerminal(tmp_path, *PROGRAM, "-r", str(DEMO), COLORTERM="truecolor", COLORFGBG="")
    app.until(b"\x1b]11;?\x1b\\")
    app.press(b"\x1b]11;rgb:" + colour + b"\x1b\\")
    app.until(ground)
    app.press(b"q")
    assert app.end() == 0
    # Nobody chose it.
    state = tmp_path / "httpresp-tui" / "state.json"
    assert not state.exists() or "textual-" not in state.read_text()


@pytest.mark.slow
def test_who_chose_a_theme_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "httpresp-tui").mkdir()
    (tmp_path / "httpresp-tui" / "config.toml").write_text('theme = "nord"\nreduced_motion = true\n')
    app = OnTerminal(tmp_path, *PROGRAM, "-r", str(DEMO), COLORTERM="truecolor", COLORFGBG="0;15")
    app.until(b"48;2;46;52;64")
    assert b"\x1b]11;" not in app.output
    app.press(b"q")
    assert app.end() == 0
