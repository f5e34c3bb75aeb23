"""Tracee's envelope around an event: who it is about, in Tracee's order and with all of its fields.

A capture of packets cannot know; then everything is said as nothing: 0, `""`, `{}`.
"""

from httpresp_capture.records.workload import Facts, Workload
from httpresp_capture.tracee.jsontext import quoted

NOBODY = Workload()


def before_event(workload: Workload) -> str:
    """The members between `timestamp` and `eventId`, each with its comma in front."""
    who = workload
    return (
        f',"threadStartTime":{who.thread_start_time},"processorId":{who.processor_id},"processId":{who.process_id}'
        f',"cgroupId":{who.cgroup_id},"threadId":{who.thread_id},"parentProcessId":{who.parent_process_id}'
        f',"hostProcessId":{who.host_process_id},"hostThreadId":{who.host_thread_id}'
        f',"hostParentProcessId":{who.host_parent_process_id},"userId":{who.user_id}'
        f',"mountNamespace":{who.mount_namespace},"pidNamespace":{who.pid_namespace}'
        f',"processName":{quoted(who.process_name)},"executable":{{"path":{quoted(who.executable)}}}'
        f',"hostName":{quoted(who.host_name)},"containerId":{quoted(who.container_id)}'
        f',"container":{_object(who.container)},"kubernetes":{_object(who.kubernetes)}'
    )


def after_event(workload: Workload) -> str:
    """The members between `eventName` and the first of `args`. Nobody's policies are left out, as Tracee does."""
    who = workload
    policies = ",".join(map(quoted, who.matched_policies))
    matched = f',"matchedPolicies":[{policies}]' if policies else ""
    return (
        f'{matched},"argsNum":2,"returnValue":{who.return_value}'
        f',"syscall":{quoted(who.syscall)},"stackAddresses":[{",".join(map(str, who.stack_addresses))}]'
        f',"contextFlags":{{"containerStarted":{_boolean(who.container_started)},"isCompat":{_boolean(who.is_compat)}}}'
        f',"threadEntityId":{who.thread_entity_id},"processEntityId":{who.process_entity_id}'
        f',"parentEntityId":{who.parent_entity_id},"args":['
    )


def _object(facts: Facts) -> str:
    return "{" + ",".join([f"{quoted(name)}:{_value(value)}" for name, value in facts]) + "}"


def _value(value: str | int) -> str:
    if isinstance(value, bool):
        return _boolean(value)
    return quoted(value) if isinstance(value, str) else str(value)


def _boolean(value: bool) -> str:
    return "true" if value else "false"
