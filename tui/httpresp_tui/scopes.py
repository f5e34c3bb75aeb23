"""Where keys are pressed: the help panel is made from these, and `[keys]` is held against them."""

from httpresp_tui.keys.bindings import APP_BINDINGS, EVERYWHERE, Scopes
from httpresp_tui.screens.compare import CompareScreen
from httpresp_tui.screens.findings import FindingsScreen
from httpresp_tui.screens.follow import FollowScreen
from httpresp_tui.screens.overview import OverviewScreen
from httpresp_tui.widgets.detail import Detail
from httpresp_tui.widgets.detail_text import DetailText
from httpresp_tui.widgets.filter_input import FilterInput
from httpresp_tui.widgets.response_list import ResponseList
from httpresp_tui.widgets.table import Table
from httpresp_tui.widgets.timeline_bars import TimelineBars

SCOPES: Scopes = {
    EVERYWHERE: APP_BINDINGS,
    "list": ResponseList.BINDINGS,
    "detail": (*Detail.BINDINGS, *DetailText.BINDINGS),
    "filter line": FilterInput.BINDINGS,
    "overview": (*OverviewScreen.BINDINGS, *Table.BINDINGS),
    "timeline": TimelineBars.BINDINGS,
    "follow": (*FollowScreen.BINDINGS, *DetailText.BINDINGS),
    "compare": (*CompareScreen.BINDINGS, *DetailText.BINDINGS),
    "findings": (*FindingsScreen.BINDINGS, *Table.BINDINGS),
}
"""The name of a scope: its bindings."""
