"""The formats that events leave in, a line for each file of them (see `records.table`); nothing else lists them."""

# ruff: noqa: F401, I001
# pyright: reportUnusedImport=false
from httpresp_capture.export.event_format import EventFormat
from httpresp_capture.records.table import entries

from httpresp_capture.tracee.formats import TRACEE, TRACEE_STRICT

EVENT_FORMATS: dict[str, EventFormat] = {each.name: each for each in entries(__name__, EventFormat)}
"""By the name that `--format` takes; `--json` is the first, with `--strict-tracee` the second."""
