"""The command line: options in the letters of tcpdump and tshark, read into one frozen value.

Nothing here opens or imports what it names, so that `--help` costs little. What can be known to be wrong without
looking at the system is wrong here, with the thing and the way on, and ends with exit status 2.
"""

import re
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, BooleanOptionalAction, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NoReturn

from httpresp_capture.errors import CaptureError
from httpresp_capture.limits import Limits
from httpresp_tui import __version__
from httpresp_tui.help_text import DESCRIPTION, EPILOG
from httpresp_tui.spelling import printable_text

PROGRAM = "httpresp-tui"
DEFAULTS = Limits()
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was asked for."""

    interfaces: tuple[str, ...] = ()
    read: str | None = None
    demo: bool = False
    list_interfaces: bool = False
    doctor: bool = False
    capture_filter: str | None = None
    ports: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    tunnels: bool = False
    promiscuous: bool = True
    snaplen: int = 0
    """0 for whole packets."""
    filter: str = ""
    """The display filter."""
    json: bool = False
    strict: bool = False
    redact: bool | None = None
    """None where nothing was said: clipboard and files yes, `--json` no."""
    write: str | None = None
    count: int | None = None
    duration: float | None = None
    """Seconds."""
    max_responses: int | None = None
    limits: Limits = field(default_factory=Limits)


def parse(words: Sequence[str]) -> Arguments:
    """Read the words after the program's name; leaves with 0 for `--help` and `--version`, with 2 for a mistake."""
    parser = build_parser()
    given, rest = parser.parse_known_args(_joined(words))
    if rest or given.rest:
        parser.error(_stray(rest[0], parser) if rest else _bare(given.rest))
    arguments = Arguments(
        interfaces=tuple(name for part in given.interfaces for name in part.split(",") if name),
        read=given.read,
        demo=given.demo,
        list_interfaces=given.list_interfaces,
        doctor=given.doctor,
        capture_filter=given.capture_filter,
        ports=tuple(given.ports),
        hosts=tuple(given.hosts),
        tunnels=given.tunnels,
        promiscuous=given.promiscuous,
        snaplen=given.snaplen,
        filter=given.filter,
        json=given.json,
        strict=given.strict,
        redact=given.redact,
        write=given.write,
        count=given.count,
        duration=given.duration,
        max_responses=given.max_responses,
        limits=Limits(
            flows=given.max_flows,
            held_bytes=given.held_limit,
            head_bytes=given.head_limit,
            body_bytes=given.body_limit,
        ),
    )
    mistake = _conflict(arguments) or _filter_mistake(arguments) or _address_mistake(arguments)
    if mistake:
        parser.error(mistake)
    return arguments


def _joined(words: Sequence[str]) -> list[str]:
    """A filter may begin with a minus, which argparse would take for an option: bind it to its flag."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ("-Y", "--filter"):
            joined[-1] = f"--filter={word}"
        else:
            joined.append(word)
    return joined


class _Parser(ArgumentParser):
    """Says what is wrong in our words, without the list of all options."""

    def error(self, message: str) -> NoReturn:
        message = "\n".join(printable_text(line) for line in message.split("\n"))
        self.exit(2, f"{PROGRAM}: {message}\n{'' if chr(10) in message else f'Try {PROGRAM} --help.{chr(10)}'}")


def build_parser() -> ArgumentParser:
    """The table of options."""
    parser = _Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [-i IFACE | -r FILE | --demo] [options]",
        description=DESCRIPTION,
        epilog=EPILOG,
        add_help=False,
        allow_abbrev=False,
        formatter_class=lambda prog: RawDescriptionHelpFormatter(prog, max_help_position=27, width=79),
    )
    source = parser.add_argument_group("what to read").add_argument
    source(
        "-i",
        dest="interfaces",
        metavar="IFACE",
        action="append",
        default=[],
        help="listen on an interface; repeatable; 'any' for all. Without -i, -r and --demo you are asked",
    )
    source(
        "-r", dest="read", metavar="FILE", help="read a capture: pcap or pcapng, gzip of either; - is standard input"
    )
    source("--demo", action="store_true", help="replay the sample capture that comes with the program")
    source("-D", dest="list_interfaces", action="store_true", help="list the interfaces and leave")

    kernel = parser.add_argument_group("what the kernel hands over (live)").add_argument
    kernel(
        "-p",
        "--port",
        dest="ports",
        metavar="PORT",
        action="append",
        default=[],
        help="a port, a range 8000-8100, or several with commas",
    )
    kernel(
        "--host",
        dest="hosts",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="an address or a network; repeatable",
    )
    kernel("-f", dest="capture_filter", metavar="BPF", help="a filter in tcpdump's syntax, e.g. 'tcp port 80'")
    kernel("--tunnels", action="store_true", help="with -p or --host: all that GRE, VXLAN and others carry, too")
    kernel(
        "-s",
        dest="snaplen",
        metavar="BYTES",
        type=_number(0, 262_144),
        default=0,
        help="keep the first bytes of each packet; 0, the default, keeps all",
    )
    kernel("--no-promisc", dest="promiscuous", action="store_false", help="only what is meant for this machine")

    show = parser.add_argument_group("what is shown and printed").add_argument
    show("-Y", "--filter", dest="filter", metavar="FILTER", default="", help="show only responses that match")
    show(
        "--json",
        action="store_true",
        help="no screen: one event a line on standard output, as Tracee's "
        "net_packet_http_response, when the response ends",
    )
    show(
        "--strict-tracee",
        dest="strict",
        action="store_true",
        help="headers as Tracee prints them: Go's spelling, sorted; interface 'any'",
    )
    show(
        "--redact", action=BooleanOptionalAction, default=None, help="hide secrets in what leaves the screen; see below"
    )
    show("-w", dest="write", metavar="FILE", help="also write the packets to a file (live)")

    stop = parser.add_argument_group("when to stop").add_argument
    stop("-c", dest="count", metavar="COUNT", type=_number(1, 10**12), help="after so many responses")
    stop("-a", dest="duration", metavar="duration:S", type=_duration, help="after so many seconds")

    bound = parser.add_argument_group("how much is kept").add_argument
    bound("--max-responses", metavar="N", type=_number(1, 10**9), help="responses on the screen; the oldest leave")
    bound(
        "--body-limit",
        metavar="SIZE",
        type=_size(everything=True),
        default=DEFAULTS.body_bytes,
        help=f"first bytes of each body: {DEFAULTS.body_bytes // 1024}Ki, 0, 'all'",
    )
    bound(
        "--head-limit",
        metavar="SIZE",
        type=_size(least=256),
        default=DEFAULTS.head_bytes,
        help=f"size of one head: {DEFAULTS.head_bytes // 1024}Ki",
    )
    bound(
        "--held-limit",
        metavar="SIZE",
        type=_size(least=1),
        default=DEFAULTS.held_bytes,
        help=f"reordered bytes waiting in one direction: {DEFAULTS.held_bytes // 1024**2}Mi",
    )
    bound(
        "--max-flows",
        metavar="N",
        type=_number(1, 10**9),
        default=DEFAULTS.flows,
        help=f"connections followed at once: {DEFAULTS.flows:,}",
    )

    about = parser.add_argument_group("about").add_argument
    about("-h", "--help", action="help", help="this text")
    about("--version", action="version", version=f"{PROGRAM} {__version__}", help="the version")
    about("--doctor", action="store_true", help="what this machine has and lacks for it")
    parser.add_argument("rest", nargs="*", help=SUPPRESS)
    return parser  # fmt: skip


def _stray(word: str, parser: ArgumentParser) -> str:
    """An option that is not known."""
    name = word.partition("=")[0]
    known = [option for action in parser._actions for option in action.option_strings]  # pyright: ignore[reportPrivateUsage]  # argparse has no public list
    close = get_close_matches(name, known, 1, 0.6) if len(name) > 2 else []
    return f"unknown option {name}{f': did you mean {close[0]}?' if close else '.'}"


def _bare(words: list[str]) -> str:
    """Words that no option takes: a file, an interface or a filter, most likely."""
    text = " ".join(words)
    if len(words) > 1:
        return f"what is '{text}'? A capture filter goes in quotes: -f '{text}'"
    if "." in text or "/" in text or text == "-":
        return f"what is '{text}'? A capture file goes after -r: {PROGRAM} -r {text}"
    return f"what is '{text}'? An interface goes after -i: {PROGRAM} -i {text}"


def _conflict(given: Arguments) -> str:
    """Options that do not go together."""
    sources = [flag for flag, said in (("-i", given.interfaces), ("-r", given.read), ("--demo", given.demo)) if said]
    if len(sources) > 1:
        return f"{' and '.join(sources)} cannot be read at once: choose one."
    if given.capture_filter is not None and (given.ports or given.hosts):
        return "-f says it all: put the ports and hosts into it, and leave -p and --host out."
    for flag, said in (("--strict-tracee", given.strict),):
        if said and not given.json:
            return f"{flag} goes with --json."
    if sources and sources != ["-i"]:
        for flag, said in (
            ("-f", given.capture_filter),
            ("-p", given.ports),
            ("--host", given.hosts),
            ("-s", given.snaplen),
            ("-w", given.write),
        ):
            if said:
                instead = "-Y port:80" if flag == "-p" else "-Y ip:10.0.0.5" if flag == "--host" else "-Y"
                way = f" To choose among the responses, use {instead}." if flag in ("-f", "-p", "--host") else ""
                return f"{flag} is for live capture, and goes with -i.{way}"
    if given.json and not (sources or given.list_interfaces or given.doctor):
        return "--json needs something to read: -i IFACE, -r FILE or --demo."
    return ""


def _filter_mistake(given: Arguments) -> str:
    """What is wrong with -Y, with a mark under the place."""
    if not given.filter:
        return ""
    from httpresp_capture.query import QueryError, compile_query

    try:
        compile_query(given.filter)
    except QueryError as error:
        before = printable_text(given.filter[: error.start], len(given.filter) * 10)
        wrong = printable_text(given.filter[error.start : error.end], len(given.filter) * 10)
        after = printable_text(given.filter[error.end :], len(given.filter) * 10)
        return f"-Y: {error}\n\n    {before}{wrong}{after}\n    {' ' * len(before)}{'^' * max(1, len(wrong))}"
    return ""


def _address_mistake(given: Arguments) -> str:
    """What is wrong with -p, --host and -f."""
    if not (given.ports or given.hosts or given.capture_filter is not None):
        return ""
    from httpresp_capture.bpf import filter_for_text, libpcap, parse_hosts, parse_ports

    try:
        parse_ports(given.ports)
        parse_hosts(given.hosts)
        # Without libpcap the line may be right; opening the source says what to install.
        if given.capture_filter is not None and libpcap.library() is not None:
            filter_for_text(given.capture_filter)
    except CaptureError as error:
        return str(error)
    return ""


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        digits = text.replace(",", "").replace("_", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16 and least <= int(digits) <= most):
            raise ArgumentTypeError(f"{text!a} is no number from {least:,} to {most:,}.")
        return int(digits)

    return number


def _size(least: int = 0, everything: bool = False) -> Callable[[str], int]:
    def size(text: str) -> int:
        if everything and text.lower() in ("all", "-1"):
            return -1
        found = re.fullmatch(r"([0-9]{1,12})([kmg]i?)?b?", text.lower())
        if found is None or int(found[1]) * _UNITS[found[2] or ""] < least:
            ways = "65536, 64Ki or 'all'" if everything else f"65536 or 64Ki, and at least {least}"
            raise ArgumentTypeError(f"{text!a} is no size: write {ways}.")
        return int(found[1]) * _UNITS[found[2] or ""]

    return size


def _duration(text: str) -> float:
    found = re.fullmatch(r"(?:duration:)?([0-9]{1,9}(?:\.[0-9]{1,6})?)s?", text)
    if found is None or float(found[1]) <= 0:
        raise ArgumentTypeError(f"{text!a} is no duration: write duration:60 for a minute.")
    return float(found[1])
