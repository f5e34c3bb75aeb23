"""Requests and responses of Tracee's log, told one by one, joined into exchanges.

Tracee says of a message which connection it was on, and no position there; a message whose head took two packets, and
the second in a packet, it does not tell. So a response is paired with a request where only one on its connection was
under way. Where there were more, nobody can say which: the response stands alone and says why, and so do they.

A machine that traces both ends of a connection tells each message twice, for two processes. The second telling of a
response is a row of its own, of its own process, with the same request; that of a request is no second request.
"""

from collections import OrderedDict
from collections.abc import Iterator

from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.problems import Problem
from httpresp_capture.tracee.restore import Restorer, request_of
from httpresp_capture.tracee.shapes import Event

MOST_OPEN = 65_536
"""Requests under way in all connections together; the oldest is given up."""
MOST_OPEN_HERE = 1_000
"""The same in one connection."""
APART_NS = 100_000_000
"""Between two tellings of one message, at most: they are of one machine, and its clock."""
PATIENCE_NS = 900_000_000_000
"""A request is given up after so long by the times of the log, which does not say that a connection ended."""

SEVERAL = "several requests were under way: which of them was answered is not told"
_Key = tuple[str, int, str, int, str]


class _Asked:
    """A request, by all who saw it."""

    def __init__(self, event: Event, key: _Key) -> None:
        self.event = event
        self.key = key
        self.request: Request = request_of(event)
        self.seen_by = {_observer(event)}


class _Connection:
    """What is known of one."""

    def __init__(self) -> None:
        self.open: list[_Asked] = []
        self.latest: Event | None = None
        self.answer: Event | None = None
        """The last final response, what it answered, and who saw it."""
        self.answered: _Asked | None = None
        self.answer_seen_by: set[tuple[str, int, str]] = set()


class Exchanges:
    """Takes Tracee's events in the order of their times, gives responses and requests that got none."""

    def __init__(self, restorer: Restorer) -> None:
        self._restorer = restorer
        self._connections: OrderedDict[_Key, _Connection] = OrderedDict()
        self._open: OrderedDict[int, _Asked] = OrderedDict()
        """Requests under way, oldest first, by their identity."""
        self.requests = 0
        self.repeats = 0
        """Events that told again what was told."""

    def take(self, event: Event) -> list[Response]:
        """One more event of Tracee."""
        rows = list(self._given_up(event.at))
        key = _key(event)
        connection = self._connections.get(key)
        if connection is None:
            connection = self._connections[key] = _Connection()
            if len(self._connections) > self._restorer.most_flows:
                _, forgotten = self._connections.popitem(last=False)
                rows += [self._unanswered(asked) for asked in forgotten.open]
        else:
            self._connections.move_to_end(key)
        if connection.latest is not None and _same(connection.latest, event, apart_ns=0):
            # The event of a packet and the one that was made of it say the same of the same moment.
            self.repeats += 1
            return rows
        connection.latest = event
        return rows + (self._answer(connection, event) if event.answered else self._ask(connection, key, event))

    def end(self) -> list[Response]:
        """The log is over: what is under way got no response."""
        rows = [self._unanswered(asked) for asked in list(self._open.values())]
        self._connections.clear()
        return rows

    def _ask(self, connection: _Connection, key: _Key, event: Event) -> list[Response]:
        observer = _observer(event)
        told = [*connection.open, *([connection.answered] if connection.answered else ())]
        for asked in told:
            if observer not in asked.seen_by and _same(asked.event, event, APART_NS):
                asked.seen_by.add(observer)
                self.repeats += 1
                return []
        asked = _Asked(event, key)
        connection.open.append(asked)
        self._open[id(asked)] = asked
        self.requests += 1
        return [self._unanswered(connection.open[0])] if len(connection.open) > MOST_OPEN_HERE else []

    def _answer(self, connection: _Connection, event: Event) -> list[Response]:
        sent = [asked for asked in connection.open if asked.event.at <= event.at]
        observer = _observer(event)
        if not sent:
            earlier = connection.answer
            if earlier is None or observer in connection.answer_seen_by or not _same(earlier, event, APART_NS):
                return [self._restorer.response(event)]
            connection.answer_seen_by.add(observer)
            again = connection.answered
            return [self._restorer.response(event, None if again is None else again.request)]
        if len(sent) > 1:
            rows = [self._unanswered(asked, SEVERAL) for asked in sent]
            return [*rows, self._restorer.response(event, None, (Problem("no-request", 0, SEVERAL),))]
        (asked,) = sent
        # RFC 9110 §15.2: an interim response is followed by another one; 101 is final.
        if not 100 <= event.status_code < 200 or event.status_code == 101:
            self._close(asked)
            connection.answer, connection.answered, connection.answer_seen_by = event, asked, {observer}
        return [self._restorer.response(event, asked.request)]

    def _given_up(self, now: int) -> Iterator[Response]:
        while self._open:
            oldest = next(iter(self._open.values()))
            if len(self._open) <= MOST_OPEN and now - oldest.event.at <= PATIENCE_NS:
                return
            yield self._unanswered(oldest)

    def _unanswered(self, asked: _Asked, why: str = "the log has no response to it") -> Response:
        self._close(asked)
        return self._restorer.response(asked.event, asked.request, (Problem("no-response", 0, why),))

    def _close(self, asked: _Asked) -> None:
        self._open.pop(id(asked), None)
        connection = self._connections.get(asked.key)
        if connection is not None and asked in connection.open:
            connection.open.remove(asked)


def _key(event: Event) -> _Key:
    """The connection, from its client."""
    server, client = (event.source, event.source_port), (event.target, event.target_port)
    if not event.answered:
        server, client = client, server
    return (*client, *server, event.network)


def _observer(event: Event) -> tuple[str, int, str]:
    """The process for which it was told."""
    who = event.workload
    return ("", 0, "") if who is None else (who.host_name, who.host_process_id or who.process_id, who.container_id)


def _same(first: Event, second: Event, apart_ns: int) -> bool:
    """True where two events tell of the same message."""
    return (
        abs(second.at - first.at) <= apart_ns
        and first.answered == second.answered
        and (apart_ns > 0 or _observer(first) == _observer(second))
        and (first.status, first.method, first.path, first.host, first.headers)
        == (second.status, second.method, second.path, second.host, second.headers)
    )
