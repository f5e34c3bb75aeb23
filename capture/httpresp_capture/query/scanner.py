"""The letters of a filter: where a word, a quote, an operator or a regular expression ends."""

import re

from httpresp_capture.query.errors import QueryError
from httpresp_capture.query.values import Value

SPACE = re.compile(r"\s*")
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
ADJACENT = re.compile(r"(==|!=|!~|>=|<=|:|=|~|<|>)")
APART = re.compile(r"\s*(==|!=|!~(?=\s)|>=|<=|=|<|>|:|~(?=\s))")
WORD_OPERATOR = re.compile(r"\s+(contains|matches|eq|ne|gt|ge|lt|le|in)(?=[\s\"{/])", re.IGNORECASE)
JOIN = re.compile(r"(\|\|?|&&?(?=\s|$|[^&\w])|&&|(?:and|or)(?=[\s(]|$))", re.IGNORECASE)
NEGATION = re.compile(r"(-|!|not(?=[\s(]|$))", re.IGNORECASE)
TILDE = re.compile(r"~([a-z]+)(?=\s|$|[()|&!])", re.IGNORECASE)
WORD = re.compile(r"(?:(?!&&)[^\s()|\"])+")
VALUE = re.compile(r"(?:(?!&&)[^\s()|\",{}])+")
HEADER_NAME = re.compile(r"(?:(?!&&)[^\s()|\",:~=<>{}])+(?<!!)")
UNIT = re.compile(r"\s+([a-zµ]{1,12})(?=[\s)|]|$)", re.IGNORECASE)
"""Of a number, behind a blank."""
CLOSED = re.compile(r"(?=\s|$|[)|,}]|&&)")


class Scanner:
    """A text and a place in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip(self) -> None:
        """Over white space."""
        found = SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def peek(self, length: int = 1) -> str:
        """What stands here."""
        return self.text[self.at : self.at + length]

    def take(self, pattern: re.Pattern[str]) -> str:
        """What the pattern finds here, its first group where it has one; empty when it finds nothing."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[pattern.groups and 1].lower()

    def quoted(self) -> Value:
        """`"…"`, in which `\\"` and `\\\\` stand for themselves."""
        start = self.at
        self.at += 1
        letters: list[str] = []
        while not self.done:
            letter = self.peek()
            self.at += 1
            if letter == '"':
                return Value("".join(letters), start, self.at, quoted=True)
            if letter == "\\" and self.peek() in ('"', "\\"):
                letter = self.peek()
                self.at += 1
            letters.append(letter)
        raise QueryError("This quote is not closed.", start, len(self.text))

    def pattern(self) -> Value | None:
        """`/…/` when it is closed and nothing follows; a path such as `/api/users` is none."""
        start = self.at
        at = start + 1
        while at < len(self.text) and self.text[at] != "/":
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text) or at == start + 1 or CLOSED.match(self.text, at + 1) is None:
            return None
        self.at = at + 1
        return Value(self.text[start + 1 : at].replace("\\/", "/"), start, self.at, pattern=True)

    def bare_pattern(self) -> Value:
        """A regular expression without slashes: to the next blank or the bracket that it did not open."""
        start, depth = self.at, 0
        while not self.done and not self.peek().isspace():
            letter = self.peek()
            if depth == 0 and (letter in ")|" or self.peek(2) == "&&"):
                break
            depth += (letter == "(") - (letter == ")")
            self.at += 2 if letter == "\\" and self.at + 1 < len(self.text) else 1
        return Value(self.text[start : self.at], start, self.at, pattern=True)

    def value(self) -> Value | None:
        """A value as it stands; None when nothing does."""
        start = self.at
        if self.peek() == '"':
            return self.quoted()
        if self.peek() == "/" and (found := self.pattern()) is not None:
            return found
        found = VALUE.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return Value(found[0], start, self.at)
