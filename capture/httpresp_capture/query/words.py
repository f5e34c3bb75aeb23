"""Bare words: the search that most people type, so it runs over the raw bytes of a head.

A word is looked for in host, URL, status line and header block, in any case. Heads are ASCII for all that matters;
their bytes are lowered and searched as they are, and text is made only where the answer needs it: for words that are
not ASCII, and for the few requests whose bytes hold the word.
"""

from httpresp_capture.query.predicates import SEARCH, Test
from httpresp_capture.query.texts import host, looked_at, request_url, sni
from httpresp_capture.records.exchange import Response


def word_test(text: str) -> Test:
    """The predicate of a bare word or a phrase."""
    low = text.lower()
    if not low.isascii():
        return Test(lambda response: low in looked_at(response).lower(), SEARCH)
    needle = low.encode("ascii")
    # Only the whole URL holds what stands across scheme, host and path.
    across = "/" in low

    def matches(response: Response) -> bool:
        if needle in response.head.lower():
            return True
        request = response.request
        if request is None:
            return low in response.flow.server or (response.flow.tls is not None and low in sni(response).lower())
        if across or needle in request.head.lower() or low in response.flow.server:
            return low in request_url(request, response.flow).lower() or low in host(response).lower()
        return False

    return Test(matches, SEARCH)
