"""`is:`: questions with yes or no, one entry each."""

from collections.abc import Callable

from httpresp_capture.query.builders import Values
from httpresp_capture.query.errors import QueryError, unknown
from httpresp_capture.query.hooks import Hooks
from httpresp_capture.query.predicates import CHEAP, FIELD, HEADER, Predicate, Test, either
from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import Completeness, Framing
from httpresp_capture.records.record import record

NOT_BYTES = frozenset(
    {"no-request", "no-response", "too-many-responses", "early-response", "overlap-conflict", "urgent-data"}
)
"""Problems of a conversation or a transport; the message itself may be well formed."""


@record
class State:
    """One word after `is:`."""

    key: str
    title: str
    build: Callable[[Hooks], Predicate | None]
    """None when only a hook could tell, and there is none."""
    cost: int = CHEAP


def _fixed(predicate: Predicate) -> Callable[[Hooks], Predicate]:
    return lambda _hooks: predicate


def _slow(hooks: Hooks) -> Predicate:
    limit = hooks.slow_ns
    return lambda response: (wait := response.first_byte_ns) is not None and wait >= limit


def _malformed(response: Response) -> bool:
    return any(problem.name not in NOT_BYTES for problem in response.problems)


def _incomplete(response: Response) -> bool:
    return response.completeness not in (Completeness.COMPLETE, Completeness.ENCRYPTED)


def _redirect(response: Response) -> bool:
    return 300 <= response.status < 400 and response.status != 304


def _hooked(key: str) -> Callable[[Hooks], Predicate | None]:
    def build(hooks: Hooks) -> Predicate | None:
        hook = hooks.values.get(key)
        return None if hook is None else lambda response: any(True for _ in hook(response))

    return build


STATES: tuple[State, ...] = (
    State("error", "4xx, 5xx, no readable status, no response, or a gRPC call that failed",
          _fixed(is_error)),
    State("redirect", "3xx but 304", _fixed(_redirect)),
    State("slow", "first byte after a second or more", _slow, FIELD),
    State("incomplete", "not wholly captured", _fixed(_incomplete), FIELD),
    State("complete", "wholly captured",
          _fixed(lambda response: response.completeness is Completeness.COMPLETE), FIELD),
    State("malformed", "breaks the rules of HTTP", _fixed(_malformed), FIELD),
    State("unanswered", "a request without response", _fixed(lambda response: response.unanswered)),
    State("unpaired", "a response whose request was not seen",
          _fixed(lambda response: response.request is None and response.encrypted is None)),
    State("open", "not ended yet", _fixed(lambda response: response.end is None)),
    State("chunked", "chunked body", _fixed(lambda response: response.framing is Framing.CHUNKED)),
    State("conflicting", "the same bytes came twice and differ", _fixed(lambda response: bool(response.conflicts))),
    State("marked", "marked by you", _hooked("marked"), HEADER),
    State("encrypted", "a connection of TLS that is not read",
          _fixed(lambda response: response.encrypted is not None)),
    State("decrypted", "came over TLS and was decrypted", _fixed(lambda response: response.flow.https)),
)  # fmt: skip

BY_KEY = {state.key: state for state in STATES}


def state_test(values: Values, hooks: Hooks) -> Test:
    """Any of the states."""
    tests: list[Test] = []
    for value in values:
        state = BY_KEY.get(value.text.lower())
        if state is None:
            raise unknown("state", value.text, value.start, BY_KEY)
        predicate = state.build(hooks)
        if predicate is None:
            raise QueryError(f"'is:{state.key}' is not available yet.", value.start, value.end)
        tests.append(Test(predicate, state.cost))
    return either(tests)
