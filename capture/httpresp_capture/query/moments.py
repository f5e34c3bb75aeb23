"""When a response was captured: `since:10m`, `before:14:05`, `at:14:05..14:07`.

A moment is a time of day (`14:05`, `14:05:30.5`), a date (`2026-11-28`, `2026-11-28T14:05`, also with `Z` or
`+01:00`), seconds since 1970, or a span back from the newest packet (`10m`, `1h30m`); local time, as everywhere on the
screen. What is written stands for all of its unit: `at:14:05` is that minute, and `at:14:05..14:07` ends with 14:07:59.

The clock is the capture's. Where it is known (`Hooks.span`), a time of day is the last such time within the capture,
and of the day of its newest packet where there is none. Where it is not, it is of the day of the first response that is
asked about, and spans have nothing to count from. Both are settled once: rows do not leave while one looks at them.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from httpresp_capture.query.builders import Build, Values, number_field
from httpresp_capture.query.errors import QueryError
from httpresp_capture.query.hooks import Hooks, Span
from httpresp_capture.query.predicates import FIELD, Test, either
from httpresp_capture.query.values import SPELT, TIMES, Operator, Value
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.record import record

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
SPANS = {**TIMES, "h": HOUR, "d": DAY, "w": 7 * DAY}
SPANS_SPELT = {**SPELT, **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"), **dict.fromkeys(("day", "days"), "d"),
               **dict.fromkeys(("week", "weeks"), "w")}  # fmt: skip
EVER = 1 << 63
"""After everything, in ns."""
MOST_BACK = 100 * 366 * DAY

_CLOCK = r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
_TIME = re.compile(_CLOCK)
_STAMP = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)(?:[Tt ]{_CLOCK}\s?([Zz]|[+-]\d\d:?\d\d)?)?")
_EPOCH = re.compile(r"(\d{9,10})(?:\.(\d{1,9}))?")
_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?([a-zµ]+)", re.IGNORECASE)
_AGO = re.compile(rf"(?:{_AMOUNT.pattern})+", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = re.compile(rf"({'|'.join(_MONTHS)})\w* (\d{{1,2}}), (\d{{4}})(.*)", re.IGNORECASE)
"""As Wireshark shows it."""
_UNITS = "|".join(sorted((*SPANS, *SPANS_SPELT), key=len, reverse=True))
TAIL = re.compile(rf"\s+(?:({_UNITS})|ago|({_CLOCK}))(?=$|[\s)|,])", re.IGNORECASE)
"""What people write behind a blank: `10 min ago`, `2026-11-28 14:05`."""
_FIELDS = frozenset({"since", "before", "at"})


def tail_of(name: str) -> re.Pattern[str] | None:
    """What may stand behind a blank and belongs to a value of this field."""
    return TAIL if name in _FIELDS else None


def with_tail(text: str, tail: re.Match[str]) -> str:
    """A value with what was found behind it: a unit, a time of day, or a mere `ago`."""
    return text + (tail[1] or (f"T{tail[2]}" if tail[2] else ""))


@record
class Moment:
    """What was written, before it is known which day it means."""

    unit: int
    """ns that it stands for, from its beginning."""
    absolute: int | None = None
    """ns since the epoch."""
    clock: tuple[int, int, int, int] | None = None
    """Hour, minute, second and ns of some day."""
    ago: int = 0
    """ns before the newest packet, where it is neither of these."""

    @property
    def moves(self) -> bool:
        """It depends on how far the capture has come."""
        return self.absolute is None


Limits = tuple[int, int]
"""ns: from, and up to but not with."""


def _compared(value: Value) -> QueryError:
    return QueryError("A time is compared with : or =", value.start, value.end)


def _one(operator: Operator, values: Values) -> Value:
    value, *more = values
    if operator not in (Operator.HAS, Operator.IS):
        raise _compared(value)
    if more:
        raise QueryError("One time will do here.", more[0].start, more[-1].end)
    first, dots, last = value.text.partition("..")
    if dots:
        meant = f"at:{first}..{last}"
        raise QueryError(f"A range of times: did you mean {meant!a}?", value.start, value.end, meant)
    return value


def since(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """From this moment on."""
    moment = moment_of(_one(operator, values), hooks)
    return _within(lambda span: (_begin(moment, span), EVER), moment.moves, hooks)


def before(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """Up to it."""
    moment = moment_of(_one(operator, values), hooks)
    return _within(lambda span: (-EVER, _begin(moment, span)), moment.moves, hooks)


def at(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """In one of these, or on one side of it."""
    if operator is Operator.MATCHES or any(value.pattern for value in values):
        raise _compared(values[0])
    return either([_at(operator, value, hooks) for value in values])


def _at(operator: Operator, value: Value, hooks: Hooks) -> Test:
    first, dots, last = value.text.partition("..")
    if dots:
        return _range(operator, value, first, last, hooks)
    if operator in (Operator.HAS, Operator.IS) and _AGO.fullmatch(value.text):
        meant = f"since:{value.text}"
        raise QueryError(f"From {value.text!a} ago on? Write {meant!a}.", value.start, value.end, meant)
    moment = moment_of(value, hooks)
    return _within(lambda span: _side(operator, _begin(moment, span), moment.unit), moment.moves, hooks)


def _side(operator: Operator, begin: int, unit: int) -> Limits:
    match operator:
        case Operator.LESS:
            return -EVER, begin
        case Operator.AT_MOST:
            return -EVER, begin + unit
        case Operator.MORE:
            return begin + unit, EVER
        case Operator.AT_LEAST:
            return begin, EVER
        case _:
            return begin, begin + unit


def _range(operator: Operator, value: Value, first: str, last: str, hooks: Hooks) -> Test:
    """`a..b`, of which one may be left out."""
    if operator not in (Operator.HAS, Operator.IS):
        raise _compared(value)
    if not first and not last:
        raise QueryError("A range has at least one end: at:14:05..14:07", value.start, value.end)
    split = value.start + len(first)
    begins = moment_of(Value(first, value.start, split), hooks) if first else None
    ends = moment_of(Value(last, split + 2, value.end), hooks) if last else None

    def limits(span: Span) -> Limits:
        low = -EVER if begins is None else _begin(begins, span)
        if ends is None:
            return low, EVER
        if begins is not None and ends.clock is not None:
            # The first such time behind the beginning, perhaps after midnight.
            high = _on_day(_day(low), ends.clock)
            if high + ends.unit <= low:
                high = _on_day(_day(low) + timedelta(days=1), ends.clock)
        else:
            high = _begin(ends, span)
        return low, high + ends.unit

    given = [moment for moment in (begins, ends) if moment is not None]
    # A time of day behind a date is of that date.
    moves = any(moment.moves for moment in given[:1]) or any(moment.moves and not moment.clock for moment in given)
    if len({moment.moves for moment in given if not moment.clock}) == 1 and not any(each.clock for each in given):
        low, high = limits((0, 0))
        if low >= high:
            raise QueryError(f"The range {value.text!a} is empty.", value.start, value.end)
    return _within(limits, moves, hooks)


def _within(limits: Callable[[Span], Limits], moves: bool, hooks: Hooks) -> Test:
    if not moves:
        return _between(limits((0, 0)))
    span = hooks.span() if hooks.span is not None else None
    if span is not None:
        return _between(limits(span), moves=True)
    settled: list[Limits] = []

    def matches(response: Response) -> bool:
        if not settled:
            settled.append(limits((response.at, response.at)))
        low, high = settled[0]
        return low <= response.at < high

    return Test(matches, moves=True)


def _between(limits: Limits, moves: bool = False) -> Test:
    low, high = limits
    return Test(lambda response: low <= response.at < high, moves=moves)


# --- which moment it is ---


def _begin(moment: Moment, span: Span) -> int:
    """Its first ns, in a capture whose first and newest packets are known."""
    first, newest = span
    if moment.absolute is not None:
        return moment.absolute
    if moment.clock is None:
        return newest - moment.ago
    today = _day(newest)
    candidates = [_on_day(today - timedelta(days=back), moment.clock) for back in (0, 1)]
    return next((found for found in candidates if first - moment.unit < found <= newest), candidates[0])


def _day(ns: int) -> date:
    return datetime.fromtimestamp(ns // SECOND).date()


def _on_day(day: date, clock: tuple[int, int, int, int]) -> int:
    hour, minute, second, ns = clock
    return int(datetime(day.year, day.month, day.day, hour, minute, second).timestamp()) * SECOND + ns


# --- how it is written ---


def moment_of(value: Value, hooks: Hooks) -> Moment:
    """What a value stands for; raises `QueryError`, with what may have been meant."""
    text = value.text.strip()
    if found := _NAMED_MONTH.fullmatch(text):
        month = _MONTHS.index(found[1].lower()) + 1
        text = f"{found[3]}-{month:02}-{int(found[2]):02}{found[4]}"
    if found := _TIME.fullmatch(text):
        hour, minute, second, ns, unit = _clock(value, found.groups())
        return Moment(unit, clock=(hour, minute, second, ns))
    if found := _STAMP.fullmatch(text):
        return _stamp(value, found)
    if found := _EPOCH.fullmatch(text):
        fraction = found[2] or ""
        return Moment(10 ** (9 - len(fraction)), int(found[1]) * SECOND + int(fraction.ljust(9, "0")))
    if _AGO.fullmatch(text):
        return _ago(value, text, hooks)
    raise _mistake(value, text)


def _clock(value: Value, parts: tuple[str | None, ...]) -> tuple[int, int, int, int, int]:
    """Hour, minute, second, ns, and the unit that it ends with."""
    hour, minute, second, fraction = parts
    if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        raise QueryError(f"{value.text!a} is no time of day.", value.start, value.end)
    unit = MINUTE if second is None else SECOND if fraction is None else 10 ** (9 - len(fraction))
    return int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "").ljust(9, "0")), unit


def _stamp(value: Value, found: re.Match[str]) -> Moment:
    year, month, day, *clock, zone = found.groups()
    hour, minute, second, ns, unit = _clock(value, tuple(clock))
    if clock[0] is None:
        unit = DAY
    try:
        moment = datetime.fromisoformat(
            f"{year}-{month}-{day}T{hour:02}:{minute:02}:{second:02}{(zone or '').upper().replace('Z', '+00:00')}"
        )
        # Nothing is captured later, and days can be counted on from there.
        return Moment(unit, min(int(moment.timestamp()) * SECOND + ns, EVER))
    except (ValueError, OverflowError, OSError):
        raise QueryError(f"{value.text!a} is no date.", value.start, value.end) from None


def _ago(value: Value, text: str, hooks: Hooks) -> Moment:
    total = 0
    for found in _AMOUNT.finditer(text):
        unit = found[3].lower()
        size = SPANS.get(SPANS_SPELT.get(unit, unit))
        if size is None:
            if found[0].lower() in _AMPM:
                raise _meant(value, _AMPM[found[0].lower()])
            raise QueryError(f"{found[0]!a} is no span of time: units are s, m, h, d and w.", value.start, value.end)
        fraction = found[2] or ""
        total += int(found[1]) * size + (int(fraction) * size // 10 ** len(fraction) if fraction else 0)
    if total > MOST_BACK:
        raise QueryError(f"{value.text!a} is more than a hundred years.", value.start, value.end)
    if hooks.span is None:
        raise QueryError(
            f"{value.text!a} counts back from the newest packet, which is not known before the end: write a time, "
            "as in since:14:05",
            value.start,
            value.end,
        )
    return Moment(1, ago=total)


def _meant(value: Value, meant: str) -> QueryError:
    return QueryError(f"{value.text!a} is no time: did you mean {meant!a}?", value.start, value.end, meant)


def _half_day(hour: int, half: str) -> str:
    return f"{hour % 12 + (12 if half == 'p' else 0):02}:"


_AMPM = {f"{hour}{half}m": f"{_half_day(hour, half)}00" for hour in range(1, 13) for half in "ap"}
_WORDS = {"noon": "12:00", "midnight": "00:00", "hour": "1h", "1hour": "1h", "day": "1d"}
_NEAR: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(\d{1,2})[.h](\d\d)h?", re.IGNORECASE), lambda found: f"{int(found[1]):02}:{found[2]}"),
    (re.compile(r"(\d{1,2}):(\d\d)\s?([ap])\.?m\.?", re.IGNORECASE),
     lambda found: f"{_half_day(int(found[1]), found[3].lower())}{found[2]}"),
    (re.compile(r"([01]\d|2[0-3])([0-5]\d)"), lambda found: f"{found[1]}:{found[2]}"),
    (re.compile(r"\d{1,3}(?:\.\d+)?"), lambda found: f"{found[0]}m"),
    (re.compile(r"[-+](\d.*)"), lambda found: found[1]),
    (re.compile(r"[<>]=?(\d.*)"), lambda found: found[1]),
    (re.compile(r"(\d{4})[/.](\d\d)[/.](\d\d)(?:[T ](.*))?"),
     lambda found: f"{found[1]}-{found[2]}-{found[3]}{f'T{found[4]}' if found[4] else ''}"),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), lambda found: f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"),
    (re.compile(rf"({_CLOCK})\s?(?:-|to|\.|…|—|–)\s?({_CLOCK})"), lambda found: f"at:{found[1]}..{found[6]}"),
)  # fmt: skip
"""What is written in other ways elsewhere, and how it is written here."""


def _mistake(value: Value, text: str) -> QueryError:
    low = text.lower()
    if low in _WORDS:
        return _meant(value, _WORDS[low])
    for pattern, meant in _NEAR:
        if found := pattern.fullmatch(text):
            return _meant(value, meant(found))
    return QueryError(
        f"{value.text!a} is no time: write 10m, 14:05, 14:05:30 or 2026-11-28T14:05.", value.start, value.end
    )


_LIKE_A_TIME = re.compile(rf"(?:\d{{4}}-\d\d-\d\dT)?{_CLOCK}")
_SIDES = {Operator.MORE: "since", Operator.AT_LEAST: "since", Operator.LESS: "before", Operator.AT_MOST: "before"}


def waiting_time(operator: Operator, values: Values, hooks: Hooks) -> Test:
    """The field `time`, which is how long the first byte took and not when it came."""
    for value in values:
        if _LIKE_A_TIME.fullmatch(value.text.partition("..")[0]):
            meant = f"{_SIDES.get(operator, 'at')}:{value.text}"
            raise QueryError(f"'time' is how long it took: did you mean {meant!a}?", value.start, value.end, meant)
    return _WAIT(operator, values, hooks)


_WAIT: Build = number_field(lambda response: response.first_byte_ns, TIMES, FIELD)
