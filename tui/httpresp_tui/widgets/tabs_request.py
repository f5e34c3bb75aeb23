"""The request that a response answers, as it came; or that none was seen."""

from httpresp_tui.text.explain import explain_asked
from httpresp_tui.widgets.lines import Line, TextStyle, heading, line, own, untrusted
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_body import Room, asked_body
from httpresp_tui.widgets.tabs_headers import head_lines


def request(view: View, room: Room) -> list[Line]:
    """Request line, fields, and the first bytes of the body."""
    seen = view.response.request
    if seen is None:
        return [
            line(own("The request was not seen.", TextStyle.LOST)),
            line(own("The capture began after it was sent, or its packets were lost.", TextStyle.DIM)),
        ]
    start = seen.head.partition(b"\n")[0].rstrip(b"\r").decode("latin-1")
    method, blank, rest = start.partition(" ")
    target, last, version = rest.rpartition(" ")
    if not last:
        target, version = version, ""
    first = (untrusted(method + blank, TextStyle.STRONG), untrusted(target), untrusted(last + version, TextStyle.DIM))
    lines = head_lines(seen.head, seen.problems, first, explain_asked)
    if not seen.complete:
        lines += [Line(), line(own("The end of this request was not seen.", TextStyle.LOST))]
    if seen.body_bytes:
        lines += [Line(), heading("Body of the request"), *asked_body(seen, room)]
    return lines
