"""Root is given up for good, and the capture goes on. In child processes, since there is no way back."""

import json
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from httpresp_capture.system.privileges import Person, invoking_person

NOBODY = pwd.getpwnam("nobody")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give root up")

CHILD = """
import json, os, sys, threading, socket
from pathlib import Path
from httpresp_capture.system.privileges import drop
from httpresp_capture.sources.live.source import LiveSource
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.events import CaptureStatus
from httpresp_capture.pipeline import Pipeline

class Counting(Pipeline):
    frames = 0
    def __init__(self): pass
    def feed(self, *frame): self.frames += 1
    def take(self): return []
    def tick(self, at): pass
    def finish(self): pass
    def counters(self): return Counters(packets=self.frames)

server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
source = LiveSource.open(["lo"], ports=[port], pipeline=Counting(), buffer_mb=2)
told = drop()
events = []
thread = threading.Thread(target=source.run, args=(events.extend,))
thread.start()
with socket.create_connection(("127.0.0.1", port)) as client:
    client.sendall(b"hello")
source.stop()
thread.join()
with open(sys.argv[1], "w") as file:
    file.write("mine")
server.close()
status = dict(line.split(":\\t") for line in Path("/proc/self/status").read_text().splitlines() if ":\\t" in line)
try:
    os.setuid(0)
    back = True
except PermissionError:
    back = False
print(json.dumps({
    "told": told, "users": os.getresuid(), "groups": os.getresgid(), "back": back,
    "status": status, "home": os.environ["HOME"], "user": os.environ.get("USER"),
    "cache": os.environ.get("XDG_CACHE_HOME"), "of_textual": [name for name in os.environ if "TEXTUAL" in name],
    "packets": events[-1].counters.packets, "ended": events[-1].ended,
}))
"""


def in_child(path: Path, **environment: str) -> dict[str, object]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SUDO_", "XDG_"))}
    clean["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD, str(path)],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.fixture
def open_folder() -> Generator[Path]:
    """Everybody may write there. Not within pytest's own, which another pytest closes to others when it begins."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@pytest.mark.slow
@needs_root
def test_after_sudo_the_process_is_its_caller_and_still_captures(open_folder: Path) -> None:
    written = open_folder / "written"
    found = in_child(
        written,
        SUDO_UID=str(NOBODY.pw_uid),
        SUDO_GID=str(NOBODY.pw_gid),
        HOME="/root",
        XDG_CACHE_HOME="/root/.cache",
    )
    if found["told"]:
        pytest.skip(f"{found['told']}")
    assert found["users"] == [NOBODY.pw_uid] * 3
    assert found["groups"] == [NOBODY.pw_gid] * 3
    assert not found["back"]
    status = found["status"]
    assert isinstance(status, dict)
    assert status["NoNewPrivs"] == "1"
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd")} == {0}
    assert set(str(status["Groups"]).split()) == {str(NOBODY.pw_gid)}
    assert (found["home"], found["user"], found["cache"]) == (NOBODY.pw_dir, "nobody", None)
    assert (written.stat().st_uid, written.stat().st_gid) == (NOBODY.pw_uid, NOBODY.pw_gid)
    assert isinstance(found["packets"], int)
    assert found["packets"] >= 4, "SYN, SYN-ACK, five bytes, FIN; on a busy machine one of them twice"
    assert found["ended"] is True


@pytest.mark.slow
@needs_root
def test_root_without_sudo_stays_root_and_says_so(tmp_path: Path) -> None:
    found = in_child(tmp_path / "written", HOME="/root", USER="root")
    assert "Running as root" in str(found["told"])
    assert found["users"] == [0, 0, 0]
    assert found["home"] == "/root"


@pytest.mark.slow
@needs_root
def test_nothing_of_textuals_environment_acts_as_root(tmp_path: Path) -> None:
    found = in_child(
        tmp_path / "written",
        HOME="/root",
        TEXTUAL_LOG=str(tmp_path / "log"),
        TEXTUAL_SCREENSHOT="1",
        TEXTUAL_DRIVER="their.module:Driver",
        TEXTUAL_ANIMATIONS="none",
    )
    assert found["of_textual"] == ["TEXTUAL_ANIMATIONS"]


@pytest.mark.parametrize(
    ("environment", "user"),
    [
        ({"SUDO_UID": "65534", "SUDO_GID": "65534"}, 65534),
        ({"SUDO_UID": "4000000001", "SUDO_GID": "7"}, 4000000001),
        ({"DOAS_USER": "nobody"}, NOBODY.pw_uid),
        ({"PKEXEC_UID": str(NOBODY.pw_uid)}, NOBODY.pw_uid),
        ({"SUDO_UID": "0", "SUDO_GID": "0"}, None),
        ({"SUDO_UID": "-1", "SUDO_GID": "x"}, None),
        ({"DOAS_USER": "there is no such user"}, None),
        ({}, None),
    ],
)
def test_who_called_is_found_in_the_environment(environment: dict[str, str], user: int | None) -> None:
    person = invoking_person(environment)
    assert (person.user if person else None) == user


def test_a_number_without_an_entry_has_no_name_and_no_home() -> None:
    assert invoking_person({"SUDO_UID": "4000000001", "SUDO_GID": "7"}) == Person(4000000001, 7, "", "/")
