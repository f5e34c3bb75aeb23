"""A text finds its way to a clipboard, and the words say no more than is known."""

import asyncio
import base64
import os
import shutil
import stat
import subprocess
import sys
import uuid
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from httpresp_tui.text.clipboard import OSC52_LIMIT, Surroundings, copy, osc52, tmux_socket
from httpresp_tui.text.excerpts import Excerpt

JSON = Excerpt("response #1042 as JSON", '{"a": "' + "x" * 1289 + '"}', ".json")
PATH = os.environ.get("PATH", os.defpath)


def around(
    folder: Path,
    environ: dict[str, str] | None = None,
    *,
    command: tuple[str, ...] = (),
    written: list[str] | None = None,
    seconds: float = 10.0,
) -> Surroundings:
    """Surroundings in which nothing works that is not named."""
    return Surroundings(
        environ={"PATH": PATH, **(environ or {})},
        platform="linux",
        copy_command=command,
        write=None if written is None else written.append,
        folder=folder,
        time_limit=seconds,
    )


async def test_the_configured_command_comes_first(tmp_path: Path) -> None:
    target = tmp_path / "copied"
    script = f"import sys, pathlib; pathlib.Path({str(target)!r}).write_bytes(sys.stdin.buffer.read())"
    outcome = await copy(JSON, around(tmp_path, {"TERM": "xterm"}, command=(sys.executable, "-c", script), written=[]))
    assert outcome.words == "Copied response #1042 as JSON (1.3 kB) to the clipboard"
    assert (outcome.confirmed, outcome.way) == (True, "copy_command")
    assert target.read_text() == JSON.text


async def test_a_command_that_fails_is_said_and_the_next_way_is_taken(tmp_path: Path) -> None:
    written: list[str] = []
    outcome = await copy(JSON, around(tmp_path, {"TERM": "xterm"}, command=("false",), written=written))
    assert outcome.way == "osc52"
    assert outcome.words.endswith("copy_command did not work")
    assert len(written) == 1


async def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    outcome = await copy(JSON, around(tmp_path, command=command, seconds=0.2))
    assert outcome.way == "file"


def ended(pid: int) -> bool:
    """Gone, or a zombie that its new parent has not looked at."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def all_ended(path: Path) -> bool:
    """True once every process whose number stands in the file has ended."""
    for _ in range(1_000):
        if all(ended(int(pid)) for pid in path.read_text().split()):
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")
@pytest.mark.parametrize("by", ["time limit", "end of the app"])
async def test_a_command_that_hangs_is_ended_with_all_that_it_started(
    by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = tmp_path / "pids"
    command = ("sh", "-c", f"sleep 600 & echo $$ $! >{pids}.new; mv {pids}.new {pids}; wait")

    async def started() -> None:
        while not pids.exists():
            await asyncio.sleep(0.01)

    async def too_long(awaited: Coroutine[Any, Any, Any], limit: float) -> None:
        assert limit == 600
        feeding = asyncio.create_task(awaited)
        await started()
        feeding.cancel()
        raise TimeoutError

    if by == "time limit":
        monkeypatch.setattr(asyncio, "wait_for", too_long)
    copying = asyncio.create_task(copy(JSON, around(tmp_path, command=command, seconds=600)))
    await started()
    if by == "time limit":
        assert (await copying).way == "file"
    else:
        copying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await copying
    assert await all_ended(pids)


async def test_a_command_writes_nothing_over_the_screen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = "import sys; print('over the screen'); print('and there', file=sys.stderr); sys.stdin.read()"
    await copy(JSON, around(tmp_path, command=(sys.executable, "-c", script)))
    assert capfd.readouterr() == ("", "")


async def test_without_any_clipboard_the_text_is_in_a_private_file(tmp_path: Path) -> None:
    outcome = await copy(JSON, around(tmp_path))
    (path,) = tmp_path.iterdir()
    assert outcome.words == f"No clipboard took response #1042 as JSON (1.3 kB): saved it as {path}"
    assert path.read_text() == JSON.text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.suffix == ".json"


async def test_without_even_a_folder_the_failure_is_said(tmp_path: Path) -> None:
    outcome = await copy(JSON, around(tmp_path / "missing\x1b"))
    assert (outcome.confirmed, outcome.way) == (False, "")
    assert outcome.words.startswith("Nothing was copied: ")
    assert outcome.words.isprintable()


# --- the terminal ---


async def test_the_terminal_is_asked_and_not_trusted(tmp_path: Path) -> None:
    written: list[str] = []
    outcome = await copy(JSON, around(tmp_path, {"TERM": "xterm-256color"}, written=written))
    assert outcome.words == ("Sent 1.3 kB to your terminal (OSC 52). If paste is empty, press e to save a file")
    assert not outcome.confirmed
    assert written == [f"\x1b]52;c;{base64.b64encode(JSON.text.encode()).decode()}\x07"]


async def test_what_is_too_long_for_a_terminal_becomes_a_file(tmp_path: Path) -> None:
    written: list[str] = []
    there = around(tmp_path, {"TERM": "xterm"}, written=written)
    assert (await copy(Excerpt("all", "x" * OSC52_LIMIT), there)).way == "osc52"
    assert (await copy(Excerpt("all", "x" * (OSC52_LIMIT + 1)), there)).way == "file"
    assert len(written[0]) == 100_000


@pytest.mark.parametrize("term", ["linux", "dumb", ""])
async def test_a_terminal_without_a_clipboard_is_not_asked(tmp_path: Path, term: str) -> None:
    written: list[str] = []
    assert (await copy(JSON, around(tmp_path, {"TERM": term}, written=written))).way == "file"
    assert not written


def test_screen_gets_the_sequence_in_pieces_that_join_to_it() -> None:
    whole = osc52(b"x" * 500, under_screen=False)
    pieces = osc52(b"x" * 500, under_screen=True).split("\x1b\\")
    assert pieces.pop() == ""
    assert all(piece.startswith("\x1bP") and len(piece) < 256 for piece in pieces)
    assert "".join(piece.removeprefix("\x1bP") for piece in pieces) == whole


async def test_the_sequence_comes_out_of_a_pty_as_it_went_in(tmp_path: Path) -> None:
    outer, inner = os.openpty()

    def send(data: str) -> None:
        os.write(inner, data.encode())

    try:
        there = Surroundings({"TERM": "xterm"}, "linux", (), send, tmp_path)
        await copy(Excerpt("x", "short"), there)
        assert os.read(outer, 1000) == b"\x1b]52;c;c2hvcnQ=\x07"
    finally:
        os.close(outer)
        os.close(inner)


# --- tmux ---


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a program inside a tmux of our own, with its default configuration."""
    program = shutil.which("tmux")
    if program is None:
        pytest.skip("tmux is not installed")
    folder = tmp_path / "sockets"
    folder.mkdir(mode=0o700)
    socket = folder / f"s-{uuid.uuid4().hex[:6]}"
    if len(str(socket)) > 100:
        pytest.skip("the temporary folder's name is too long for a socket")
    base = [program, "-S", str(socket), "-f", "/dev/null"]
    subprocess.run([*base, "new-session", "-d", "-x", "80", "-y", "24", "sleep 60"], check=True)
    try:
        yield {"TMUX": f"{socket},1,0", "TERM": "tmux-256color"}
    finally:
        subprocess.run([*base, "kill-server"], check=False)


async def test_inside_tmux_the_text_is_in_its_newest_buffer(tmux: dict[str, str], tmp_path: Path) -> None:
    written: list[str] = []
    outcome = await copy(JSON, around(tmp_path, tmux, written=written))
    assert outcome.words == "Copied response #1042 as JSON (1.3 kB) to the clipboard of tmux"
    assert (outcome.confirmed, outcome.way, written) == (True, "tmux", [])
    shown = subprocess.run(["tmux", "show-buffer"], env={"PATH": PATH, **tmux}, capture_output=True, check=True)
    assert shown.stdout.decode() == JSON.text


async def test_a_megabyte_goes_to_tmux_whole(tmux: dict[str, str], tmp_path: Path) -> None:
    text = "0123456789abcdef" * 65_536
    await copy(Excerpt("much", text), around(tmp_path, tmux))
    shown = subprocess.run(["tmux", "show-buffer"], env={"PATH": PATH, **tmux}, capture_output=True, check=True)
    assert shown.stdout.decode() == text


async def test_a_tmux_that_is_gone_is_not_believed(tmp_path: Path) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    written: list[str] = []
    environ = {"TMUX": f"{tmp_path}/gone,1,0", "TERM": "tmux-256color"}
    outcome = await copy(JSON, around(tmp_path, environ, written=written))
    # tmux would drop OSC 52 of a program, so it is not tried there.
    assert (outcome.way, written) == ("file", [])


async def test_under_sudo_which_hides_tmux_the_users_server_is_found(tmux: dict[str, str], tmp_path: Path) -> None:
    user = os.getuid()
    folder = tmp_path / f"tmux-{user}"
    folder.mkdir()
    (folder / "default").symlink_to(tmux["TMUX"].partition(",")[0])
    environ = {"SUDO_UID": str(user), "TERM": "screen-256color", "TMUX_TMPDIR": str(tmp_path)}
    assert (await copy(JSON, around(tmp_path, environ))).way == "tmux"
    # Another user's socket of that name is not trusted.
    (tmp_path / f"tmux-{user + 1}").symlink_to(folder)
    assert tmux_socket(around(tmp_path, environ | {"SUDO_UID": str(user + 1)})) is None
    assert tmux_socket(around(tmp_path, environ | {"SUDO_UID": str(user), "STY": "1.x"})) is None


# --- a display ---


@pytest.fixture
def display() -> Iterator[str]:
    """An X display of our own."""
    program = shutil.which("Xvfb")
    if program is None or shutil.which("xclip") is None:
        pytest.skip("Xvfb or xclip is not installed")
    read, write = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(write), "-screen", "0", "64x64x8", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        number = os.read(read, 20).decode().strip()
        if not number:
            pytest.skip("Xvfb did not start")
        yield f":{number}"
    finally:
        os.close(read)
        server.terminate()
        server.wait(120)


async def test_on_a_display_the_text_can_be_pasted(display: str, tmp_path: Path) -> None:
    outcome = await copy(JSON, around(tmp_path, {"DISPLAY": display, "TERM": "xterm"}, written=[]))
    assert outcome.words == "Copied response #1042 as JSON (1.3 kB) to the clipboard"
    assert outcome.way in ("xclip", "xsel")
    # xclip ends before its child owns the selection: ask until it does.
    pasted = ""
    for _ in range(200):
        pasted = pasted or await paste(display)
    assert pasted == JSON.text


async def paste(display: str) -> str:
    """What a program on the display would get."""
    xclip = await asyncio.create_subprocess_exec(
        *("xclip", "-selection", "clipboard", "-out"),
        env={"PATH": PATH, "DISPLAY": display},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    out, _ = await xclip.communicate()
    return out.decode()


async def test_a_display_that_is_dead_is_not_believed(tmp_path: Path) -> None:
    written: list[str] = []
    environ = {"DISPLAY": ":4093", "TERM": "xterm"}
    assert (await copy(JSON, around(tmp_path, environ, written=written))).way == "osc52"
    assert written
