"""Whose message it is: process, container and pod, as Tracee tells them.

The names are those of Tracee's envelope and stand in its order, so that what was read can be written back. A capture of
packets knows none of it. Many responses share one record: it is one process that answers them all.
"""

from dataclasses import fields

from httpresp_capture.records.record import record

__all__ = ["FIELDS", "Facts", "Workload"]

Facts = tuple[tuple[str, str | int], ...]
"""Members of a JSON object: names and plain values, in their order."""


@record
class Workload:
    """What Tracee's envelope says, but for the event's own name and time."""

    thread_start_time: int = 0
    processor_id: int = 0
    process_id: int = 0
    """In its own pid namespace, as its container sees it."""
    cgroup_id: int = 0
    thread_id: int = 0
    parent_process_id: int = 0
    host_process_id: int = 0
    """As the machine sees it."""
    host_thread_id: int = 0
    host_parent_process_id: int = 0
    user_id: int = 0
    mount_namespace: int = 0
    pid_namespace: int = 0
    process_name: str = ""
    executable: str = ""
    """Its path."""
    host_name: str = ""
    container_id: str = ""
    container: Facts = ()
    """`id`, `name`, `image`, `imageDigest`."""
    kubernetes: Facts = ()
    """`podName`, `podNamespace`, `podUID`, `podSandbox`."""
    matched_policies: tuple[str, ...] = ()
    return_value: int = 0
    syscall: str = ""
    stack_addresses: tuple[int, ...] = (0,)
    container_started: bool = False
    is_compat: bool = False
    thread_entity_id: int = 0
    process_entity_id: int = 0
    parent_entity_id: int = 0

    @property
    def container_name(self) -> str:
        """What people call it, else the beginning of its id; empty outside of containers."""
        return self._of(self.container, "name") or self.container_id[:12]

    @property
    def image(self) -> str:
        """What the container was made from."""
        return self._of(self.container, "image")

    @property
    def pod(self) -> str:
        """`namespace/name`; empty outside of Kubernetes."""
        name, namespace = self._of(self.kubernetes, "podName"), self._of(self.kubernetes, "podNamespace")
        return f"{namespace}/{name}" if namespace and name else name

    def _of(self, facts: Facts, name: str) -> str:
        return next((str(value) for key, value in facts if key == name), "")


FIELDS = tuple(field.name for field in fields(Workload))
"""In order, as the codec of events sends them."""
