"""What is hidden of one response: its heads line by line, and what is said of their bytes elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import replace

from httpresp_capture.records.evidence import Conflict, Segment
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.websocket import WebSocket
from httpresp_capture.redaction import text
from httpresp_capture.redaction.fields import shown_field
from httpresp_capture.redaction.names import Secrecy, secrecy
from httpresp_capture.redaction.tags import Tagger

REMEMBERED = 4096
"""Header lines whose shown form is kept: most come again in every response."""
REMEMBERED_LENGTH = 256
Remembered = dict[bytes, tuple[bytes, tuple[str, ...]]]
"""Header line → what is shown of it, and its secrets."""
_QUOTED = re.compile('"(.*)"')
_TAGS = re.compile("(‹[^›]*›)")


class Hiding:
    """Hides the secrets of one message after the other, and collects them in its tagger. Of one thread."""

    def __init__(self, tag: Tagger, remembered: Remembered) -> None:
        self.tag = tag
        self._remembered = remembered

    def response(self, response: Response) -> Response:
        """The response with its request; the same one where it holds no secret."""
        head = self.head(response.head)
        trailers = self.fields(response.trailers) if response.trailers else b""
        request = None if response.request is None else self.request(response.request)
        problems = self._problems(response.problems, response.head, head)
        conflicts = tuple([self._conflict(each, response.head) for each in response.conflicts])
        if (
            head == response.head
            and trailers == response.trailers
            and request is response.request
            and problems is response.problems
            and not conflicts
            and response.websocket is None
        ):
            return response
        return replace(
            response,
            head=head,
            trailers=trailers,
            request=request,
            problems=problems,
            conflicts=conflicts,
            websocket=None if response.websocket is None else _without_texts(response.websocket),
        )

    def request(self, request: Request) -> Request:
        """The request; its body is not touched."""
        head, target = self.head(request.head), self._target(request.target)
        method = self._method(request, head)
        problems = self._problems(request.problems, request.head, head)
        same = target == request.target and method == request.method and problems is request.problems
        if same and head == request.head:
            return request
        return replace(request, head=head, target=_wire(target, request.target), method=method, problems=problems)

    def _method(self, request: Request, hidden: bytes) -> str:
        """Of a request line that is none it is the beginning, cut, and may hold what is secret in the whole line."""
        first = re.split(rb"\s", request.head, maxsplit=1)[0]
        method = request.method
        return method if hidden.startswith(first) else _wire(self.tag("text", method), method)

    # lines

    def head(self, head: bytes) -> bytes:
        """A start line and its fields."""
        line, newline, fields = head.partition(b"\n")
        return self._start_line(line) + newline + self.fields(fields)

    def fields(self, block: bytes) -> bytes:
        """Field lines alone, as trailers are; there are as many as before."""
        lines = block.split(b"\n")
        if block[:1] in (b" ", b"\t") or b"\n " in block or b"\n\t" in block:
            return b"\n".join(self._folded(lines))
        return b"\n".join([self._line(line) for line in lines])

    def _line(self, line: bytes) -> bytes:
        """A field line that is not folded. The ones that come again and again are remembered."""
        found = self.tag.found
        kept = self._remembered.get(line)
        if kept is not None:
            found += kept[1]
            return kept[0]
        before = len(found)
        field_name, colon, rest = line.partition(b":")
        name = field_name.strip(b" \t\r").decode("latin-1") if colon else ""
        if name:
            value = rest.strip(b" \t\r").decode("latin-1")
            shown = field_name + b":" + _written(rest, self._field(name, value), value)
        else:
            plain = line.strip(b" \t\r").decode("latin-1")
            shown = _written(line, self._loose(plain), plain)
        if len(line) <= REMEMBERED_LENGTH:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[line] = shown, tuple(found[before:])
        return shown

    def _folded(self, lines: list[bytes]) -> Iterator[bytes]:
        """RFC 9112 §5.2: a folded line goes on with the value of the line before. Where they hold a secret together,
        nobody can say how much of it stands in which: the whole value is hidden."""
        at = 0
        while at < len(lines):
            end = at + 1
            while end < len(lines) and lines[end][:1] in (b" ", b"\t"):
                end += 1
            field_name, colon, rest = lines[at].partition(b":")
            name = field_name.strip(b" \t\r").decode("latin-1") if colon else ""
            values = [line.strip(b" \t\r").decode("latin-1") for line in (rest, *lines[at + 1 : end])]
            joined = "".join(values), " ".join(values)
            if end == at + 1 or all(self._field(name, value) == value for value in joined):
                yield from map(self._line, lines[at:end])
            else:
                tags = [self.tag("text", value) for value in values]
                yield field_name + colon + _written(rest, tags[0], values[0])
                for line, tag, value in zip(lines[at + 1 : end], tags[1:], values[1:], strict=True):
                    yield _written(line, tag, value)
            at = end

    def _start_line(self, line: bytes) -> bytes:
        plain = line.rstrip(b"\r").decode("latin-1")
        if not text.may_tell(plain) and not self.tag.known:
            return line
        first, blank, rest = plain.partition(" ")
        if first.upper().startswith("HTTP/") or not blank:
            return _written(line, self._plain(plain), plain)
        middle, last_blank, version = rest.rpartition(" ")
        if not version.startswith("HTTP/"):
            middle, last_blank, version = rest, "", ""
        # Where no blank parts them, the target stands in the method: `GET/a?token=… HTTP/1.1`.
        return _written(line, f"{self._target(first)}{blank}{self._target(middle)}{last_blank}{version}", plain)

    def _loose(self, line: str) -> str:
        """A line without a colon: the field that it was meant to be may have been a secret one."""
        name, blank, rest = line.partition(" ")
        if blank and rest and (secrecy(name) is Secrecy.SECRET or name.lower() == "set-cookie"):
            return f"{self._plain(name)} {self.tag('text', rest)}"
        return self._plain(line)

    # what is said of the bytes

    def _problems(self, problems: tuple[Problem, ...], head: bytes, hidden: bytes) -> tuple[Problem, ...]:
        if not any(problem.detail for problem in problems):
            return problems
        before, after = head.split(b"\n"), hidden.split(b"\n")
        shown = tuple(self._problem(problem, head, before, after) for problem in problems)
        return problems if shown == problems else shown

    def _problem(self, problem: Problem, head: bytes, before: list[bytes], after: list[bytes]) -> Problem:
        if not problem.detail:
            return problem
        number = head.count(b"\n", 0, problem.offset) if 0 <= problem.offset < len(head) else -1
        if number >= 0 and before[number] != after[number]:
            return replace(problem, detail=self.tag("text", problem.detail))
        quoted = _QUOTED.fullmatch(problem.detail)
        detail = problem.detail if quoted is None else quoted[1]
        # Details are escaped bytes: line ends stand in them as `\r\n`.
        pieces = re.split(r"(\\r\\n|\\n)", detail)
        shown = "".join(piece if at % 2 else self._detail(piece) for at, piece in enumerate(pieces))
        shown = shown if quoted is None else f'"{shown}"'
        return problem if shown == problem.detail else replace(problem, detail=shown)

    def _detail(self, piece: str) -> str:
        name, colon, value = piece.partition(":")
        if colon and value and " " not in name.strip() and name.strip():
            plain = value.strip()
            shown = self._field(name.strip(), plain)
            return piece if shown == plain else f"{name}: {shown}"
        return self.tag.without_cut(self._loose(piece))

    def _conflict(self, conflict: Conflict, head: bytes) -> Conflict:
        first, second = (self._segment(each, conflict.offset, head) for each in (conflict.first, conflict.second))
        return replace(conflict, first=first, second=second)

    def _segment(self, segment: Segment, offset: int, head: bytes) -> Segment:
        """Either version of bytes: what belongs to the head as lines, what belongs to the body not at all."""
        data = segment.data
        if offset >= len(head):
            return replace(segment, data=self._whole(data))
        begins = head.rfind(b"\n", 0, offset) + 1
        lead = head[begins:offset]
        first, newline, rest = data.partition(b"\n")
        shown = self._start_line(lead + first) if begins == 0 else self.fields(lead + first)
        kept = first if shown == lead + first else self._whole(first)
        block, blank, body = rest.partition(b"\n\r\n")
        if not blank:
            block, blank, body = rest.partition(b"\n\n")
        shown_block = self.tag.without_cut(self.fields(block).decode("utf-8", "surrogateescape"))
        block = shown_block.encode("utf-8", "surrogateescape")
        return replace(segment, data=kept + newline + block + blank + (self._whole(body) if body else b""))

    # pieces

    def _field(self, name: str, value: str) -> str:
        return self.tag.without_known(shown_field(name.lower(), value, self.tag))

    def _target(self, target: str) -> str:
        return self.tag.without_known(text.target(target, self.tag))

    def _plain(self, line: str) -> str:
        return self.tag.without_known(text.without_secrets(line, self.tag))

    def _whole(self, data: bytes) -> bytes:
        return self.tag("bytes", data.decode("latin-1")).encode() if data else data


def _written(line: bytes, shown: str, plain: str) -> bytes:
    """The line with what is shown in the place of its text, its blanks and line end as they were."""
    if shown == plain:
        return line
    blanks = line[: len(line) - len(line.lstrip(b" \t"))]
    return blanks + _encoded(shown) + (b"\r" if line.endswith(b"\r") else b"")


def _encoded(shown: str) -> bytes:
    """Latin-1 text from the wire with tags in it, as UTF-8; bytes of the wire that were UTF-8 stay so."""
    pieces = _TAGS.split(shown)
    wire = "".join(piece for piece in pieces if not piece.startswith("‹")).encode("latin-1", "replace")
    try:
        wire.decode()
    except UnicodeDecodeError:
        return shown.encode()
    return b"".join(piece.encode() if piece.startswith("‹") else piece.encode("latin-1", "replace") for piece in pieces)


def _wire(target: str, original: str) -> str:
    """A target with tags, as the Latin-1 text that a record holds."""
    return target if target == original else _encoded(target).decode("latin-1")


def _without_texts(websocket: WebSocket) -> WebSocket:
    """Messages are bodies, of which no part leaves; why it was closed is said by people."""
    bare = tuple([replace(each, preview=b"") for each in websocket.messages])
    ends = (replace(each, close_reason=b"") for each in (websocket.client, websocket.server))
    client, server = ends
    return replace(websocket, client=client, server=server, messages=bare)
