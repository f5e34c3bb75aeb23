"""The pictures in `screenshots/` show the app as it is: made anew, they say the same, line by line."""

import html
import importlib.util
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "screenshots"


def program() -> ModuleType:
    """`screenshots/__main__.py`, which is no part of any package."""
    spec = importlib.util.spec_from_file_location("screenshots_program", FOLDER / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(path: Path) -> list[str]:
    """The text of a picture in its order; what colours it has is another Textual's business."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))
    return [text for text in (html.unescape(found).replace("\xa0", " ").strip() for found in texts) if text]


@pytest.fixture
def utc() -> Iterator[None]:
    """The program sets the time zone of its process; here that has to be undone."""
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("utc")
async def test_every_picture_is_fresh(tmp_path: Path) -> None:
    made: list[Path] = await program().take_all(tmp_path)
    assert {path.name for path in made} == {path.name for path in FOLDER.glob("*.svg")}
    stale = [path.name for path in made if words(path) != words(FOLDER / path.name)]
    assert not stale, "remake them: python -m screenshots"
