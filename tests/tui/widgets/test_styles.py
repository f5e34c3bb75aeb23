"""Colours stand in the style sheet and nowhere else, and what is one thing has one of them."""

import re
from pathlib import Path

import pytest

import httpresp_tui
from httpresp_tui.app import HttprespApp
from httpresp_tui.model.columns import CLASS_STYLES
from httpresp_tui.text.badges import BADGES
from scripted import STYLE_SHEET, Scripted, running

FOLDER = Path(httpresp_tui.__file__).parent
COLOUR = re.compile(r"\b(?:color|background|border): (?!none)\S|\$[a-z]+")
DRAWN_BY = {
    "status class": (("ResponseList", "ClassChips", "DetailText"), CLASS_STYLES[1:6]),
    "severity": (
        ("ResponseList", "Table", "DetailText", "FindingsSummary"),
        tuple(badge.style for badge in BADGES.values()),
    ),
}


def test_no_widget_and_no_screen_names_a_colour() -> None:
    naming = [
        f"{path.relative_to(FOLDER)}: {line.strip()}"
        for folder in ("widgets", "screens")
        for path in (FOLDER / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if COLOUR.search(line)
    ]
    assert not naming
    assert len(COLOUR.findall(STYLE_SHEET.read_text(encoding="utf-8"))) > 100


def of_widget(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "dracula"])
async def test_one_thing_has_one_colour_wherever_it_is_drawn(theme: str, tmp_path: Path) -> None:
    async with running(Scripted([]), tmp_path) as (app, pilot):
        app.theme = theme
        await pilot.press("exclamation_mark")
        await pilot.pause()
        for widgets, names in DRAWN_BY.values():
            for name in names:
                found = {colour(app, widget, f"{of_widget(widget)}--{name}") for widget in widgets}
                assert len(found) == 1, (name, found)


def colour(app: HttprespApp, widget: str, name: str) -> str:
    one = next(one for screen in app.screen_stack for one in screen.query(widget))
    return one.get_component_styles(name).color.css
