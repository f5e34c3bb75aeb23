"""What all test files share: no test fails since the machine is busy; the wheel, which takes half a minute to make."""

import os
import subprocess
import sys
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from an sdist, without a network; compiled where that can be done."""
    own = tmp_path_factory.getbasetemp()
    # Several processes that share the tests have folders side by side, and one of them makes it for all.
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "dist"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not list(folder.glob("*.whl")):
            _build(folder)
    (found,) = folder.glob("*.whl")
    return found


def _build(folder: Path) -> None:
    from hatch_build import ASKED, QUICKLY, has_compiler  # beside the source, where a run on a wheel does not look

    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        env={**os.environ, ASKED: QUICKLY if has_compiler() else "0"},
        check=True,
        capture_output=True,
        timeout=1_800,
    )
