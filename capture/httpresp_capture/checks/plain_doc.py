"""PLAIN-DOC: a page of the open internet came in clear text. Probes and mirrors that mean it so are inventory."""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.exposure import hop, in_clear
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_MEANT = re.compile(
    r"generate_204|gen_204|connecttest\.txt|ncsi\.txt|hotspot-detect\.html|success\.(?:txt|html)|canonical\.html"
    r"|/\.well-known/acme-challenge/|/(?:In)?Release(?:\.gpg)?$|\.(?:deb|rpm|crl|udeb)$|/ocsp\b",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^>]{0,100}>([^<]{0,400})", re.IGNORECASE)


def look(context: Context) -> Iterator[Hit]:
    if context.status != 200 or not context.doc_like or not context.public:
        return
    severity = in_clear(context, Severity.MEDIUM)
    if severity is None:
        return
    title = _TITLE.search(context.text, 0, 4096)
    told = f", title of {len(title[1])} characters" if title is not None and title[1] else ""
    yield Hit(
        severity=Severity.INFO if _MEANT.search(context.path.partition("?")[0]) else severity,
        confidence=Confidence.CERTAIN,
        reason=f"A page came in clear text{hop(context)}: who stands between can read and change it.",
        evidence=f"{context.host or context.response.flow.server}{told}",
        shape=hop(context),
    )


CHECK = Check(
    id="PLAIN-DOC",
    title="page in clear text",
    reference="ASVS 12.2.1; CWE-319",
    advice="Serve pages over TLS, and redirect from plain HTTP.",
    look=look,
)
