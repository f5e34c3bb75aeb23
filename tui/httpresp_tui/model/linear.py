"""A response as one plain line, for screen readers, serial lines and scripts: `--linear`.

What the list says in columns and letters stands here in words, in the same order, with commas between and nothing
that depends on where it stands or which colour it has. No Textual.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.grpc import status_name, status_of
from httpresp_tui.model.columns import MARKS
from httpresp_tui.text.encrypted import encrypted_text
from httpresp_tui.text.sanitising import decoded, printable_text
from httpresp_tui.text.units import clock_text, duration_text, size_text

if TYPE_CHECKING:
    from httpresp_capture.checks import Finding

_ANSWERS = "e?"
"""Marks of what the status says in words."""
LONGEST = 400
"""Characters of a target: a line is read aloud."""


def linear_line(response: Response, findings: "Sequence[Finding] | None" = None, *, amends: bool = False) -> str:
    """The line, without an end; printable. One that `amends` takes the place of the earlier one of its number."""
    parts = [f"#{response.id} {clock_text(response.at)} {_answer(response)}", *_asked(response), *_sizes(response)]
    parts.append(f"connection {response.flow.id}")
    marks = [mark.meaning.partition(":")[0] for mark in MARKS if mark.glyph not in _ANSWERS and mark.applies(response)]
    found = [f"finding {each.severity.word} {each.check} {each.parameter}".rstrip() for each in findings or ()]
    again = ["instead of what was said before"] if amends else []
    line = ", ".join(parts)
    return printable_text("; ".join([line, *marks, *found, *again]), 10 * LONGEST)


def _answer(response: Response) -> str:
    if response.encrypted is not None:
        return "encrypted"
    if response.unanswered:
        return "no response"
    status = (
        f"{response.status} {decoded(response.reason)[:LONGEST]}".rstrip() if response.status else "no readable status"
    )
    call = status_of(response)
    return status if call is None else f"{status}, gRPC {status_name(call)}"


def _asked(response: Response) -> Iterator[str]:
    host = decoded(response.host)
    if response.encrypted is not None:
        yield f"{host} {encrypted_text(response.flow.tls, response.encrypted)}"[:LONGEST]
    elif response.request is not None:
        yield f"{response.request.method} {host}{decoded(response.request.path)}"[:LONGEST]
    else:
        yield f"request not seen, {host}"[:LONGEST]


def _sizes(response: Response) -> Iterator[str]:
    if response.encrypted is not None or response.unanswered:
        return
    if response.content_type:
        yield decoded(response.content_type)[:LONGEST]
    yield size_text(response.body_bytes)
    if response.first_byte_ns is not None:
        yield f"after {duration_text(response.first_byte_ns)}"
