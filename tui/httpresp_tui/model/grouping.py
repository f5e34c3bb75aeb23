"""Rows in groups: by connection, host, client, status class, content type, process, container or pod.

Groups stand in the order of their first visible response (status classes in their own), their responses in order of
arrival. Each group has a slot; live traffic finds new groups at one end, a walk back at the other, where places count
down from -1. A tree of heights tells which group a line falls into, so that neither a million rows nor a hundred
thousand groups are ever walked to draw a screen. A group whose last response left has height 0 until the groups are
laid out anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from httpresp_capture.records.error_responses import is_error
from httpresp_capture.records.exchange import ENCRYPTED_CLASS, Response
from httpresp_capture.records.workload import Workload
from httpresp_tui.model.fenwick import Heights
from httpresp_tui.model.idlist import IdList
from httpresp_tui.model.rollup import Rollup
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


class _Group:
    __slots__ = ("ids", "key", "label", "open", "rollup", "row", "slot")

    def __init__(self, key: str, label: str, slot: int, open: bool) -> None:
        self.key = key
        self.label = label
        self.slot = slot
        self.open = open
        self.ids = IdList()
        self.rollup = Rollup()
        self.row: GroupRow | None = None
        """The row as it was last drawn; None when that is no longer true."""

    @property
    def height(self) -> int:
        count = len(self.ids)
        return 0 if not count else 1 + count if self.open else 1


class GroupedRows:
    """A row model; `FilledRows` says what each of its methods is for."""

    def __init__(self, store: Store, kind: Grouping) -> None:
        self._store = store
        self._kind = kind
        self._unfolded = True
        """How a new group comes."""
        self._folded: dict[str, bool] = {}
        """What was folded or unfolded by hand, for when a filter builds the groups anew."""
        self.reset()

    def reset(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._older: list[_Group] = []
        """Those in slots -1, -2 ..."""
        self._newer: list[_Group] = []
        self._heights = Heights()
        self._emptied = 0
        """Groups that lost their last response since they were laid out; some may have come back."""

    def __len__(self) -> int:
        return self._heights.total

    def row_at(self, index: int) -> ResponseRow | GroupRow | None:
        slot, line = self._heights.find(index)
        group = self._at(slot)
        if line == 0:
            return self._rolled_up(group)
        response = self._store.get(group.ids[line - 1])
        return ResponseRow(response, depth=1) if response is not None else None

    def key_at(self, index: int) -> RowKey:
        slot, line = self._heights.find(index)
        group = self._at(slot)
        return group.ids[line - 1] if line else group.key

    def index_of(self, key: RowKey) -> int | None:
        group = self._group_of(key)
        if group is None or not group.height:
            return None
        top = self._heights.before(group.slot)
        if isinstance(key, str):
            return top
        line = group.ids.index(key)
        if line is None:
            return None
        return top + 1 + line if group.open else top

    def near(self, key: RowKey) -> int | None:
        group = self._group_of(key)
        if group is None:
            return None
        top = self._heights.before(group.slot)
        if isinstance(key, str) or not group.open:
            return top
        return top + min(1 + group.ids.near(key), len(group.ids))

    def heading(self, index: int) -> int | None:
        _, line = self._heights.find(index)
        return index - line if line else None

    def next_error(self, key: RowKey | None, step: int) -> RowKey | None:
        group = self._group_of(key) if key is not None else None
        first, end = -len(self._older), len(self._newer)
        slot = group.slot if group is not None else (first if step > 0 else end - 1)
        after = key if isinstance(key, int) else None
        if isinstance(key, str) and step < 0:
            slot -= 1
        while first <= slot < end:
            group = self._at(slot)
            if (found := self._error_in(group, after, step)) is not None:
                self._set_open(group, True)
                return found
            after = None
            slot += step
        return None

    def fold(self, key: RowKey, open: bool) -> RowKey | None:
        group = self._group_of(key)
        if group is None or group.open == open:
            return None
        self._folded[group.key] = open
        self._set_open(group, open)
        return group.key

    def fold_all(self) -> None:
        self._unfolded = not any(group.open for group in self._all())
        self._folded.clear()
        for group in self._all():
            group.open = self._unfolded
            group.row = None
        self._lay_out()

    def add_newer(self, responses: Sequence[Response]) -> None:
        known = len(self._newer)
        grown: dict[_Group, int] = {}
        for response in responses:
            group = self._join(response)
            grown.setdefault(group, group.height)
            group.ids.add_newer((response.id,))
        self._settle_heights((group, before) for group, before in grown.items() if group.slot < known)
        for group in self._newer[known:]:
            self._heights.append(group.height)
        if self._kind.by_key and len(self._newer) > known:
            self._lay_out()

    def add_older(self, responses: Sequence[Response]) -> None:
        known = len(self._older)
        grown: dict[_Group, int] = {}
        for response in responses:
            group = self._join(response, older=True)
            grown.setdefault(group, group.height)
            group.ids.add_older((response.id,))
        self._settle_heights((group, before) for group, before in grown.items() if group.slot >= -known)
        for group in self._older[known:]:
            self._heights.prepend(group.height)
        if self._kind.by_key and len(self._older) > known:
            self._lay_out()

    def insert(self, response: Response) -> None:
        known = len(self._newer)
        group = self._join(response)
        before = group.height
        group.ids.insert(response.id)
        if group.slot < known:
            self._heights.add(group.slot, group.height - before)
        elif self._kind.by_key:
            self._lay_out()
        else:
            self._heights.append(group.height)

    def remove(self, response: Response) -> None:
        self._remove((response,))

    def _remove(self, responses: Iterable[Response]) -> None:
        shrunk: dict[_Group, int] = {}
        for response in responses:
            group = self._groups.get(self._kind.of(response))
            if group is None:
                continue
            height = group.height
            if group.ids.discard(response.id):
                shrunk.setdefault(group, height)
                group.rollup.add(response, -1)
                group.row = None
                self._emptied += not group.ids
        self._settle_heights(shrunk.items())

    def _settle_heights(self, changed: Iterable[tuple[_Group, int]]) -> None:
        """Of groups whose height was another one: once for each, however many responses came or left."""
        for group, before in changed:
            self._heights.add(group.slot, group.height - before)

    def replace(self, old: Response, new: Response) -> None:
        if self._kind.of(old) != self._kind.of(new):
            self.remove(old)
            self.insert(new)
            return
        group = self._groups[self._kind.of(new)]
        group.rollup.add(old, -1)
        group.rollup.add(new)
        group.row = None

    def forget(self, responses: Sequence[Response], first_id: int) -> None:
        self._remove(responses)
        if self._emptied > 64 and self._emptied > (len(self._older) + len(self._newer)) // 2:
            self._lay_out()

    def settle(self) -> None:
        """A walk back found groups by their last response; from here on they stand by their first."""
        order = sorted(self._all(), key=lambda group: group.ids[0] if group.ids else 0)
        self._lay_out(order)

    def _at(self, slot: int) -> _Group:
        return self._newer[slot] if slot >= 0 else self._older[-1 - slot]

    def _all(self) -> Iterable[_Group]:
        """From the first slot to the last."""
        return chain(reversed(self._older), self._newer)

    def _join(self, response: Response, older: bool = False) -> _Group:
        """The group of a response, which counts it from now on; a new one gets a slot at one end."""
        key = self._kind.of(response)
        group = self._groups.get(key)
        if group is None:
            slot = -1 - len(self._older) if older else len(self._newer)
            open = self._folded.get(key, self._unfolded)
            group = self._groups[key] = _Group(key, self._kind.label(response), slot, open)
            (self._older if older else self._newer).append(group)
        group.rollup.add(response)
        group.row = None
        return group

    def _set_open(self, group: _Group, open: bool) -> None:
        before = group.height
        group.open = open
        group.row = None
        self._heights.add(group.slot, group.height - before)

    def _lay_out(self, order: Iterable[_Group] | None = None) -> None:
        """Give every group that has responses a slot, and drop the others."""
        kept = [group for group in (self._all() if order is None else order) if group.ids]
        if self._kind.by_key:
            kept.sort(key=lambda group: group.key)
        self._older = []
        self._newer = kept
        self._groups = {group.key: group for group in kept}
        for slot, group in enumerate(kept):
            group.slot = slot
        self._heights = Heights(group.height for group in kept)
        self._emptied = 0

    def _group_of(self, key: RowKey) -> _Group | None:
        if isinstance(key, str):
            return self._groups.get(key)
        response = self._store.get(key)
        return self._groups.get(self._kind.of(response)) if response is not None else None

    def _rolled_up(self, group: _Group) -> GroupRow:
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

    def _error_in(self, group: _Group, after: int | None, step: int) -> int | None:
        """The first error of a group past one id, in the direction of `step`."""
        if not group.rollup.errors:
            return None
        ids = group.ids
        if after is None:
            index = 0 if step > 0 else len(ids) - 1
        else:
            index = ids.near(after + 1) if step > 0 else ids.near(after) - 1
        while 0 <= index < len(ids):
            response = self._store.get(ids[index])
            if response is not None and is_error(response):
                return response.id
            index += step
        return None
