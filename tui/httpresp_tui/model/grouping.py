"""Rows in groups: by connection, host, client, status class, content type, process, container or pod.

Groups stand in the order of their first visible response (status classes in their own), their responses in order of
arrival; or both as a column sorts them: the responses of a group by what they say, the groups by what it adds up to.
`group_order` tells which group a line falls into, so that neither a million rows nor a hundred thousand groups are ever
walked to draw a screen.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import ENCRYPTED_CLASS, Response
from httpresp_capture.records.workload import Workload
from httpresp_tui.model.columns import Column
from httpresp_tui.model.group_order import COUNT, MEASURES, ArrivalOrder, Group, GroupOrder, Measure, SortedOrder
from httpresp_tui.model.members import Arrivals, Members, SortedMembers, beside
from httpresp_tui.model.rows import GroupRow, ResponseRow, RowKey
from httpresp_tui.model.store import Store
from httpresp_tui.text.sanitising import decoded

__all__ = ["GROUPINGS", "GroupRow", "GroupedRows", "Grouping", "ResponseRow"]


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to group."""

    key: str
    title: str
    """As the menu says it."""
    of: Callable[[Response], str]
    """Which group a response is in."""
    label: Callable[[Response], str]
    """What the group is called, from any of its responses. Text from the wire."""
    by_key: bool = False
    """Groups in the order of their keys, for those that are few."""


def _host(response: Response) -> str:
    # Read as text first: to lower a byte of it would make another letter.
    return decoded(response.host).lower()


def _client(response: Response) -> str:
    return response.flow.real_client


def _endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _flow_label(response: Response) -> str:
    flow = response.flow
    return f"#{flow.id} {_endpoint(flow.client, flow.client_port)} → {_endpoint(flow.server, flow.server_port)}"


def _class_label(response: Response) -> str:
    number = response.status_class
    if number == ENCRYPTED_CLASS:
        return "encrypted"
    return f"{number}xx" if number else "no status"


def _of_workload(text: Callable[[Workload], str]) -> Callable[[Response], str]:
    return lambda response: "" if response.workload is None else text(response.workload)


def _named(of: Callable[[Response], str]) -> Callable[[Response], str]:
    return lambda response: of(response) or "(not told)"


_process = _of_workload(lambda who: who.process_name)
_container = _of_workload(lambda who: who.container_name)
_pod = _of_workload(lambda who: who.pod)

_KINDS = (
    Grouping("flow", "connection", lambda response: str(response.flow.id), _flow_label),
    Grouping("host", "host", _host, _host),
    Grouping("client", "client", _client, _client),
    Grouping("status", "status class", lambda response: str(response.status_class or 9), _class_label, by_key=True),
    Grouping(
        "type",
        "content type",
        lambda response: response.content_type,
        lambda response: response.content_type or "(no type)",
    ),
    Grouping("process", "process", _process, _named(_process)),
    Grouping("container", "container", _container, _named(_container)),
    Grouping("pod", "pod", _pod, _named(_pod)),
)
GROUPINGS: dict[str, Grouping] = {kind.key: kind for kind in _KINDS}


def order_of(kind: Grouping, column: Column | None, reverse: bool) -> GroupOrder:
    """Where its groups stand when the list is sorted by a column."""
    return ArrivalOrder(kind.by_key) if column is None else SortedOrder(_measure(kind, column), reverse)


def _measure(kind: Grouping, column: Column) -> Measure:
    if column.key == kind.key:
        return _key if kind.by_key else _began if kind.key == "flow" else _name
    return MEASURES[column.key][1] if column.key in MEASURES else _began


def _key(group: Group) -> str:
    return group.key


def _name(group: Group) -> str:
    return decoded(group.label).lower()


def _began(_: Group) -> int:
    return 0


class GroupedRows:
    """A row model; `FilledRows` says what each of its methods is for."""

    def __init__(self, store: Store, kind: Grouping, column: Column | None = None, reverse: bool = False) -> None:
        self._store = store
        self._kind = kind
        self._column = column
        """What all is sorted by; None for the order of arrival."""
        self._reverse = reverse
        self._unfolded = True
        """How a new group comes."""
        self._folded: dict[str, bool] = {}
        """What was folded or unfolded by hand, for when a filter builds the groups anew."""
        self.reset()

    def reset(self) -> None:
        self._groups: dict[str, Group] = {}
        self._order = order_of(self._kind, self._column, self._reverse)

    def __len__(self) -> int:
        return self._order.total

    def row_at(self, index: int) -> ResponseRow | GroupRow | None:
        group, line = self._order.find(index)
        if line == 0:
            return self._rolled_up(group)
        response = self._store.get(group.ids[line - 1])
        return ResponseRow(response, depth=1) if response is not None else None

    def key_at(self, index: int) -> RowKey:
        group, line = self._order.find(index)
        return group.ids[line - 1] if line else group.key

    def index_of(self, key: RowKey) -> int | None:
        group = self._group_of(key)
        if group is None or not group.height:
            return None
        top = self._order.before(group)
        response = self._response(key)
        if response is None:
            return top
        line = group.ids.index(response)
        if line is None:
            return None
        return top + 1 + line if group.open else top

    def near(self, key: RowKey) -> int | None:
        group = self._group_of(key)
        if group is None:
            return None
        top = self._order.before(group)
        response = self._response(key)
        if response is None or not group.open:
            return top
        return top + min(1 + group.ids.near(response), len(group.ids))

    def heading(self, index: int) -> int | None:
        _, line = self._order.find(index)
        return index - line if line else None

    def next_error(self, key: RowKey | None, step: int) -> RowKey | None:
        here = self._group_of(key) if key is not None else None
        after = self._response(key) if key is not None else None
        # The row of a group is above its responses.
        group = here if here is not None and (after is not None or step > 0) else self._order.beside(here, step)
        while group is not None:
            if (found := self._error_in(group, after, step)) is not None:
                self._set_open(group, True)
                return found
            after = None
            group = self._order.beside(group, step)
        return None

    def fold(self, key: RowKey, open: bool) -> RowKey | None:
        group = self._group_of(key)
        if group is None or group.open == open:
            return None
        self._folded[group.key] = open
        self._set_open(group, open)
        return group.key

    def fold_all(self) -> None:
        self._unfolded = not any(group.open for group in self._order)
        self._folded.clear()
        for group in self._order:
            group.open = self._unfolded
            group.row = None
        self._drop(self._order.resize_all())

    def add_newer(self, responses: Sequence[Response]) -> None:
        grown: dict[Group, None] = {}
        for response in responses:
            group = self._join(response)
            group.ids.add_newer(response)
            grown[group] = None
        self._drop(self._order.update(grown))

    def add_older(self, responses: Sequence[Response]) -> None:
        grown: dict[Group, None] = {}
        for response in responses:
            group = self._join(response)
            group.ids.add_older(response)
            grown[group] = None
        self._drop(self._order.update(grown, older=True))

    def insert(self, response: Response) -> None:
        group = self._join(response)
        group.ids.insert(response)
        self._drop(self._order.update((group,)))

    def remove(self, response: Response) -> None:
        self._remove((response,))

    def _remove(self, responses: Iterable[Response]) -> None:
        # However many leave a group, it is measured anew once.
        shrunk: dict[Group, None] = {}
        for response in responses:
            group = self._groups.get(self._kind.of(response))
            if group is not None and group.ids.discard(response):
                group.rollup.add(response, -1)
                group.row = None
                shrunk[group] = None
        self._drop(self._order.update(shrunk))

    def replace(self, old: Response, new: Response) -> None:
        if self._column is not None or self._kind.of(old) != self._kind.of(new):
            self.remove(old)
            self.insert(new)
            return
        group = self._groups[self._kind.of(new)]
        group.rollup.add(old, -1)
        group.rollup.add(new)
        group.row = None

    def forget(self, responses: Sequence[Response], first_id: int) -> None:
        self._remove(responses)
        self._drop(self._order.compact())

    def settle(self) -> None:
        self._drop(self._order.settle())

    def tidy(self, rows: int) -> None:
        self._order.tidy(rows)

    @property
    def is_tidy(self) -> bool:
        return self._order.is_tidy

    def _drop(self, gone: Iterable[Group]) -> None:
        for group in gone:
            del self._groups[group.key]

    def _join(self, response: Response) -> Group:
        """The group of a response, which counts it from now on; a new one is to be told to the order."""
        key = self._kind.of(response)
        group = self._groups.get(key)
        if group is None:
            open = self._folded.get(key, self._unfolded)
            group = self._groups[key] = Group(key, self._kind.label(response), open, self._members())
        group.rollup.add(response)
        group.row = None
        if not group.first or response.id < group.first:
            group.first = response.id
        return group

    def _members(self) -> Members:
        # A count of responses says nothing of their order.
        if self._column is None or self._column is COUNT:
            return Arrivals()
        return SortedMembers(self._column, self._reverse)

    def _set_open(self, group: Group, open: bool) -> None:
        group.open = open
        group.row = None
        self._order.resize(group)

    def _group_of(self, key: RowKey) -> Group | None:
        if isinstance(key, str):
            return self._groups.get(key)
        response = self._response(key)
        return self._groups.get(self._kind.of(response)) if response is not None else None

    def _response(self, key: RowKey) -> Response | None:
        return self._store.get(key) if isinstance(key, int) else None

    def _rolled_up(self, group: Group) -> GroupRow:
        if group.row is None:
            rollup = group.rollup
            p50, p95 = rollup.waits.percentiles(50, 95)
            group.row = GroupRow(
                group.key,
                group.label,
                len(group.ids),
                tuple(rollup.classes),
                rollup.errors,
                rollup.bytes,
                p50,
                p95,
                rollup.problems,
                group.open,
                rollup.waits.exact,
            )
        return group.row

    def _error_in(self, group: Group, after: Response | None, step: int) -> int | None:
        """The first error of a group past one response, in the direction of `step`."""
        if not group.rollup.errors:
            return None
        ids = group.ids
        if after is None:
            index = 0 if step > 0 else len(ids) - 1
        else:
            index = beside(ids, after, step)
        while 0 <= index < len(ids):
            response = self._store.get(ids[index])
            if response is not None and is_error(response):
                return response.id
            index += step
        return None
