"""What all test files share: no test fails since the machine is busy; the wheel, which takes half a minute to make."""

import os
import subprocess
import sys
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
    from hatch_build import ASKED, QUICKLY, has_compiler  # beside the source, where a run on a wheel does not look

    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        env={**os.environ, ASKED: QUICKLY if has_compiler() else "0"},
        check=True,
        capture_output=True,
        timeout=1_800,
    )
    (found,) = folder.glob("*.whl")
    return found
