"""The redactor: one salt, and what it does to each part of a response."""

import re
import secrets
from collections.abc import Iterator
from hashlib import blake2s

from httpresp_capture.events import Conflict, Request, Response, Segment, replace
from httpresp_capture.problems import Problem
from httpresp_capture.redaction import text
from httpresp_capture.redaction.fields import shown_field
from httpresp_capture.redaction.names import Secrecy, is_plain, secrecy

REMEMBERED = 4096
"""Fields whose shown form is kept: most come again in every response."""
REMEMBERED_LENGTH = 256
KNOWN = 200
"""Secrets of one response that are looked for in the rest of it."""
_TELLING = 8
"""Characters from which a value is not where it is by chance."""
_CUT = 6
"""Characters of the beginning of a known secret that give it away at the end of a text that was cut."""
_NO_SECRETS = frozenset(("text", "bytes", "url", "secret"))
"""Kinds of tags for what only holds a secret, or is known as one."""
_TAGS = re.compile("(‹[^›]*›)")


class Redactor:
    """Hides secrets with one salt; make one a run. `known` are secrets that are hidden wherever they stand."""

    def __init__(self, salt: bytes, known: tuple[str, ...] = ()) -> None:
        self._salt = salt
        self._known = known
        self._remembered: dict[bytes, tuple[bytes, tuple[str, ...]]] = {}
        """Header line → what is shown of it, and its secrets."""
        self._found: list[str] | None = None
        """Of a worker: the secrets that it has hidden."""

    @classmethod
    def fresh(cls) -> "Redactor":
        """One with a salt that nobody knows."""
        return cls(secrets.token_bytes(16))

    @property
    def salt(self) -> bytes:
        """For others whose tags shall be equal to these: `Options.salt` of the checks."""
        return self._salt

    def knowing(self, response: Response) -> "Redactor":
        """One with the same salt that finds the secrets of this response wherever they stand, by their value."""
        worker = self._worker()
        worker._response(response)
        return Redactor(self._salt, worker._telling())

    def _worker(self) -> "Redactor":
        """For one call: threads may share a redactor, and no two may share what was found."""
        worker = Redactor(self._salt, self._known)
        worker._remembered = {} if self._known else self._remembered
        worker._found = []
        return worker

    def _telling(self) -> tuple[str, ...]:
        return tuple(sorted(filter(_tells, set(self._found or ())), key=len, reverse=True)[:KNOWN])

    # pieces

    def tag(self, what: str, secret: str) -> str:
        """What stands for a secret. Sixteen bits tell sessions of one capture apart, and reveal no more."""
        quoted = len(secret) > 2 and secret[0] == secret[-1] == '"'
        bare = secret[1:-1] if quoted else secret
        if bare in ("", '""') or text.TAGGED.fullmatch(bare):
            return secret
        if self._found is not None and what not in _NO_SECRETS:
            self._found.append(bare)
        data = bare.encode("latin-1") if _is_latin(bare) else bare.encode("utf-8", "surrogatepass")
        made = f"‹{what} {len(data)}B #{blake2s(data, key=self._salt[:32], digest_size=2).hexdigest()}›"
        return f'"{made}"' if quoted else made

    def field(self, name: str, value: str) -> str:
        """A header value with its secrets hidden; the same text when it holds none."""
        return self._replaced_known(shown_field(name.lower(), value, self.tag))

    __call__ = field

    def target(self, target: str) -> str:
        """A request target or URL with its secrets hidden."""
        return self._replaced_known(text.target(target, self.tag))

    def line(self, line: str) -> str:
        """Any line: a message, an excerpt, a name that was made from what came over the wire."""
        return self._replaced_known(text.without_secrets(line, self.tag))

    def text(self, body: str) -> str:
        """A body, whatever it is written in."""
        return self._replaced_known(text.without_secrets_of_body(body, self.tag))

    def body(self, body: bytes) -> bytes:
        """The same, of bytes: those that are no UTF-8 stay as they are."""
        plain = body.decode("utf-8", "surrogateescape")
        shown = self.text(plain)
        return body if shown == plain else shown.encode("utf-8", "surrogateescape")

    def head(self, head: bytes) -> bytes:
        """A head block. Lines that hold no secret stay as they are on the wire, and there are as many as before."""
        return self._worker()._head(head)

    # records

    def response(self, response: Response) -> Response:
        """The response, with its request, with their secrets hidden; the bodies are not touched."""
        worker = self._worker()
        shown = worker._response(response)
        if shown is response or not worker._found:
            return shown
        left = _texts(shown)
        known = tuple(secret for secret in worker._telling() if any(secret[:_CUT] in text for text in left))
        return Redactor(self._salt, known)._worker()._response(response) if known else shown

    def _response(self, response: Response) -> Response:
        head = self._head(response.head)
        trailers = self._fields(response.trailers) if response.trailers else b""
        request = None if response.request is None else self._request(response.request)
        problems = self._problems(response.problems, response.head, head)
        conflicts = tuple([self._conflict(each, response.head) for each in response.conflicts])
        if (
            head == response.head
            and trailers == response.trailers
            and request is response.request
            and problems is response.problems
            and not conflicts
        ):
            return response
        return replace(response, head=head, trailers=trailers, request=request, problems=problems, conflicts=conflicts)

    def _request(self, request: Request) -> Request:
        head, target = self._head(request.head), self.target(request.target)
        problems = self._problems(request.problems, request.head, head)
        if head == request.head and target == request.target and problems is request.problems:
            return request
        return replace(request, head=head, target=_wire(target, request.target), problems=problems)

    # lines

    def _head(self, head: bytes) -> bytes:
        line, newline, fields = head.partition(b"\n")
        return self._start_line(line) + newline + self._fields(fields)

    def _fields(self, block: bytes) -> bytes:
        lines = block.split(b"\n")
        if block[:1] in (b" ", b"\t") or b"\n " in block or b"\n\t" in block:
            return b"\n".join(self._folded(lines))
        return b"\n".join([self._line(line) for line in lines])

    def _line(self, line: bytes) -> bytes:
        """A field line that is not folded. The ones that come again and again are remembered."""
        found = [] if self._found is None else self._found
        kept = self._remembered.get(line)
        if kept is not None:
            found += kept[1]
            return kept[0]
        before = len(found)
        field_name, colon, rest = line.partition(b":")
        name = field_name.strip(b" \t\r").decode("latin-1") if colon else ""
        if name:
            value = rest.strip(b" \t\r").decode("latin-1")
            shown = field_name + b":" + _written(rest, self.field(name, value), value)
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
            if end == at + 1 or all(self.field(name, value) == value for value in joined):
                yield from map(self._line, lines[at:end])
            else:
                tags = [self.tag("text", value) for value in values]
                yield field_name + colon + _written(rest, tags[0], values[0])
                for line, tag, value in zip(lines[at + 1 : end], tags[1:], values[1:], strict=True):
                    yield _written(line, tag, value)
            at = end

    def _start_line(self, line: bytes) -> bytes:
        plain = line.rstrip(b"\r").decode("latin-1")
        if not text.may_tell(plain) and not self._known:
            return line
        first, blank, rest = plain.partition(" ")
        if first.upper().startswith("HTTP/") or not blank:
            return _written(line, self.line(plain), plain)
        middle, last_blank, version = rest.rpartition(" ")
        if not version.startswith("HTTP/"):
            middle, last_blank, version = rest, "", ""
        return _written(line, f"{first}{blank}{self.target(middle)}{last_blank}{version}", plain)

    def _loose(self, line: str) -> str:
        """A line without a colon: the field that it was meant to be may have been a secret one."""
        name, blank, rest = line.partition(" ")
        if blank and rest and (secrecy(name) is Secrecy.SECRET or name.lower() == "set-cookie"):
            return f"{name} {self.tag('text', rest)}"
        return self.line(line)

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
        # Details are escaped bytes: line ends stand in them as `\r\n`.
        pieces = re.split(r"(\\r\\n|\\n)", problem.detail)
        shown = "".join(piece if at % 2 else self._detail(piece) for at, piece in enumerate(pieces))
        return problem if shown == problem.detail else replace(problem, detail=shown)

    def _detail(self, piece: str) -> str:
        name, colon, value = piece.partition(":")
        if colon and value and " " not in name.strip() and name.strip():
            plain = value.strip()
            shown = self.field(name.strip(), plain)
            return piece if shown == plain else f"{name}: {shown}"
        return self._without_cut(self._loose(piece))

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
        shown = self._start_line(lead + first) if begins == 0 else self._fields(lead + first)
        kept = first if shown == lead + first else self._whole(first)
        block, blank, body = rest.partition(b"\n\r\n")
        if not blank:
            block, blank, body = rest.partition(b"\n\n")
        shown_block = self._without_cut(self._fields(block).decode("utf-8", "surrogateescape"))
        block = shown_block.encode("utf-8", "surrogateescape")
        return replace(segment, data=kept + newline + block + blank + (self._whole(body) if body else b""))

    def _whole(self, data: bytes) -> bytes:
        return self.tag("bytes", data.decode("latin-1")).encode() if data else data

    # known secrets

    def _replaced_known(self, shown: str) -> str:
        for secret in self._known:
            if secret in shown:
                shown = shown.replace(secret, self.tag("secret", secret))
        return shown

    def _without_cut(self, shown: str) -> str:
        """A text that was cut may end within a secret."""
        bare = shown.removesuffix("…")
        for secret in self._known:
            for length in range(min(len(secret) - 1, len(bare)), _CUT - 1, -1):
                if bare.endswith(secret[:length]):
                    return bare[:-length] + self.tag("secret", secret[:length])
        return shown


def _texts(shown: Response) -> list[str]:
    """All that is shown of a response, as text."""
    blocks = [shown.head, shown.trailers]
    found: list[str] = [problem.detail for problem in shown.problems]
    for conflict in shown.conflicts:
        blocks += [conflict.first.data, conflict.second.data]
    if shown.request is not None:
        blocks.append(shown.request.head)
        found += [shown.request.target, *(problem.detail for problem in shown.request.problems)]
    return [*found, *(block.decode("latin-1") for block in blocks)]


def _tells(secret: str) -> bool:
    """False for what may stand elsewhere by chance: `dark`, `accepted`, `1700000000`."""
    return len(secret) >= _TELLING and not is_plain("", secret, member=True) and not secret.isdigit()


def _is_latin(value: str) -> bool:
    return all(character <= "\xff" for character in value)


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
