"""What can be wrong with a message: one stable name each, with its RFC section.

The names are part of the product: `problem:bare-lf` filters by them and they stand in the JSON. A name is never
reused for another meaning.
"""

from typing import Final

from httpresp_capture.records.record import record

LOST_IN_GAP: Final = "lost in a gap"
"""The detail of what is missing since its bytes were."""


@record
class Problem:
    """One thing wrong with a message, and where."""

    name: str
    """A key of `PROBLEMS`."""
    offset: int
    """Bytes from the first byte of the message's head; for `no-response` and the like, 0."""
    detail: str = ""
    """What was found, short: bytes from the wire escaped and in quotes (`heads.shown`), all else in words of ours."""

    @property
    def title(self) -> str:
        """The name in words, with what was found."""
        return PROBLEMS[self.name][0]

    @property
    def reference(self) -> str:
        """The section that says so."""
        return PROBLEMS[self.name][1]


PROBLEMS: dict[str, tuple[str, str]] = {
    # line ends and the shape of the head
    "bare-lf": ("line ends with LF alone", "RFC 9112 §2.2"),
    "bare-cr": ("CR that is not followed by LF", "RFC 9112 §2.2"),
    "leading-blank-lines": ("blank lines before the message", "RFC 9112 §2.2"),
    "leading-junk": ("bytes before the status line that are no HTTP", "RFC 9112 §2.2"),
    "obs-fold": ("folded header line", "RFC 9112 §5.2"),
    "space-before-colon": ("blank between field name and colon", "RFC 9112 §5.1"),
    "no-colon": ("header line without a colon", "RFC 9112 §5"),
    "bad-name": ("field name is no token", "RFC 9110 §5.1"),
    "control-bytes": ("control byte in the head", "RFC 9110 §5.5"),
    "empty-name": ("field without a name", "RFC 9110 §5.1"),
    "long-line": ("header line over 8 KiB", "RFC 9110 §5.4"),
    "head-limit": ("head over the limit; the rest of this direction is looked at anew", "RFC 9110 §5.4"),
    "head-cut": ("head without its blank line", "RFC 9112 §2.1"),
    # status line
    "bad-status": ("status is not three digits", "RFC 9112 §4"),
    "status-range": ("status outside 100 to 599", "RFC 9110 §15"),
    "bad-status-line": ("status line with the wrong blanks", "RFC 9112 §4"),
    "no-reason": ("no blank and no reason after the status", "RFC 9112 §4"),
    "http-0.9": ("body without a head (HTTP/0.9)", "RFC 1945 §6"),
    "bad-version": ("version that is not HTTP/1.0 or HTTP/1.1", "RFC 9112 §2.3"),
    # request line
    "bad-request-line": ("request line with the wrong parts", "RFC 9112 §3"),
    # framing
    "differing-lengths": ("Content-Length values that differ", "RFC 9112 §6.3"),
    "repeated-length": ("the same Content-Length more than once", "RFC 9110 §8.6"),
    "bad-length": ("Content-Length that is no number", "RFC 9110 §8.6"),
    "length-overflow": ("Content-Length too large to be true", "RFC 9110 §8.6"),
    "length-with-encoding": ("Content-Length beside Transfer-Encoding", "RFC 9112 §6.1"),
    "unknown-coding": ("transfer coding that is not known", "RFC 9112 §6.1"),
    "coding-order": ("chunked is not the last transfer coding", "RFC 9112 §6.1"),
    "encoding-in-1.0": ("Transfer-Encoding in HTTP/1.0", "RFC 9112 §6.1"),
    "encoding-not-allowed": ("Transfer-Encoding on 1xx, 204 or after CONNECT", "RFC 9112 §6.1"),
    "bad-chunk-size": ("chunk size that is no hexadecimal number", "RFC 9112 §7.1"),
    "chunk-overflow": ("chunk size too large to be true", "RFC 9112 §7.1"),
    "bad-chunk-end": ("chunk data not followed by CRLF", "RFC 9112 §7.1"),
    "no-last-line": ("chunked body without its last empty line", "RFC 9112 §7.1"),
    "body-not-allowed": ("body on a message that must have none", "RFC 9110 §6.4.1"),
    "extra-bytes": ("bytes after the end of the message", "RFC 9112 §6.3"),
    "data-after-close": ("response after Connection: close", "RFC 9112 §9.6"),
    # HTTP/2
    "head-not-seen": ("head not seen: the stream alone shows that there was a response", "RFC 9113 §8.1"),
    "unknown-fields": ("fields that refer to others which were not captured", "RFC 7541 §2.3.2"),
    "bad-header-block": ("header block that cannot be decoded", "RFC 9113 §4.3"),
    "bad-pseudo-field": ("pseudo-header field missing, unknown, repeated or out of place", "RFC 9113 §8.3"),
    "connection-field": ("field of an HTTP/1.1 connection", "RFC 9113 §8.2.2"),
    "uppercase-name": ("field name with uppercase letters", "RFC 9113 §8.2.1"),
    "blanks-around-value": ("field value that begins or ends with a blank", "RFC 9113 §8.2.1"),
    "differing-hosts": ("Host that is not :authority", "RFC 9113 §8.3.1"),
    "length-differs": ("content of another length than Content-Length says", "RFC 9113 §8.1.1"),
    "data-before-head": ("content before the head", "RFC 9113 §8.1"),
    "interim-ends": ("interim response that ends the stream", "RFC 9113 §8.1"),
    "trailers-not-last": ("trailers that do not end the stream", "RFC 9113 §8.1"),
    "frames-after-end": ("content or fields behind the end of the stream", "RFC 9113 §5.1"),
    "frames-lost": ("bytes of the connection lost while it was open", "RFC 9113 §5.1"),
    "stream-reset": ("stream reset before its end", "RFC 9113 §5.4.2"),
    "goaway": ("connection given up before the end of the stream", "RFC 9113 §6.8"),
    # who answers whom
    "no-request": ("response without a request", "RFC 9112 §9.2"),
    "no-response": ("request without a response", "RFC 9112 §9.2"),
    "too-many-responses": ("more responses than requests", "RFC 9112 §9.2"),
    "early-response": ("response before the end of its request", "RFC 9112 §9.3"),
    # transport
    "overlap-conflict": ("the same bytes came twice and differ", "RFC 9293 §3.10.7"),
    "urgent-data": ("bytes marked urgent, of which the receiver may leave one out", "RFC 6093 §3.2"),
    # content
    "bad-coding": ("content coding fails", "RFC 9110 §8.4"),
    "coding-extra": ("bytes after the end of the coded content", "RFC 1952 §2.2"),
    "decompression-bomb": ("decodes to far more than it is", "RFC 9110 §8.4"),
}
"""Name: (what it means, where it is said)."""
