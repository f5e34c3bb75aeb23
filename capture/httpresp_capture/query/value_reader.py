"""The values after an operator: one, a list with commas, or Wireshark's braces."""

import re
from collections.abc import Mapping

from httpresp_capture.query.builders import Values
from httpresp_capture.query.errors import QueryError
from httpresp_capture.query.moments import with_tail
from httpresp_capture.query.scanner import UNIT, Scanner
from httpresp_capture.query.values import Operator, Value, is_unit

_PLAIN_PATH = re.compile(r"[\w./%~-]*")
_OPERATORS = {"==": Operator.IS, "contains": Operator.HAS}


class ValueReader:
    """Reads values at the place where a scanner stands."""

    def __init__(self, scan: Scanner) -> None:
        self.scan = scan

    def values(
        self,
        sign: str,
        start: int,
        slashes_are_text: bool = False,
        units: Mapping[str, int] | None = None,
        tail: re.Pattern[str] | None = None,
    ) -> tuple[Operator, Values]:
        """The value or the list after an operator; with `units`, one of these may stand behind a blank, and with `tail`
        what it finds."""
        scan = self.scan
        scan.skip()
        if sign == "in":
            return Operator.IS, self.braces(start)
        operator = _OPERATORS.get(sign) or Operator(sign)
        if operator is Operator.MATCHES:
            return operator, (self.needed_value(start, pattern=True),)
        found = [self.with_unit(self.needed_value(start), units or {})]
        while scan.peek() == ",":
            scan.at += 1
            found.append(self.with_unit(self.needed_value(start), units or {}))
        if tail is not None:
            found[-1] = self.with_tail(found[-1], tail)
        if slashes_are_text:
            # `path:/api/` is the text of a path; what only an expression can hold makes it one.
            found = [
                Value(f"/{value.text}/", value.start, value.end)
                if value.pattern and _PLAIN_PATH.fullmatch(value.text)
                else value
                for value in found
            ]
        return operator, tuple(found)

    def braces(self, start: int) -> Values:
        """Wireshark's `in {404 500..599}`."""
        scan = self.scan
        if scan.peek() != "{":
            return (self.needed_value(start),)
        opening = scan.at
        scan.at += 1
        found: list[Value] = []
        while True:
            while scan.peek() == "," or scan.peek().isspace():
                scan.at += 1
            if scan.peek() == "}" and found:
                scan.at += 1
                return tuple(found)
            if scan.done:
                raise QueryError("This brace is not closed.", opening, opening + 1)
            found.append(self.needed_value(start))

    def with_unit(self, value: Value, units: Mapping[str, int]) -> Value:
        """`300 ms`, as people write it: the unit behind the blank belongs to the number."""
        unit = UNIT.match(self.scan.text, self.scan.at)
        if value.quoted or not value.text[-1].isdigit() or unit is None or not is_unit(unit[1], units):
            return value
        self.scan.at = unit.end()
        return Value(value.text + unit[1], value.start, unit.end())

    def with_tail(self, value: Value, tail: re.Pattern[str]) -> Value:
        """`10 min ago`, `2026-11-28 14:05`: what stands behind the blank belongs to the time."""
        while not value.quoted and (found := tail.match(self.scan.text, self.scan.at)):
            self.scan.at = found.end()
            value = Value(with_tail(value.text, found), value.start, found.end())
        return value

    def needed_value(self, start: int, pattern: bool = False) -> Value:
        """A value must stand here."""
        scan = self.scan
        if pattern and scan.peek() not in ('"', "/"):
            value = scan.bare_pattern()
        else:
            value = scan.value() or Value("", scan.at, scan.at)
            if not value.pattern and pattern and not value.quoted:
                scan.at = value.start
                value = scan.bare_pattern()
        if not value.text:
            what = scan.text[start : scan.at].strip()
            raise QueryError(f"A value is missing after {what!a}.", max(value.start, scan.at), scan.at)
        return value
