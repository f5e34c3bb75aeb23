"""The event as `y` copies it: in a person's order, and with what only a person wants of it.

No member of the event is missing or another one. What is looked for stands first, the rest of Tracee's envelope behind
it. `httpresp` has both bodies beside their sizes, and the header lines of the request, which lines for machines leave
out for their size.
"""

import base64
from typing import Any

from httpresp_capture.content.binary import is_binary
from httpresp_capture.content.bodies import Decoded, text
from httpresp_capture.content.representation import decoded, decoded_request
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_capture.tracee.pieces import dumped, texts_of
from httpresp_capture.tracee.writer import event
from httpresp_tui.text.run import NO_RUN, Run

FIRST = ("eventName", "timestamp", "hostName", "args", "httpresp")
"""Members in front of the others."""
MOST_BODY = 65_536
"""Bytes of a decoded body; the menu of copies has all that is kept."""


def copied_event(response: Response, redactor: Redactor | None, run: Run = NO_RUN) -> str:
    """Indented ASCII JSON; secrets are hidden unless there is no redactor."""
    told = event(
        response,
        redact=redactor,
        lost=run.lost(),
        host_name=run.host_name,
        findings=run.findings(response),
        accepts=run.accepted,
    )
    knowing = None if redactor is None else redactor.knowing(response)
    ours = told["httpresp"]
    if response.body:
        ours |= _body(decoded(response, max_output=MOST_BODY), response.header("content-type"), knowing)
    shown = response if redactor is None else redactor.response(response)
    if response.request is not None and shown.request is not None:
        ours["request"]["header_lines"] = [list(line) for line in texts_of(shown.request.headers)]
        if response.request.body:
            plain = decoded_request(response.request, max_output=MOST_BODY)
            ours["request"] |= _body(plain, response.request.headers.get("content-type"), knowing)
    return dumped({name: told[name] for name in (*FIRST, *(set_aside for set_aside in told if set_aside not in FIRST))},
                  indent=2, separators=(",", ": "))  # fmt: skip


def _body(plain: Decoded, content_type: str, redactor: Redactor | None) -> dict[str, Any]:
    """What is kept of a body, without its codings; nothing where one that stays on it may hide secrets."""
    if plain.left and redactor is not None:
        return {"body_whole": False}
    if is_binary(plain.data, content_type):
        data = plain.data if redactor is None else redactor.body(plain.data)
        return {"body_base64": base64.b64encode(data).decode("ascii"), "body_whole": plain.complete}
    shown = text(plain.data, content_type)
    return {"body_text": shown if redactor is None else redactor.text(shown), "body_whole": plain.complete}
