"""How bad it is that something crossed the wire in clear: the common rules `edge_tls` and `local` in one place.

In clear to the user: as bad as the check says, one step less where both ends are local, since then fewer can listen.
In clear on a hop behind a TLS terminator: inventory. Encrypted here: not in clear, nothing to say.
"""

from httpresp_capture.checks.context import Context, Transport
from httpresp_capture.checks.finding import Severity


def in_clear(context: Context, severity: Severity) -> Severity | None:
    """The severity that remains of an exposure on this wire; None when there is none."""
    match context.transport:
        case Transport.TLS:
            return None
        case Transport.BEHIND_TLS:
            return Severity.INFO
        case Transport.CLEAR:
            return Severity(max(severity - 1, 0)) if context.local else severity


def hop(context: Context) -> str:
    """Words for where it was in clear; part of the shape too, so that a row counts the one or the other."""
    return " on the hop behind TLS" if context.transport is Transport.BEHIND_TLS else ""
