"""What holds of every row, whatever the bytes were."""

import json

from httpresp_capture.records.exchange import Response
from httpresp_capture.tracee.writer import EventWriter
from traffic.watching import Watched


def check_row(row: Response, writer: EventWriter) -> None:
    """What holds of every row, and of what is written of it."""
    event = json.loads(writer.line(row).decode("ascii"))
    assert isinstance(event, dict)
    assert row.unanswered or row.encrypted is not None or row.status in range(1000)
    assert all(problem.title and problem.offset >= 0 for problem in row.problems), row.problems
    assert row.reason is not None
    assert row.headers is not None
    for duration in (row.first_byte_ns, row.transfer_ns, row.duration_ns, row.flow.handshake_ns):
        assert duration is None or duration >= 0, duration
    for name, value in event["httpresp"]["timing"].items():
        assert value is None or 0 <= value < 2**63, (name, value)


def check(seen: Watched) -> None:
    """The rules of a capture's end, and of every row."""
    writer = EventWriter()
    for row in (*seen.responses, *seen.encrypted):
        check_row(row, writer)
        assert all(gap.length > 0 and gap.offset >= 0 for gap in row.gaps), row.gaps
        assert len(row.body) <= row.body_bytes, (len(row.body), row.body_bytes)
    assert len(seen.encrypted) == seen.counters.encrypted
    assert len(seen.responses) == seen.counters.responses + seen.counters.unanswered
