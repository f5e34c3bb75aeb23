"""Whose event it is: the envelope of Tracee's released event, and the `workload` of its unreleased `main`.

Released, it is flat, in camel case. On `main` it is `workload`: {process, container, k8s}, in snake case, a number may
stand alone or as {"value": 21}, and what is zero is left out.
"""

from httpresp_capture.records.workload import FIELDS, Facts, Workload
from httpresp_capture.tracee.values import (
    MOST,
    Object,
    flag_in,
    list_in,
    member,
    number,
    number_in,
    object_in,
    text,
    text_in,
)

NOBODY = Workload()
LONGEST = 4_096
"""Characters of a text; a path has no more."""
MOST_FACTS = 32
"""Members of `container` and `kubernetes`, policies and addresses of a stack that are kept."""
MOST_ADDRESS = (1 << 64) - 1
"""Of a stack: the kernel's stand at the end of the 64 bits."""
MOST_KNOWN = 4_096
"""Processes that are one record for all their events."""


class Workloads:
    """Reads envelopes; equal ones become one record."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Workload] = {}

    def released(self, event: Object) -> Workload | None:
        """Of a released event; None where it says nothing, as in what was read from packets without a host's name."""
        flags = object_in(event, "contextFlags")
        return self._one(
            Workload(
                thread_start_time=number_in(event, "threadStartTime"),
                processor_id=number_in(event, "processorId"),
                process_id=number_in(event, "processId"),
                cgroup_id=number_in(event, "cgroupId"),
                thread_id=number_in(event, "threadId"),
                parent_process_id=number_in(event, "parentProcessId"),
                host_process_id=number_in(event, "hostProcessId"),
                host_thread_id=number_in(event, "hostThreadId"),
                host_parent_process_id=number_in(event, "hostParentProcessId"),
                user_id=number_in(event, "userId"),
                mount_namespace=number_in(event, "mountNamespace"),
                pid_namespace=number_in(event, "pidNamespace"),
                process_name=_text(event, "processName"),
                executable=_text(member(event, "executable"), "path"),
                host_name=_text(event, "hostName"),
                container_id=_text(event, "containerId"),
                container=_facts(member(event, "container")),
                kubernetes=_facts(member(event, "kubernetes")),
                matched_policies=_texts(event, "matchedPolicies"),
                return_value=number_in(event, "returnValue", least=-MOST),
                syscall=_text(event, "syscall"),
                stack_addresses=_addresses(event, "stackAddresses") or (0,),
                container_started=flag_in(flags, "containerStarted"),
                is_compat=flag_in(flags, "isCompat"),
                thread_entity_id=number_in(event, "threadEntityId"),
                process_entity_id=number_in(event, "processEntityId"),
                parent_entity_id=number_in(event, "parentEntityId"),
            )
        )

    def main(self, event: Object) -> Workload | None:
        """Of an event of `main`. Its first ancestor is the parent."""
        workload = object_in(event, "workload")
        process, container, pod = (object_in(workload, name) for name in ("process", "container", "k8s"))
        thread = object_in(process, "thread")
        parent = next(iter(list_in(process, "ancestors")), None)
        image = object_in(container, "image")
        digest = next((each for each in list_in(image, "repo_digests") if isinstance(each, str)), "")
        named = {"id": _text(container, "id"), "name": _text(container, "name"), "image": _text(image, "name")}
        return self._one(
            Workload(
                process_id=_wrapped(process, "pid"),
                thread_id=_wrapped(thread, "tid"),
                parent_process_id=_wrapped(parent, "pid"),
                host_process_id=_wrapped(process, "host_pid"),
                host_thread_id=_wrapped(thread, "host_tid"),
                host_parent_process_id=_wrapped(parent, "host_pid"),
                user_id=_wrapped(member(process, "real_user"), "id"),
                process_name=_text(thread, "name"),
                executable=_text(member(process, "executable"), "path"),
                host_name=_text(event, "hostName") or _text(workload, "host_name"),
                container_id=named["id"],
                container=_facts({**named, "imageDigest": digest}),
                kubernetes=_facts(
                    {
                        "podName": _text(member(pod, "pod"), "name"),
                        "podNamespace": _text(member(pod, "namespace"), "name"),
                        "podUID": _text(member(pod, "pod"), "uid"),
                    }
                ),
                matched_policies=_texts(member(event, "policies"), "matched"),
                syscall=_text(thread, "syscall"),
                container_started=flag_in(container, "started"),
                is_compat=flag_in(thread, "compat"),
                thread_entity_id=_wrapped(thread, "unique_id"),
                process_entity_id=_wrapped(process, "unique_id"),
                parent_entity_id=_wrapped(parent, "unique_id"),
            )
        )

    def _one(self, workload: Workload) -> Workload | None:
        if workload == NOBODY:
            return None
        key = tuple([getattr(workload, name) for name in FIELDS])
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = workload
        return known


def _text(value: object, key: str) -> str:
    return text_in(value, key)[:LONGEST]


def _wrapped(value: object, key: str) -> int:
    """A number, or an object that holds one as `value`."""
    found = member(value, key)
    return number(member(found, "value") if isinstance(found, dict) else found) or 0


def _facts(value: object) -> Facts:
    """The plain members of an object; what is empty, or holds more than one value, is left out."""
    found: list[tuple[str, str | int]] = []
    for name, each in value.items() if isinstance(value, dict) else ():
        if isinstance(each, str) and each:
            found.append((text(str(name))[:LONGEST], text(each)[:LONGEST]))
        elif isinstance(each, int) and -MOST <= each <= MOST:
            found.append((text(str(name))[:LONGEST], each))
        if len(found) == MOST_FACTS:
            break
    return tuple(found)


def _texts(value: object, key: str) -> tuple[str, ...]:
    return tuple(text(each)[:LONGEST] for each in list_in(value, key)[:MOST_FACTS] if isinstance(each, str))


def _addresses(value: object, key: str) -> tuple[int, ...]:
    found = (number(each, most=MOST_ADDRESS) for each in list_in(value, key)[:MOST_FACTS])
    return tuple(each for each in found if each is not None)
