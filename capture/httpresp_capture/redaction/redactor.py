"""The redactor: one salt, and what it does to each part of a response. Threads may share one."""

import secrets

from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import text
from httpresp_capture.redaction.fields import shown_field
from httpresp_capture.redaction.hiding import Hiding, Remembered
from httpresp_capture.redaction.tags import CUT, Tagger


class Redactor:
    """Hides secrets with one salt; make one a run. `known` are secrets that are hidden wherever they stand."""

    def __init__(self, salt: bytes, known: tuple[str, ...] = ()) -> None:
        self.tag = Tagger(salt, known)
        """(what it is, the secret) → what stands for it."""
        self._remembered: Remembered = {}

    @classmethod
    def fresh(cls) -> "Redactor":
        """One with a salt that nobody knows."""
        return cls(secrets.token_bytes(16))

    @property
    def salt(self) -> bytes:
        """For others whose tags shall be equal to these: `Options.salt` of the checks."""
        return self.tag.salt

    def knowing(self, response: Response) -> "Redactor":
        """One with the same salt that finds the secrets of this response wherever they stand, by their value."""
        hiding = self._hiding()
        hiding.response(response)
        return Redactor(self.salt, hiding.tag.telling())

    def field(self, name: str, value: str) -> str:
        """A header value with its secrets hidden; the same text when it holds none."""
        return self.tag.without_known(shown_field(name.lower(), value, self.tag))

    __call__ = field

    def target(self, target: str) -> str:
        """A request target or URL with its secrets hidden."""
        return self.tag.without_known(text.target(target, self.tag))

    def line(self, line: str) -> str:
        """Any line: a message, an excerpt, a name that was made from what came over the wire."""
        return self.tag.without_known(text.without_secrets(line, self.tag))

    def text(self, body: str) -> str:
        """A body, whatever it is written in."""
        return self.tag.without_known(text.without_secrets_of_body(body, self.tag))

    def body(self, body: bytes) -> bytes:
        """The same, of bytes: those that are no UTF-8 stay as they are."""
        plain = body.decode("utf-8", "surrogateescape")
        shown = self.text(plain)
        return body if shown == plain else shown.encode("utf-8", "surrogateescape")

    def head(self, head: bytes) -> bytes:
        """A head block. Lines that hold no secret stay as they are on the wire, and there are as many as before."""
        return self._hiding().head(head)

    def response(self, response: Response) -> Response:
        """The response, with its request, with their secrets hidden; the bodies are not touched."""
        hiding = self._hiding()
        shown = hiding.response(response)
        if shown is response or not hiding.tag.found:
            return shown
        # What was found in one place may stand in another, in whole or cut.
        left = _texts(shown)
        known = tuple(secret for secret in hiding.tag.telling() if any(secret[:CUT] in text for text in left))
        return Redactor(self.salt, known)._hiding().response(response) if known else shown

    def _hiding(self) -> Hiding:
        """For one call. A line that is remembered was shown without anything that is known of one response."""
        tagger = Tagger(self.salt, self.tag.known, collects=True)
        return Hiding(tagger, {} if tagger.known else self._remembered)


def _texts(shown: Response) -> list[str]:
    """All that is shown of a response, as text."""
    blocks = [shown.head, shown.trailers]
    found: list[str] = [problem.detail for problem in shown.problems]
    for conflict in shown.conflicts:
        blocks += [conflict.first.data, conflict.second.data]
    if shown.request is not None:
        blocks.append(shown.request.head)
        found += [shown.request.method, shown.request.target, *(problem.detail for problem in shown.request.problems)]
    return [*found, *(block.decode("latin-1") for block in blocks)]
