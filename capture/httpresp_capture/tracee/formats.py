"""Tracee's event as a format of events: with what Tracee does not know, or strictly without."""

from httpresp_capture.export.event_format import EventFormat, Options
from httpresp_capture.tracee.writer import EventWriter


def _writer(options: Options, *, strict: bool) -> EventWriter:
    return EventWriter(strict=strict, redact=options.redact, host_name=options.host_name, accepts=options.accepts)


TRACEE = EventFormat("tracee", lambda options: _writer(options, strict=False))
TRACEE_STRICT = EventFormat("tracee-strict", lambda options: _writer(options, strict=True))
