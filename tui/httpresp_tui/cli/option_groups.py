"""The options that more than one command takes, in groups, as `--help` shows them; and the parser that reads them."""

import sys
from argparse import SUPPRESS, Action, ArgumentParser, BooleanOptionalAction, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from httpresp_capture.records.limits import Limits
from httpresp_capture.tcp.assembler import OVERHEAD
from httpresp_tui import __version__
from httpresp_tui.cli.help_text import PROGRAM, SHELLS
from httpresp_tui.cli.option_values import duration, filter_text, number, size
from httpresp_tui.cli.output import deliver, tell
from httpresp_tui.text.sanitising import printable_text

DEFAULTS = Limits()
Adder = Callable[..., Any]
"""`add_argument` of a parser or of a group."""


class OptionParser(ArgumentParser):
    """Says what is wrong in our words, without the list of all options."""

    def _print_message(self, message: str, file: Any = None) -> None:
        # What argparse prints (--help, --version, a mistake) goes the way of all other text.
        if file is sys.stdout:
            if deliver(message, file, sys.stderr):
                sys.exit(1)
        else:
            tell(message.removesuffix("\n"), sys.stderr)

    def table(self) -> Iterator[Action]:
        """Every option, in the order of `--help`."""
        return (action for action in self._actions if action.option_strings)

    def error(self, message: str) -> NoReturn:
        message = "\n".join(printable_text(line) for line in message.split("\n"))
        self.exit(2, f"{PROGRAM}: {message}\n{'' if chr(10) in message else f'Try {self.prog} --help.{chr(10)}'}")


class _Once(Action):
    """An option with one value: of two the first would do nothing, so it is refused."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: Any, option_string: str | None = None
    ) -> None:
        given: set[str] = vars(namespace).setdefault("given", set())
        if option_string is not None and self.dest in given:
            parser.error(f"{option_string} was given twice: the first would do nothing.")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


class EitherWay(BooleanOptionalAction):
    """`--word` or `--no-word`: of both the first would do nothing, so they are refused."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: Any, option_string: str | None = None
    ) -> None:
        before = getattr(namespace, self.dest)
        super().__call__(parser, namespace, values, option_string)
        if before not in (None, getattr(namespace, self.dest)):
            parser.error(f"{' and '.join(self.option_strings)}: choose one.")


def new_parser(prog: str, usage: str, description: str, epilog: str) -> OptionParser:
    """A parser without options."""
    parser = OptionParser(
        prog=prog,
        usage=usage,
        description=description,
        epilog=epilog,
        add_help=False,
        allow_abbrev=False,
        formatter_class=lambda prog: RawDescriptionHelpFormatter(prog, max_help_position=27, width=79),
    )
    for name in (None, "store"):
        parser.register("action", name, _Once)
    return parser


def add_sources(parser: ArgumentParser, *, picker: bool) -> None:
    """What to read."""
    add = parser.add_argument_group("what to read").add_argument
    add(
        "-i",
        dest="interfaces",
        metavar="IFACE",
        action="append",
        default=[],
        help="listen on an interface; repeatable; 'any' for all"
        + (". Without -i, -r and --demo you are asked" if picker else ""),
    )
    add(
        "-r",
        dest="read",
        metavar="FILE",
        action="append",
        default=[],
        help="read a capture: pcap, pcapng or events as JSON lines, gzip of any; - is standard input; "
        "repeatable: several are one capture, in the order of time",
    )
    add("--keylog", metavar="FILE", help="read TLS with the secrets in this file (else in $SSLKEYLOGFILE), as it grows")
    add("--demo", action="store_true", help="replay the sample capture that comes with the program")
    if picker:
        add("-D", dest="list_interfaces", action="store_true", help="list the interfaces and leave")


def add_filter(add: Callable[..., Action], verb: str) -> None:
    """What is chosen of the responses that come; the same in every command."""
    words = f"{verb} only responses that match"
    add("-Y", "--filter", dest="filter", metavar="FILTER", type=filter_text, default="", help=words)


def add_kernel(parser: ArgumentParser) -> None:
    """What the kernel hands over."""
    add = parser.add_argument_group("what the kernel hands over (live)").add_argument
    add(
        "-p",
        "--port",
        dest="ports",
        metavar="PORT",
        action="append",
        default=[],
        help="a port, a range 8000-8100, or several with commas",
    )
    add(
        "--host",
        dest="hosts",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="an address or a network; repeatable",
    )
    add("-f", dest="capture_filter", metavar="BPF", help="a filter in tcpdump's syntax, e.g. 'tcp port 80'")
    add("--tunnels", action="store_true", help="with -p or --host: all that GRE, VXLAN and others carry, too")
    add("--quic", action="store_true", help="UDP port 443 (or those of -p) too: QUIC, which is HTTP/3")
    add(
        "-s",
        dest="snaplen",
        metavar="BYTES",
        type=number(0, 262_144),
        default=0,
        help="keep the first bytes of each packet; 0, the default, keeps all",
    )
    add("--no-promisc", dest="promiscuous", action="store_false", help="only what is meant for this machine")


def add_stops(parser: ArgumentParser) -> None:
    """When to stop."""
    add = parser.add_argument_group("when to stop").add_argument
    add("-c", dest="count", metavar="COUNT", type=number(1, 10**12), help="after so many responses")
    add("-a", dest="duration", metavar="duration:S", type=duration, help="after so many seconds")


def add_bounds(parser: ArgumentParser, *, screen: bool) -> None:
    """How much is kept."""
    add = parser.add_argument_group("how much is kept").add_argument
    if screen:
        add("--max-responses", metavar="N", type=number(1, 10**9), help="responses on the screen; the oldest leave")
    add(
        "--body-limit",
        metavar="SIZE",
        type=size(everything=True),
        default=DEFAULTS.body_bytes,
        help=f"first bytes of each body: {DEFAULTS.body_bytes // 1024}Ki, 0, 'all'",
    )
    add(
        "--head-limit",
        metavar="SIZE",
        type=size(least=256),
        default=DEFAULTS.head_bytes,
        help=f"size of one head: {DEFAULTS.head_bytes // 1024}Ki",
    )
    add(
        "--held-limit",
        metavar="SIZE",
        type=size(least=1),
        default=DEFAULTS.held_bytes,
        help=f"reordered bytes waiting in one direction, each segment counted {OVERHEAD} larger: "
        f"{DEFAULTS.held_bytes // 1024**2}Mi",
    )
    add(
        "--max-flows",
        metavar="N",
        type=number(1, 10**9),
        default=DEFAULTS.flows,
        help=f"connections followed at once: {DEFAULTS.flows:,}",
    )


def add_about(parser: ArgumentParser, *, doctor: bool) -> None:
    """What ends without reading anything; and a place for words that belong to no option."""
    add = parser.add_argument_group("about").add_argument
    add("-h", "--help", action="help", help="this text")
    if doctor:
        add("--version", action="version", version=f"{PROGRAM} {__version__}", help="the version")
        add("--doctor", action="store_true", help="what this machine has and lacks for it")
        add("--completion", metavar="SHELL", choices=SHELLS, help=f"completions for a shell: {', '.join(SHELLS)}")
    parser.add_argument("rest", nargs="*", help=SUPPRESS)
