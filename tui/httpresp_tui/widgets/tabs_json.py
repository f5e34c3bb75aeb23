"""The event as JSON: exactly the text that `y` copies."""

from httpresp_tui.text.excerpts import json_excerpt
from httpresp_tui.widgets.json_text import json_line
from httpresp_tui.widgets.lines import Line
from httpresp_tui.widgets.tabs import View


def event_json(view: View) -> list[Line]:
    """One line a line."""
    return [json_line(text) for text in json_excerpt(view.response, view.redactor, view.run).text.split("\n")]
