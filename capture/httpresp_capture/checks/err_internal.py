"""ERR-INTERNAL: a header of a public service names a private address or an internal host."""

from collections.abc import Iterator

from httpresp_capture.checks.addresses import internal_name
from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Hit, Severity

_NAMES = frozenset(("location", "content-location", "refresh", "via", "x-served-by", "x-beserver", "x-feserver"))
_LONGEST = 4096
_PREFIXES = ("x-backend-", "x-upstream")


def look(context: Context) -> Iterator[Hit]:
    if not context.public:
        return
    for name, values in context.by_name.items():
        if name not in _NAMES and not name.startswith(_PREFIXES):
            continue
        for nth, value in enumerate(values):
            internal = internal_name(value[:_LONGEST])
            if internal:
                yield Hit(
                    severity=Severity.LOW,
                    reason=f"The header {name} of a public service names an internal place.",
                    evidence=f"{name}: {internal}",
                    parameter=name,
                    offset=context.offset(name, nth),
                    shape=internal,
                )


CHECK = Check(
    id="ERR-INTERNAL",
    title="internal address in a header",
    reference="ASVS 13.4.6; CWE-200",
    advice="Rewrite or remove the header at the edge.",
    look=look,
)
