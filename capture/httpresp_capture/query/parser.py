"""The grammar of the filter language, read from left to right into one test.

    query := and ("|" and)*     and := not+     not := ("-" | "!" | "not") not | atom
    atom  := "(" query ")" | key op value | 404 | 4xx | 400-499 | >500ms | >10k | /regex/ | "phrase" | word
    op    := ":" "=" "==" "!=" ">" ">=" "<" "<=" "~" "!~"  value := word | "quoted" | /re/ | a,b,c

Each rule is one method. Nothing is guessed silently: what cannot be read is a `QueryError` with its columns.
"""

import re

from httpresp_capture.query.builders import Values, header_present, header_test, text_field
from httpresp_capture.query.dialects import (
    FIELD_NAMES,
    HEADER_KEYS,
    HEADER_NAMES,
    REQUEST_HEADER_NAMES,
    TILDES,
    WORD_OPERATORS,
)
from httpresp_capture.query.errors import QueryError, unknown
from httpresp_capture.query.fields import BY_KEY
from httpresp_capture.query.foreign import ANYWHERE, ASSETS, FIELD_OF_PROTOCOL, OWN, presence, refuse
from httpresp_capture.query.hooks import Hooks
from httpresp_capture.query.moments import tail_of
from httpresp_capture.query.names import known_field, unknown_field
from httpresp_capture.query.predicates import HEADER, SEARCH, Test, both, either, everything, negated
from httpresp_capture.query.scanner import (
    ADJACENT,
    APART,
    HEADER_NAME,
    JOIN,
    KEY,
    NEGATION,
    TILDE,
    WORD,
    WORD_OPERATOR,
    Scanner,
)
from httpresp_capture.query.states import state_test
from httpresp_capture.query.texts import header_lines, looked_at
from httpresp_capture.query.value_reader import ValueReader
from httpresp_capture.query.values import PLAIN, SIZES, SPELT, TIMES, Operator, Value, number_test
from httpresp_capture.query.words import word_test

MAX_DEPTH = 50
"""Brackets and negations inside each other."""

_COMPARISON = re.compile(r"(>=|<=|>|<)")
_STATUS = r"(?:[1-9]\d\d(?:(?:-|\.\.)\d\d\d)?|[0-9]xx|[1-5](?:\*\*?|\?\?)|[1-5]\d[x*?])"
_STATUSES = re.compile(rf"{_STATUS}(?:[,/]{_STATUS})*", re.IGNORECASE)
_AT_LEAST = re.compile(r"([1-5]\d\d)\+")
_METHOD = "(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT|PROPFIND)"
_METHODS = re.compile(rf"{_METHOD}(?:,{_METHOD})*")
"""In capitals, since `post` and `get` are words that people look for."""
_SEARCHED = re.compile(r"\s+(contains|matches)(?=[\s\"/])", re.IGNORECASE)
_ALONE = re.compile(r"(?=$|[\s)|&])")


class Parser(ValueReader):
    """Reads one filter."""

    def __init__(self, text: str, hooks: Hooks) -> None:
        super().__init__(Scanner(text))
        self.hooks = hooks
        self.depth = 0

    def parse(self) -> Test | None:
        """The whole text; None when it is blank."""
        self.scan.skip()
        if self.scan.done:
            return None
        test = self.query()
        if not self.scan.done:
            raise QueryError("This bracket closes nothing.", self.scan.at, self.scan.at + 1)
        return test

    def query(self) -> Test:
        """Alternatives."""
        tests = [self.sequence()]
        while not self.scan.done and self.scan.peek() != ")":
            self.scan.take(JOIN)
            tests.append(self.sequence())
        return either(tests)

    def sequence(self) -> Test:
        """Terms that must all hold; ends before `|`, a closing bracket or the end."""
        tests = [self.term()]
        while True:
            self.scan.skip()
            if self.scan.done or self.scan.peek() == ")":
                return both(tests)
            before = self.scan.at
            join = self.scan.take(JOIN)
            if join in ("|", "||", "or"):
                self.scan.at = before
                return both(tests)
            tests.append(self.term())

    def term(self) -> Test:
        """One atom, perhaps negated."""
        self.scan.skip()
        start = self.scan.at
        if self.scan.take(NEGATION):
            self.enter(start)
            test = negated(self.term())
            self.depth -= 1
            return test
        return self.atom()

    def atom(self) -> Test:
        """The smallest thing that can stand alone."""
        scan = self.scan
        if scan.done:
            raise QueryError("Something is missing here.", scan.at, scan.at)
        letter = scan.peek()
        if letter == "(":
            return self.group()
        if letter == ")":
            raise QueryError("Something is missing before this bracket.", scan.at, scan.at + 1)
        if letter == "|":
            raise QueryError("Something is missing before '|'.", scan.at, scan.at + 1)
        if letter == '"':
            phrase = scan.quoted()
            return word_test(phrase.text) if phrase.text else Test(everything)
        if letter == "/" and (pattern := scan.pattern()) is not None:
            return text_field(looked_at, SEARCH)(Operator.MATCHES, (pattern,), self.hooks)
        if letter == "~":
            return self.tilde()
        if letter in "<>":
            return self.comparison()
        return self.named() or self.word()

    def group(self) -> Test:
        """Brackets."""
        start = self.scan.at
        self.scan.at += 1
        self.enter(start)
        test = self.query()
        self.depth -= 1
        if self.scan.peek() != ")":
            raise QueryError("This bracket is not closed.", start, start + 1)
        self.scan.at += 1
        return test

    def enter(self, start: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(f"More than {MAX_DEPTH} brackets inside each other.", start, start + 1)

    def word(self) -> Test:
        """A bare word, or a status or a method written as one."""
        start = self.scan.at
        refuse(self.scan.text, start)
        found = WORD.match(self.scan.text, start)
        if found is None:
            raise QueryError(f"{self.scan.peek()!a} cannot stand here.", start, start + 1)
        self.scan.at = found.end()
        word = found[0]
        if at_least := _AT_LEAST.fullmatch(word):
            return BY_KEY["status"].build(Operator.AT_LEAST, (Value(at_least[1], start, start + 3),), self.hooks)
        for key, pattern in (("status", _STATUSES), ("method", _METHODS)):
            if pattern.fullmatch(word):
                return BY_KEY[key].build(Operator.HAS, self.listed(word, start), self.hooks)
        return word_test(word)

    def listed(self, word: str, start: int) -> Values:
        """The parts of `404,500`, each in its place."""
        found: list[Value] = []
        for part in word.replace("/", ",").split(","):
            found.append(Value(part, start, start + len(part)))
            start += len(part) + 1
        return tuple(found)

    def comparison(self) -> Test:
        """`>500ms`, `>10k`, `>=400`: the unit says which field is meant."""
        start = self.scan.at
        sign = Operator(self.scan.take(_COMPARISON))
        self.scan.skip()
        value = self.with_unit(self.needed_value(start), TIMES | SIZES)
        unit = value.text.lstrip("0123456789.").lower()
        digits = value.text[: len(value.text) - len(unit)]
        unit = SPELT.get(unit, unit)
        if unit in TIMES and digits:
            return BY_KEY["time"].build(sign, (value,), self.hooks)
        if unit in SIZES and unit and digits:
            return BY_KEY["size"].build(sign, (value,), self.hooks)
        if len(digits) == 3 and not unit:
            return BY_KEY["status"].build(sign, (value,), self.hooks)
        number_test(sign, value, TIMES | SIZES if unit else PLAIN)
        raise QueryError(f"{value.text!a} needs a unit: {digits}ms or {digits}k", value.start, value.end)

    def tilde(self) -> Test:
        """mitmproxy's `~c 404`."""
        start = self.scan.at
        letters = self.scan.take(TILDE)
        key = TILDES.get(letters)
        if key is None:
            raise unknown("filter", self.scan.text[start : self.scan.at] or "~", start, [f"~{each}" for each in TILDES])
        if not key:
            return Test(everything)
        if key == "assets":
            return Test(ASSETS, HEADER)
        if key == "answered":
            return presence("http.response") or Test(everything)
        if key.startswith("is:"):
            return state_test((Value(key[3:], start, self.scan.at),), self.hooks)
        self.scan.skip()
        value = self.needed_value(start, pattern=key != "status")
        if key in HEADER_KEYS:
            of_request = None if letters == "h" else HEADER_KEYS[key] == "request"
            return text_field(header_lines(of_request), SEARCH)(Operator.MATCHES, (value,), self.hooks)
        if key in ("src", "dst") and ":" in value.text and "." in value.text:
            # mitmproxy's addresses have their port with them.
            key = "address"
        build = OWN[key] if key in OWN else BY_KEY[key].build
        return build(Operator.HAS if key == "status" else Operator.MATCHES, (value,), self.hooks)

    def named(self) -> Test | None:
        """`key op value`; None where the word is no field."""
        scan = self.scan
        start = scan.at
        found = KEY.match(scan.text, start)
        if found is None:
            return None
        key = found[0].lower()
        scan.at = found.end()
        if not known_field(key) and "." not in key:
            # As programs spell it: `status_code`.
            key = key.replace("_", "-")
        known = known_field(key)
        sign = scan.take(ADJACENT)
        if sign == ":" and scan.peek(2) == "//":
            sign = ""
        if not sign and (known or "." in key):
            sign = scan.take(APART) or WORD_OPERATORS.get(scan.take(WORD_OPERATOR), "")
        elif not sign:
            sign = scan.take(re.compile(r"\s+(==|!=)"))
        if not sign and (key in ANYWHERE or not known) and (searched := scan.take(_SEARCHED)):
            if key not in ANYWHERE:
                raise unknown_field(found[0], start)
            operator, values = self.values(WORD_OPERATORS[searched], start)
            return text_field(looked_at, SEARCH)(operator, values, self.hooks)
        if not sign and _ALONE.match(scan.text, scan.at) and (test := presence(key)) is not None:
            return test
        if not sign and not known and FIELD_OF_PROTOCOL.match(scan.text, start):
            raise unknown_field(found[0], start)
        if not sign:
            scan.at = start
            return None
        if not known:
            scan.at = start
            raise unknown_field(found[0], start)
        return self.field(key, sign, start)

    def field(self, key: str, sign: str, start: int) -> Test:
        """What follows the operator of a known field."""
        if sign in ("!=", "!~"):
            return negated(self.field(key, sign[1:], start))
        if key in HEADER_KEYS:
            return self.header(HEADER_KEYS[key] == "request", sign, start)
        if key == "larger-than" and sign == ":":
            sign = ">"
        name = FIELD_NAMES.get(key, key)
        units = TIMES if name in ("time", "duration", "http.time") else SIZES if name == "size" else None
        operator, values = self.values(
            sign, start, slashes_are_text=name in ("path", "url"), units=units, tail=tail_of(name)
        )
        if name == "is":
            return state_test(values, self.hooks)
        if key in OWN:
            return OWN[key](operator, values, self.hooks)
        for table, request in ((HEADER_NAMES, False), (REQUEST_HEADER_NAMES, True)):
            if key in table:
                return header_test(table[key], operator, values, self.hooks, request)
        if "://" not in values[0].text and key == "scheme":
            values = tuple(Value(f"{value.text}://", value.start, value.end) for value in values)
        return BY_KEY[name].build(operator, values, self.hooks)

    def header(self, request: bool, sign: str, start: int) -> Test:
        """`header:x-cache`, `header:x-cache~hit`; without a name, any line."""
        if sign != ":":
            operator, values = self.values(sign, start)
            return text_field(header_lines(request), SEARCH)(operator, values, self.hooks)
        scan = self.scan
        scan.skip()
        if scan.peek() == '"':
            name = scan.quoted().text
        else:
            found = HEADER_NAME.match(scan.text, scan.at)
            if found is None:
                raise QueryError("The name of a header field is missing here.", scan.at, scan.at)
            name = found[0]
            scan.at = found.end()
        name = name.strip().lower()
        next_sign = scan.take(ADJACENT) or scan.take(APART) or WORD_OPERATORS.get(scan.take(WORD_OPERATOR), "")
        if not next_sign:
            return Test(header_present(name, request), HEADER)
        negative = next_sign in ("!=", "!~")
        operator, values = self.values(next_sign[1:] if negative else next_sign, start)
        test = header_test(name, operator, values, self.hooks, request)
        return negated(test) if negative else test
