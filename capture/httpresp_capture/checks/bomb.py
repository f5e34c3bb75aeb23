"""BOMB (opt-in): a body that decodes to far more than was sent."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.content import representation

_RATIO = 100
_SIZE = 10_485_760


def look(context: Context) -> Iterator[Hit]:
    body = context.response.body
    if not representation.is_coded(context.response.head) or len(body) * 1032 < _SIZE:
        # Deflate cannot reach the size from so little (RFC 1951): 1,032 is its best.
        return
    decoded = representation.decoded(context.response, max_output=_SIZE + 1, max_ratio=100_000, whole=False)
    if len(decoded.data) > _SIZE and len(decoded.data) > len(body) * _RATIO:
        yield Hit(
            severity=Severity.MEDIUM,
            confidence=Confidence.CERTAIN,
            reason="The body decodes to more than a hundred times of what was sent.",
            evidence=f"{len(body):,} bytes become more than {_SIZE:,}",
            parameter="content-encoding",
            offset=len(context.response.head),
            shape="",
        )


CHECK = Check(
    id="BOMB",
    title="decompression bomb",
    reference="RFC 9110 §8.4; CWE-409",
    advice="Find out who made it; clients that decode without a ceiling fall over it.",
    look=look,
    opt_in=True,
)
