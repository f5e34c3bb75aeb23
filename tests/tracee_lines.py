"""A strict reader of Tracee's event lines: what Tracee's own decoder asks for, and no more.

`check` says what is missing or of the wrong type, so that the same reader can be held against a line that Tracee
printed and against ours.
"""

from collections.abc import Sequence
from typing import Any

from httpresp_capture.checks import Finding
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import Redactor
from httpresp_capture.tracee.writer import EventWriter

ENVELOPE: dict[str, type] = {
    "timestamp": int, "threadStartTime": int, "processorId": int, "processId": int, "cgroupId": int, "threadId": int,
    "parentProcessId": int, "hostProcessId": int, "hostThreadId": int, "hostParentProcessId": int, "userId": int,
    "mountNamespace": int, "pidNamespace": int, "processName": str, "executable": dict, "hostName": str,
    "containerId": str, "container": dict, "kubernetes": dict, "eventId": str, "eventName": str, "argsNum": int,
    "returnValue": int, "syscall": str, "stackAddresses": list, "contextFlags": dict, "threadEntityId": int,
    "processEntityId": int, "parentEntityId": int, "args": list,
}  # fmt: skip
METADATA: dict[str, type] = {
    "src_ip": str, "dst_ip": str, "src_port": int, "dst_port": int, "protocol": int, "packet_len": int, "iface": str,
}  # fmt: skip
HTTP_RESPONSE: dict[str, type] = {
    "status": str, "status_code": int, "protocol": str, "headers": dict, "content_length": int,
}  # fmt: skip
ARGUMENTS = (("metadata", "trace.PktMeta", METADATA), ("http_response", "trace.ProtoHTTPResponse", HTTP_RESPONSE))


def line(
    response: Response,
    *,
    strict: bool = False,
    redact: Redactor | None = None,
    lost: Counters | None = None,
    host_name: str = "",
    findings: Sequence[Finding] | None = None,
) -> bytes:
    """One event of our own writer."""
    return EventWriter(strict=strict, redact=redact, host_name=host_name).line(response, lost, findings)


def faults(event: dict[str, Any]) -> list[str]:
    """What a reader of `net_packet_http_response` would stumble over; empty when nothing."""
    found = _differences("", event, ENVELOPE, ("matchedPolicies", "httpresp"))
    order = [key for key in event if key in ENVELOPE]
    if order != list(ENVELOPE):
        found.append("keys of the envelope are out of order")
    if event.get("eventId") != "2011" or event.get("eventName") != "net_packet_http_response":
        found.append("another event")
    arguments = event.get("args", [])
    if len(arguments) != event.get("argsNum"):
        found.append("argsNum is not the number of args")
    for argument, (name, kind, fields) in zip(arguments, ARGUMENTS, strict=True):
        if list(argument) != ["name", "type", "value"] or (argument["name"], argument["type"]) != (name, kind):
            found.append(f"argument {argument}")
            continue
        if list(argument["value"]) != list(fields):
            found.append(f"fields of {name} are out of order")
        found += _differences(f"{name}.", argument["value"], fields, ())
    for name, values in event["args"][1]["value"]["headers"].items():
        if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
            found.append(f"header {name} is no list of strings")
    return found


def _differences(path: str, values: dict[str, Any], fields: dict[str, type], extra: tuple[str, ...]) -> list[str]:
    found = [f"{path}{name} is missing" for name in fields if name not in values]
    found += [f"{path}{name} is not known" for name in values if name not in fields and name not in extra]
    found += [
        f"{path}{name} is no {kind.__name__}"
        for name, kind in fields.items()
        if name in values and (not isinstance(values[name], kind) or isinstance(values[name], bool))
    ]
    return found


def out_of_range(event: dict[str, Any]) -> list[str]:
    """Values of a line of ours that cannot be, whatever it tells of; empty when there are none."""
    found: list[str] = []
    _walk("", event, found)
    metadata, ours = event["args"][0]["value"], event["httpresp"]
    found += [
        f"port {port}"
        for port in (
            metadata["src_port"],
            metadata["dst_port"],
            ours["flow"]["client_port"],
            ours["flow"]["server_port"],
        )
        if not 0 <= port <= 65_535
    ]
    found += [f"vlan {each}" for each in ours["flow"]["vlan"] if type(each) is not int or not 0 <= each < 4096]
    found += [f"{name} {each}" for name, each in ours["timing"].items() if each is not None and each < 0]
    found += [f"size {name} {each}" for name, each in ours["size"].items() if each is not None and each < -1]
    value = event["args"][1]["value"]
    if not -1 <= value["content_length"] <= 1 << 63 or not 0 <= value.get("status_code", 0) <= 999:
        found.append(f"content_length or status_code of {value}")
    return found


def _walk(path: str, value: Any, found: list[str]) -> None:
    """Numbers are whole and fit into 64 bits, texts can be encoded."""
    if isinstance(value, dict):
        for name, each in value.items():
            _walk(f"{path}.{name}", each, found)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            _walk(f"{path}[{number}]", each, found)
    elif isinstance(value, float) or (isinstance(value, int) and not -(1 << 63) <= value < 1 << 64):
        found.append(f"{path} is {value}")
    elif isinstance(value, str) and not value.isascii() and value.encode("utf-8", "replace").decode() != value:
        found.append(f"{path} cannot be encoded")
