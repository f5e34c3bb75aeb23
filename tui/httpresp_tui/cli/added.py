"""What other packages add, loaded where a run needs it, after root was given up; what is wrong is told at the end.

Nothing is looked for where nothing could be added: what comes with the program needs no search.
"""

import sys
from typing import TextIO

from httpresp_tui.cli.output import say

__all__ = ["load_checks", "load_event_format", "load_report_format", "told_of_plugins"]

PLUGINS = "httpresp_capture.plugins"


def load_checks() -> None:
    """Before the first response is examined."""
    from httpresp_capture import plugins

    plugins.load(plugins.CHECKS)


def load_event_format(name: str) -> None:
    """Before the first event is written; raises `CaptureError` where it cannot be had."""
    from httpresp_capture.event_formats import EVENT_FORMATS

    if name not in EVENT_FORMATS:
        from httpresp_capture import plugins

        plugins.load_one(plugins.EVENTS, name)


def load_report_format(name: str) -> None:
    """Before reading begins, since a report that cannot be written is better known at once."""
    from httpresp_capture.export.reports import REPORTS

    if name not in REPORTS:
        from httpresp_capture import plugins

        plugins.load_one(plugins.REPORT_FORMATS, name)


def told_of_plugins(status: int, said: TextIO) -> int:
    """Say what went wrong with what was added; a run that lacked a part of it has not done what was asked."""
    if PLUGINS not in sys.modules:
        return status
    from httpresp_capture import plugins

    for trouble in plugins.TROUBLES:
        say(trouble, said)
    return status or int(bool(plugins.TROUBLES))
