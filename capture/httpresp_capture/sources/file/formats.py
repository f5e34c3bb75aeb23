"""Which format the first bytes of an input belong to, and what reads it: one table."""

from collections.abc import Callable

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.record import record
from httpresp_capture.sources.file.contents import Contents, Packets
from httpresp_capture.sources.file.pcap import MAGICS, PcapReader
from httpresp_capture.sources.file.pcapng import MAGIC, PcapngReader
from httpresp_capture.sources.file.reader import CaptureReader

__all__ = ["ENOUGH", "FORMATS", "Format", "contents_of"]

ENOUGH = 4
"""Bytes that tell every format of `FORMATS`."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANK = b" \t\r\n"


@record
class Format:
    """One that can be read."""

    begins: Callable[[bytes], bool]
    """True for the first bytes of such an input, of which there are `ENOUGH` or all."""
    open: Callable[[Pipeline, Limits], Contents]


def _capture(reader: type[CaptureReader]) -> Callable[[Pipeline, Limits], Contents]:
    return lambda pipeline, limits: Packets(reader(pipeline.feed), pipeline, tells_growth=limits.progress_ns > 0)


def _begins_as_lines(first: bytes) -> bool:
    """JSON that may be events, one a line."""
    if not first.removeprefix(BYTE_ORDER_MARK).lstrip(BLANK).startswith(b"{"):
        return False
    # Loaded only for what is no packets.
    from httpresp_capture.sources.file.strangers import json_that_is_no_lines

    return not json_that_is_no_lines("", first)


def _lines(pipeline: Pipeline, limits: Limits) -> Contents:
    from httpresp_capture.sources.file.tracee import LineReader

    return LineReader(limits)


FORMATS: tuple[Format, ...] = (
    Format(lambda first: first[:4] in MAGICS, _capture(PcapReader)),
    Format(lambda first: first[:4] == MAGIC, _capture(PcapngReader)),
    Format(_begins_as_lines, _lines),
)
"""In the order in which they are asked."""


def contents_of(first: bytes, pipeline: Pipeline, limits: Limits) -> Contents | None:
    """What reads an input that begins so, packets into `pipeline`; None where nothing does."""
    for format in FORMATS:
        if format.begins(first):
            return format.open(pipeline, limits)
    return None
