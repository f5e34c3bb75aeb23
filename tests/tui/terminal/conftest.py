"""Programs on pseudo terminals, which end with the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from on_terminal import Runs


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(tmp_path)
    try:
        yield runs
    finally:
        for run in runs:
            run.close()
