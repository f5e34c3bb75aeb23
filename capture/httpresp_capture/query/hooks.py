"""What a filter may ask of its caller, since no `Response` holds it."""

from collections.abc import Callable, Iterable, Mapping

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

Hook = Callable[[Response], Iterable[str]]
"""Values of a field that a `Response` does not hold."""


Span = tuple[int, int]
"""Of a capture: when its first and its newest packet came, ns."""


@record
class Hooks:
    """What the caller knows beside the responses."""

    values: Mapping[str, Hook]
    """Field → its values; `marked` is asked by `is:`, and any value means yes."""
    checks: tuple[str, ...] = ()
    """Names of the checks, in lower case: what `finding:` is expected to ask for."""
    slow_ns: int = 1_000_000_000
    """Time to first byte from which `is:slow` holds."""
    span: Callable[[], Span | None] | None = None
    """How far the capture has come, None before the first packet; no function where that cannot be asked."""
