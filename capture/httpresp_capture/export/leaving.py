"""A response on its way out: its records, and its two bodies as far as they are kept, with secrets hidden throughout.

Bodies leave decoded, since what a coding holds nobody can look through. One that a coding stays on, since it is unknown
or its library is not there, does not leave while secrets are hidden: nobody can tell what is in it.
"""

from dataclasses import replace
from functools import cached_property

from httpresp_capture.content.binary import is_binary
from httpresp_capture.content.bodies import Decoded, text
from httpresp_capture.content.representation import decoded, decoded_request, is_coded
from httpresp_capture.export.curl import curl, left_out_of
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.record import record
from httpresp_capture.redaction import Redactor

WITHHELD = "not exported: a coding is on it that may hide secrets"


@record
class Body:
    """What leaves of a body, decoded."""

    data: bytes
    text: str | None
    """The same, by its charset; None for what is no text."""
    whole: bool
    """True when that is all of it."""
    note: str = ""
    """Why it is not, or what is wrong with it. ASCII."""


class Leaving:
    """One response; what of it is not asked for is not made."""

    def __init__(self, response: Response, redactor: Redactor | None = None) -> None:
        self.kept = response
        """As it was captured."""
        self._redactor = redactor

    @cached_property
    def response(self) -> Response:
        """It and its request, with the secrets in their heads hidden; the bodies in these records are as captured."""
        return self.kept if self._redactor is None else self._redactor.response(self.kept)

    @cached_property
    def body(self) -> Body:
        """That of the response."""
        return self._body(decoded(self.kept), self.kept.header("content-type"))

    @cached_property
    def request_body(self) -> Body:
        """That of the request."""
        request = self.kept.request
        if request is None:
            return Body(b"", "", False)
        return self._body(decoded_request(request), request.headers.get("content-type"))

    @cached_property
    def resendable(self) -> tuple[Response, tuple[str, ...]]:
        """The response, its request as a command may send it again; and what that leaves out, in words."""
        request = self.kept.request
        if request is None:
            return self.response, ()
        left_out = left_out_of(request)
        shown = self.response
        if self._redactor is None:
            return shown, left_out
        body = hidden_body(request, self._knowing)
        if body is None:
            left_out = ("without the body, whose coding hides secrets", *left_out)
        if shown.request is not None and body != shown.request.body:
            shown = replace(shown, request=replace(shown.request, body=body or b""))
        return shown, left_out

    @property
    def curl(self) -> str:
        """The request as a command; empty where it was not seen."""
        return curl(*self.resendable)

    @cached_property
    def _knowing(self) -> Redactor:
        assert self._redactor is not None
        return self._redactor.knowing(self.kept)

    def _body(self, plain: Decoded, content_type: str) -> Body:
        if plain.left and self._redactor is not None:
            return Body(b"", None, False, WITHHELD)
        note = plain.detail or ("" if plain.complete else "only its beginning was kept")
        if is_binary(plain.data, content_type):
            data = plain.data if self._redactor is None else self._knowing.body(plain.data)
            return Body(data, None, plain.complete, note)
        shown = text(plain.data, content_type)
        if self._redactor is None:
            return Body(plain.data, shown, plain.complete, note)
        hidden = self._knowing.text(shown)
        return Body(plain.data if hidden == shown else hidden.encode("utf-8", "replace"), hidden, plain.complete, note)


def hidden_body(request: Request, redactor: Redactor) -> bytes | None:
    """The kept bytes of a body without secrets; None when a coding is on them that hides some, or may."""
    if not request.body or not is_coded(request.head):
        return redactor.body(request.body)
    plain = decoded_request(request)
    if not plain.codings and not plain.left:
        return redactor.body(request.body)
    return None if plain.left or redactor.body(plain.data) != plain.data else request.body
