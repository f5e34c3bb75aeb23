"""What was asked for on the command line, as frozen values. How words become these is in `command_line`."""

from argparse import Namespace
from dataclasses import field, fields

from httpresp_capture.records.limits import Limits
from httpresp_capture.records.record import record


@record
class ChecksAsked:
    """What the checks are told, wherever they run."""

    behind_tls: bool = False
    """Users reach all of it by TLS."""
    baseline: str | None = None
    """A file of findings that are accepted."""
    enable: frozenset[str] = frozenset()
    disable: frozenset[str] = frozenset()


@record
class Arguments:
    """A source, what is done with it, and how much of it."""

    interfaces: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    """Files that are one capture."""
    demo: bool = False
    command: tuple[str, ...] = ()
    """A program and its arguments, which is run while its traffic is captured."""
    list_interfaces: bool = False
    doctor: bool = False
    completion: str | None = None
    """The name of a shell whose completions are printed."""
    keylog: str | None = None
    """A file of TLS secrets; None for what the environment names."""
    capture_filter: str | None = None
    ports: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    tunnels: bool = False
    quic: bool = False
    promiscuous: bool = True
    snaplen: int = 0
    """0 for whole packets."""
    filter: str = ""
    """The display filter."""
    json: bool = False
    """No screen; an `event_format` implies it."""
    linear: bool = False
    """No screen either: plain lines for people."""
    event_format: str = ""
    """Empty where none was named: see `format`."""
    strict: bool = False
    progress: bool = False
    """Of `--json`: also lines of responses that are still open."""
    findings: bool = False
    """With each event of `--json`, what the checks say of it."""
    redact: bool | None = None
    """None where nothing was said: clipboard and files yes, `--json` no."""
    checks: ChecksAsked = field(default_factory=ChecksAsked)
    write: str | None = None
    write_keys: bool = False
    """Into `write`, and into exported packets: the TLS secrets of what was read."""
    exports: tuple[tuple[str, str], ...] = ()
    """No screen: name of a format and path of a file, for each."""
    force: bool = False
    """Of `write` and `exports`: a file that is there is replaced."""
    count: int | None = None
    duration: float | None = None
    """Seconds."""
    max_responses: int | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def format(self) -> str:
        """The name of the format that events are printed in."""
        return self.event_format or ("tracee-strict" if self.strict else "tracee")


@record
class CheckArguments:
    """`check`: a source is read to its end, and what is wrong in it is told."""

    run: Arguments = field(default_factory=Arguments)
    list_checks: bool = False
    fail_on: str = "medium"
    """The word of a severity, or `never`."""
    format: str = "text"
    write_baseline: str | None = None


@record
class DiffArguments:
    """`diff`: two captures are read and held against each other."""

    before: str = ""
    after: str = ""
    fail_on: str = "never"
    format: str = "text"
    any_origin: bool = False
    """Routes are compared whatever host they are at."""
    checks: ChecksAsked = field(default_factory=ChecksAsked)
    filter: str = ""
    limits: Limits = field(default_factory=Limits)


def arguments_of(given: Namespace) -> Arguments:
    """The parts of a parsed command line that belong to `Arguments`; what a command does not take has its default."""
    known = {each.name for each in fields(Arguments)}
    values = {name: value for name, value in vars(given).items() if name in known}
    values["interfaces"] = tuple(name for part in values.get("interfaces", ()) for name in part.split(",") if name)
    for name in ("read", "ports", "hosts", "exports"):
        values[name] = tuple(values.get(name, ()))
    return Arguments(**values, limits=limits_of(given))


def limits_of(given: Namespace) -> Limits:
    """The bounds of a parsed command line."""
    return Limits(
        flows=given.max_flows,
        held_bytes=given.held_limit,
        head_bytes=given.head_limit,
        body_bytes=given.body_limit,
    )
