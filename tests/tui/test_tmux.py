"""The app in a real terminal: tmux with its default configuration, 80 × 24, the bundled demo."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Terminal:
    """One tmux server of its own, with one window."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        self._socket = str(folder / "tmux")
        environ = {key: value for key, value in os.environ.items() if key not in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY")}
        self._environ = environ | {
            "PYTHONPATH": os.pathsep.join((str(ROOT / "capture"), str(ROOT / "tui"))),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "TEXTUAL_ANIMATIONS": "none",
            "LANG": "C.UTF-8",
            "SHELL": "/bin/sh",
        }
        self._run("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "PS1='$ ' exec sh")

    def _run(self, *words: str) -> str:
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(
            command, env=self._environ, check=True, capture_output=True, text=True, timeout=120
        ).stdout

    def press(self, *keys: str) -> None:
        """Send keys by their tmux names."""
        self._run("send-keys", *keys)

    @property
    def screen(self) -> str:
        """What stands on it."""
        return self._run("capture-pane", "-p")

    def until(self, condition: Callable[[str], object]) -> str:
        """Wait for the screen to show something; it is returned."""
        until_then = time.monotonic() + 180
        while time.monotonic() < until_then:
            screen = self.screen
            if condition(screen):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"it never came; last:\n{self.screen}")

    def buffer(self) -> str:
        """The newest paste buffer."""
        return self._run("show-buffer")

    def close(self) -> None:
        """End the server."""
        self._run("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, 80, 24)
    try:
        terminal.until(lambda screen: "$" in screen)
        terminal.press(f"{sys.executable} -m httpresp_tui --demo", "Enter")
        yield terminal
    finally:
        terminal.close()


def test_the_demo_is_read_opened_copied_and_left(terminal: Terminal) -> None:
    screen = terminal.until(lambda screen: "READING" in screen and " GET " in screen)
    lines = screen.rstrip("\n").split("\n")
    assert len(lines) == 24
    assert max(map(len, lines)) <= 80
    assert lines[-1].rstrip().endswith("? Help")
    terminal.press("k", "Enter")
    terminal.until(lambda screen: "Metadata" in screen)
    terminal.press("y")
    terminal.until(lambda screen: "Copied response #" in screen)
    event = json.loads(terminal.buffer())
    assert event["eventName"] == "net_packet_http_response"
    assert {arg["name"] for arg in event["args"]} == {"metadata", "http_response"}
    terminal.press("Escape")
    terminal.until(lambda screen: "time " in screen and "Metadata" not in screen)
    terminal.press("q")
    left = terminal.until(lambda screen: "lost         0 packets while recording, 0 rows here" in screen)
    assert "demo: " in left
    # The shell has its terminal back, and what is typed is seen.
    terminal.press("echo back $?", "Enter")
    terminal.until(lambda screen: "back 0" in screen)


def test_a_filter_is_typed_and_ctrl_c_twice_leaves(terminal: Terminal) -> None:
    terminal.until(lambda screen: " GET " in screen)
    terminal.press("/", "hots:shop")
    terminal.until(lambda screen: "did you mean 'host'?" in screen)
    terminal.press("Escape")
    terminal.until(lambda screen: "did you mean" not in screen)
    terminal.press("C-c")
    terminal.until(lambda screen: "Press ctrl+c again to quit" in screen)
    terminal.press("C-c")
    terminal.until(lambda screen: "lost         0 packets while recording, 0 rows here" in screen)
