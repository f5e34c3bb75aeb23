"""How the answers of a connection follow each other (RFC 9112 §6.3 and §9), told on the wire."""

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from httpresp_capture.records.problems import Problem
from splits import Turn, every_split, rows_of

THREE = b"".join(b"GET /%c HTTP/1.1\r\n\r\n" % name for name in b"abc")
END = b"Content-Length: 0\r\n\r\n"


def split(*answers: bytes) -> list[tuple[str, tuple[Response, ...]]]:
    """The rows of one stream of answers, for each way to cut it."""
    said: list[Turn] = [("client", THREE), ("server", b"".join(answers))]
    return list(every_split(said))


def pairs(rows: tuple[Response, ...]) -> list[tuple[int, str | None]]:
    return [(row.status, row.request.target if row.request is not None else None) for row in rows]


def test_a_body_until_close_holds_what_looks_like_an_answer_whatever_came_before() -> None:
    """Only one whose length cannot be read is watched for the next head."""
    unread = b"HTTP/1.1 200 A\r\nContent-Length: x\r\n\r\nabc"
    until_close = b"HTTP/1.1 201 B\r\n\r\n"
    inside = b"text\r\nHTTP/1.1 202 C\r\n" + END
    said: list[Turn] = [("client", THREE), ("server", unread + until_close + inside)]
    for cut in ([], [len(unread)], [len(unread + until_close)], [len(unread), len(unread + until_close)]):
        rows = rows_of(said, cut, fin=True)
        assert pairs(rows) == [(200, "/a"), (201, "/b"), (0, "/c")], cut
        assert (rows[0].body, rows[1].body, rows[1].end) == (b"abc", inside, EndReason.SERVER_FIN), cut


def test_what_follows_an_answer_that_closes_is_told() -> None:
    """RFC 9112 §9.6: a server that sends the close option closes; what comes all the same says so, once."""
    closing = b"HTTP/1.1 200 A\r\nConnection: close\r\n" + END
    for how, rows in split(closing, b"HTTP/1.1 201 B\r\n" + END, b"HTTP/1.1 202 C\r\n" + END):
        assert pairs(rows) == [(200, "/a"), (201, "/b"), (202, "/c")], how
        assert [row.problems for row in rows] == [(), (Problem("data-after-close", 0),), ()], how


def test_an_interim_answer_closes_nothing() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n"
    for how, rows in split(interim, b"HTTP/1.1 200 A\r\n" + END):
        assert pairs(rows)[:2] == [(103, "/a"), (200, "/a")], how
        assert rows[1].problems == (), how
