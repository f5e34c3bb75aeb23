"""REDIR-DOWN: a redirect that leads out of TLS, or in clear text to another host."""

from collections.abc import Iterator

from httpresp_capture.checks.addresses import host_name
from httpresp_capture.checks.context import Context, Transport
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity
from httpresp_capture.records.targets import authority_of


def look(context: Context) -> Iterator[Hit]:
    if not 300 <= context.status < 400:
        return
    location = context.first("location")
    if not location.lower().startswith("http://"):
        return
    target = host_name(authority_of(location))
    if context.edge_tls:
        # A load balancer may still rewrite it further out.
        sure = context.transport is Transport.TLS
        yield Hit(
            severity=Severity.MEDIUM,
            confidence=Confidence.FIRM if sure else Confidence.TENTATIVE,
            reason="A redirect leads from TLS to plain HTTP.",
            evidence=f"{context.host or '?'} → http://{target}",
            parameter="location",
            offset=context.offset("location"),
        )
    elif context.host and target != context.host:
        yield Hit(
            severity=Severity.INFO,
            reason="A redirect in clear text leads to another host, in clear text again.",
            evidence=f"{context.host} → http://{target}",
            parameter="location",
            offset=context.offset("location"),
        )


CHECK = Check(
    id="REDIR-DOWN",
    title="redirect to plain HTTP",
    reference="RFC 9110 §15.4; ASVS 12.2.1; CWE-319",
    advice="Redirect to https.",
    look=look,
)
