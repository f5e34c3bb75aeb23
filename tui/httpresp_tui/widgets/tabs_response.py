"""The whole exchange in one scroll: status line, headers with their explanations, body, trailers, then the request.

A body is laid out as its own tab does it, as far as a person reads on: what comes behind it must stay near, and the
cursor of the list goes over many responses in a second.
"""

from httpresp_capture.checks import Options
from httpresp_capture.checks.context import Context
from httpresp_capture.content.representation import decoded as decoded_body
from httpresp_capture.http.caching import verdict
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.store import is_interim
from httpresp_tui.text.explain.verdict import verdict_in_words
from httpresp_tui.widgets.lines import Line, TextRun, TextStyle, heading, line, own, untrusted
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_body import MOST_DECODED, Room, absence, cuts, summary_runs, text_lines
from httpresp_tui.widgets.tabs_headers import headers, trailer_lines
from httpresp_tui.widgets.tabs_request import request

BEGINNING = Room(shown=16_384, hex=1_024, lines=400, rest="… it goes on in the Body tab")
"""As much of a body as stands here."""


def whole_response(view: View) -> list[Line]:
    """Everything that was sent for one request, and the request."""
    response = view.response
    lines = headers(view)
    if response.is_response:
        lines += [Line(), *caching_lines(response), *body_section(response)]
        lines += trailer_lines(response)
    if response.encrypted is None:
        lines += [Line(), heading("Request"), *request(view, BEGINNING)]
    return lines


def caching_lines(response: Response) -> list[Line]:
    """What caches may do with it; nothing of an interim response, and nothing of a head that is not whole."""
    if not Context(response, Options()).head_ok or is_interim(response):
        return []
    words = verdict_in_words(verdict(response))
    return [line(own("Caches", TextStyle.HEADING), own("  "), untrusted(words, TextStyle.NOTE), hang=8)]


def body_section(response: Response) -> list[Line]:
    """The beginning of the body under a heading that says what it is."""
    if not response.body:
        return [_titled(own(absence(response), TextStyle.DIM))]
    decoded = decoded_body(response, max_output=MOST_DECODED)
    lines = [_titled(*summary_runs(response, decoded)), *cuts(response, decoded, BEGINNING)]
    shown = text_lines(decoded.data, response.header("content-type"), BEGINNING, binary=bool(decoded.left))
    return [*lines, *shown]


def _titled(*runs: TextRun) -> Line:
    return line(own("Body", TextStyle.HEADING), own("    "), *runs)
