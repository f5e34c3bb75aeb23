"""CO-VARY: a cache may hand one origin's answer to another, which its browser then refuses."""

from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Hit, Severity


def look(context: Context) -> Iterator[Hit]:
    allowed = context.first("access-control-allow-origin")
    if allowed in ("", "*") or not context.cacheable:
        return
    varies = {name.strip().lower() for value in context.all("vary") for name in value.split(",")}
    if not varies & {"origin", "*"}:
        yield Hit(
            severity=Severity.INFO,
            reason="The allowed origin depends on who asks, and caches are not told so.",
            evidence=f"Access-Control-Allow-Origin: {allowed}; {context.cacheable}",
            parameter="vary",
            offset=context.offset("access-control-allow-origin"),
            shape="",
        )


CHECK = Check(
    id="CO-VARY",
    title="CORS without Vary: Origin",
    reference="Fetch standard, CORS protocol and HTTP caches",
    advice="Send Vary: Origin wherever Access-Control-Allow-Origin is made from the request.",
    look=look,
)
