"""By what the overview sums up: one entry in `KINDS`, with the filter that a row of it becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from httpresp_capture.analysis.routes import route_name
from httpresp_capture.records.exchange import Response
from httpresp_tui.model.grouping import GROUPINGS


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to sum up."""

    key: str
    title: str
    of: Callable[[Response], tuple[str, str]]
    """Which row a response is in: its name, and the host that it belongs to where names alone do not say. Text from
    the wire."""
    query: Callable[[str, str], str]
    """From these to a display filter; empty where none says it."""
    nameless: str = "(none)"
    """What a row without a name is called."""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _route(response: Response) -> tuple[str, str]:
    return route_name(response), GROUPINGS["host"].of(response)


def _route_query(route: str, host: str) -> str:
    where = f"host={_quoted(host)}" if host else ""
    return f"route={_quoted(route)} {where}".strip() if route else f"is:unpaired {where}".strip()


def _alone(key: str) -> Callable[[Response], tuple[str, str]]:
    of = GROUPINGS[key].of
    return lambda response: (of(response), "")


def _client_query(client: str, _host: str) -> str:
    try:
        return f"client:{ip_address(client)}"
    except ValueError:
        # A proxy may name a path, which no filter takes.
        return ""


def _type_query(name: str, _host: str) -> str:
    if not name:
        return "-type:*"
    return f"type={_quoted(name)}" if "/" in name else f"type:{_quoted(name)}"


_KINDS = (
    Kind("route", "Route", _route, _route_query, "(request not seen)"),
    Kind("host", "Host", _alone("host"), lambda host, _: f"host={_quoted(host)}"),
    Kind("client", "Client", _alone("client"), _client_query),
    Kind("type", "Type", _alone("type"), _type_query, "(no type)"),
    Kind("process", "Process", _alone("process"), lambda name, _: f"process={_quoted(name)}" if name else "-process:*",
         "(not told)"),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.key: kind for kind in _KINDS}
