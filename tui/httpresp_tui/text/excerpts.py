"""What can be taken out of a response: one function a kind, and what it is called in the words that confirm it.

Secrets leave redacted unless no redactor is given. Nothing in an excerpt can act on a terminal it is pasted into:
JSON is ASCII, and elsewhere control bytes are written as escapes, which the name of the excerpt says.
"""

import base64
from dataclasses import dataclass

from httpresp_capture.content.binary import is_binary
from httpresp_capture.content.bodies import text
from httpresp_capture.content.representation import decoded as decoded_body
from httpresp_capture.export.curl import curl
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_tui.text.copied_event import copied_event
from httpresp_tui.text.printable import decoded
from httpresp_tui.text.run import NO_RUN, Run
from httpresp_tui.text.sanitising import pasteable


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a response on its way to the clipboard."""

    what: str
    """Its name in a sentence: `response #1042 as JSON`."""
    text: str
    suffix: str = ".txt"
    """What a file of it ends in."""


def json_excerpt(response: Response, redactor: Redactor | None, run: Run = NO_RUN) -> Excerpt:
    """The event as JSON, as `y` copies it."""
    event = copied_event(response, redactor, run)
    return Excerpt(f"response #{response.id} as JSON", event, ".json")


def headers_excerpt(response: Response, redactor: Redactor | None) -> Excerpt:
    """Status line and fields in wire order and case, and the trailers after them."""
    shown = redactor.response(response) if redactor else response
    block = text(shown.head + shown.trailers).replace("\r\n", "\n").strip("\n")
    return Excerpt(f"headers of response #{response.id}", pasteable(block) + "\n")


def value_excerpt(response: Response, name: str, value: str, redactor: Redactor | None) -> Excerpt:
    """One value, without its name."""
    shown = redactor.knowing(response).field(name, value) if redactor else value
    return Excerpt(f"{ascii(name)[1:-1]} of response #{response.id}", pasteable(decoded(shown)))


def body_excerpt(response: Response, redactor: Redactor | None) -> Excerpt:
    """The decoded body as text; base64 for what is no text."""
    plain = decoded_body(response)
    what = f"{'' if plain.complete else 'first part of the '}body of response #{response.id}"
    content_type = response.header("content-type")
    if is_binary(plain.data, content_type):
        data = redactor.knowing(response).body(plain.data) if redactor else plain.data
        return Excerpt(f"{what} as base64", base64.b64encode(data).decode("ascii"))
    shown = text(plain.data, content_type)
    return Excerpt(what, pasteable(redactor.knowing(response).text(shown) if redactor else shown))


def curl_excerpt(response: Response, redactor: Redactor | None) -> Excerpt:
    """The request as a curl command; empty where no request was seen. Its name says what the command leaves out."""
    request = response.request
    if request is None:
        return Excerpt(f"request of response #{response.id} as curl", "", ".sh")
    shown, left_out = Leaving(response, redactor).resendable
    first = "first part of the " if len(request.body) < request.body_bytes else ""
    tags = () if shown is response else ("secrets are tags",)
    what = "; ".join((f"{first}request of response #{response.id} as curl", *left_out, *tags))
    return Excerpt(what, curl(shown, left_out), ".sh")
