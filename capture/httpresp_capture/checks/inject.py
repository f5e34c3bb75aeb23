"""INJECT: the same bytes of the stream came twice and differ, as when somebody on the way answers first.

Tentative by nature: broken middleboxes and captures merged from two places look the same. The senders' TTL and IP id
stand in the evidence, since a stranger's differ from the server's.
"""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import beginning
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.records.evidence import Segment

_PREFIX = 16


def look(context: Context) -> Iterator[Hit]:
    for conflict in context.shown.conflicts[:1] if context.response.conflicts else ():
        in_status_line = conflict.offset <= context.response.head.find(b"\n")
        apart = abs(conflict.second.at - conflict.first.at) / 1_000_000
        yield Hit(
            severity=Severity.HIGH if in_status_line else Severity.MEDIUM,
            confidence=Confidence.TENTATIVE,
            reason="The same bytes of the response came twice and differ"
            + (", status line included." if in_status_line else "."),
            evidence=f"first {_shown(conflict.first)}; second {_shown(conflict.second)}; {apart:.1f} ms apart",
            parameter="status line" if in_status_line else "",
            offset=conflict.offset,
            shape="",
        )


def _shown(segment: Segment) -> str:
    return f"{beginning(segment.data.decode('utf-8', 'replace'), _PREFIX)!r} (TTL {segment.ttl}, id {segment.ip_id})"


CHECK = Check(
    id="INJECT",
    title="two versions of the same bytes",
    reference="RFC 9293 §3.10.7.4; CWE-924",
    advice="Compare TTL and IP id with the server's other packets, and use TLS.",
    look=look,
)
