"""The filter language: text in, one predicate on `Response` out.

`status:5xx host:api -type:image`, `"not found" | is:slow`, `header:x-cache~hit`; the dialects of mitmproxy and
Wireshark are understood. A filter is compiled once into closures, cheap questions first, since it runs over every
response that is kept. A bare word is looked for, in any case, in host, URL, status line and header block. Regular
expressions see a bounded part of each line, and those that some text could make slow are refused (`patterns`).

`parser` holds the grammar, `fields` and `states` the two tables, `dialects` the names of other tools.
"""

from collections.abc import Callable

from httpresp_capture.query.errors import QueryError
from httpresp_capture.query.hooks import Hook, Hooks
from httpresp_capture.query.predicates import everything
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

__all__ = ["Hook", "Hooks", "Query", "QueryError", "compile_query"]

MAX_LENGTH = 10_000
"""Characters of a filter."""


@record
class Query:
    """A compiled filter."""

    text: str
    matches: Callable[[Response], bool]
    everything: bool = False
    """True for a blank filter: every response is meant, and nothing need be asked."""
    moves: bool = False
    """True where it says when, and would mean another time once the capture has gone on."""

    def __call__(self, response: Response) -> bool:
        return self.matches(response)


def compile_query(text: str, hooks: Hooks | None = None) -> Query:
    """The predicate that a filter means; raises `QueryError`."""
    if len(text) > MAX_LENGTH:
        raise QueryError(f"A filter may have {MAX_LENGTH:,} characters.", MAX_LENGTH, len(text))
    if not text.strip():
        return Query(text, everything, everything=True)
    # Nothing of the grammar is loaded for those who write no filter.
    from httpresp_capture.query.parser import Parser

    test = Parser(text, hooks or Hooks({})).parse()
    if test is None:
        return Query(text, everything, everything=True)
    return Query(text, test.matches, moves=test.moves)
