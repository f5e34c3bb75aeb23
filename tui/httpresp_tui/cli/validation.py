"""What can be wrong with a command line without looking at the system: each function gives a sentence, or nothing."""

import os
from collections.abc import Callable, Iterable

from httpresp_capture.records.errors import CaptureError
from httpresp_tui.cli.arguments import Arguments
from httpresp_tui.cli.help_text import PROGRAM
from httpresp_tui.cli.option_groups import OptionParser
from httpresp_tui.cli.sources import CHOICE, asked_for
from httpresp_tui.text.sanitising import printable_text


def stray(word: str, parser: OptionParser) -> str:
    """An option that is not known."""
    from difflib import get_close_matches  # Loaded where something is wrong.

    name = word.partition("=")[0]
    known = [option for action in parser.table() for option in action.option_strings]
    # The dashes, which all have, are no likeness.
    by_word = {option.lstrip("-"): option for option in known if len(option) > len("-x")}
    close = get_close_matches(name.lstrip("-"), by_word, 1, 0.6) if len(name) > len("-x") else []
    return f"unknown option {name}{f': did you mean {by_word[close[0]]}?' if close else '.'}"


def bare(words: list[str], program: str = PROGRAM, commands: Iterable[str] = ()) -> str:
    """Words that no option takes: a file, an interface, a filter or a command in the wrong place, most likely."""
    text = " ".join(words)
    for command in commands:
        if command in words:
            return f"{command} is a command and comes first: {PROGRAM} {command} …"
    if len(words) > 1 and all("." in word or "/" in word for word in words):
        return f"what are '{text}'? Each capture file goes after a -r of its own: {program} -r {' -r '.join(words)}"
    if len(words) > 1:
        return f"what is '{text}'? A capture filter goes in quotes: -f '{text}'"
    if "." in text or "/" in text or text == "-":
        return f"what is '{text}'? A capture file goes after -r: {program} -r {text}"
    from difflib import get_close_matches  # Loaded where something is wrong.

    close = get_close_matches(text, list(commands), 1, 0.75)
    if close:
        return f"what is '{text}'? Did you mean: {PROGRAM} {close[0]}?"
    return f"what is '{text}'? An interface goes after -i: {program} -i {text}"


def conflict(given: Arguments) -> str:
    """Options that do not go together."""
    printed = "--linear" if given.linear else "--json"
    sources = asked_for(given)
    if given.command and (given.read or given.demo):
        return "a command is captured while it runs: leave -r and --demo out."
    if given.command and given.keylog is not None:
        return "a command has a key log of its own: leave --keylog out."
    if len(sources) > 1:
        return f"{' and '.join(kind.flag for kind in sources)} cannot be read at once: choose one."
    for path in given.read:
        if given.read.count(path) > 1:
            return f"-r {path} was given twice: each of its packets would be read twice."
    if given.capture_filter is not None and (given.ports or given.hosts):
        return "-f says it all: put the ports and hosts into it, and leave -p and --host out."
    if given.quic and given.capture_filter is not None:
        return "-f says it all: put 'or udp port 443' into it, and leave --quic out."
    for flag, said, others, there in (
        ("--strict-tracee", given.strict, "--json", given.json),
        ("--findings", given.findings, "--json", given.json),
        ("--json-progress", given.progress, "--json", given.json),
        ("--force", given.force, "-w or --export", given.write is not None or given.exports),
        ("--write-keys", given.write_keys, "-w, or an export of packets", given.write is not None or _packets(given)),
        ("--tunnels", given.tunnels, "-p or --host", given.ports or given.hosts),
    ):
        if said and not there:
            return f"{flag} goes with {others}."
    if given.linear and (given.strict or given.event_format or given.progress):
        return "--linear prints lines of words: leave --format, --strict-tracee and --json-progress out."
    if given.strict and given.event_format:
        return f"--strict-tracee is a format of its own: leave --format {given.event_format} out, or this."
    if given.json and given.exports:
        return "--json prints and --export writes: choose one. Lines of events in a file are --export ndjson:FILE."
    if given.exports and given.max_responses is not None:
        return "--max-responses is for the screen: --export keeps none."
    if given.json and given.max_responses is not None:
        return f"--max-responses is for the screen: {printed} keeps none."
    if sources and not sources[0].live:
        for flag, said in (
            ("-f", given.capture_filter is not None),
            ("-p", given.ports),
            ("--host", given.hosts),
            ("-s", given.snaplen),
            ("-w", given.write),
            ("--no-promisc", not given.promiscuous),
            ("--quic", given.quic),
        ):
            if said:
                instead = "-Y port:80" if flag == "-p" else "-Y ip:10.0.0.5" if flag == "--host" else "-Y"
                way = f" To choose among the responses, use {instead}." if flag in ("-f", "-p", "--host") else ""
                return f"{flag} is for live capture, and goes with -i.{way}"
    paths = [path for _, path in given.exports]
    for path in paths:
        if paths.count(path) > 1 or path == given.write:
            return f"two things would be written to {path}: name another file for one of them."
        if any(_same_file(path, read) for read in given.read):
            return f"{path} is being read: name another file for the export."
    if given.exports and not sources:
        return f"--export needs something to read: {CHOICE}."
    if given.json and not (sources or given.list_interfaces or given.doctor or given.completion):
        return f"{printed} needs something to read: {CHOICE}."
    return ""


def _packets(given: Arguments) -> bool:
    """True where packets are exported."""
    return any(name in ("pcapng", "bundle") for name, _ in given.exports)


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def alone(given: Arguments) -> str:
    """What lists something and leaves."""
    for flag, what, said in (
        ("-D", "lists the interfaces", given.list_interfaces),
        ("--doctor", "looks at this machine", given.doctor),
        ("--completion", "prints a script", given.completion is not None),
    ):
        of_one = Arguments(list_interfaces=True), Arguments(doctor=True), Arguments(completion=given.completion)
        if said and given not in of_one:
            return f"{flag} {what} and leaves: nothing else goes with it."
    return ""


def checks_mistake(given: Arguments) -> str:
    """Options of the checks where no check runs."""
    asked = given.checks
    if not given.json or given.findings:
        return ""
    if asked.baseline is not None:
        return "--baseline goes with --findings, which says of each finding whether it is accepted."
    for flag, said in (
        ("--behind-tls", asked.behind_tls), ("--enable", asked.enable), ("--disable", asked.disable),
    ):  # fmt: skip
        if said and not asks_the_checks(given.filter):
            return f"{flag} goes with --findings, or with a filter that asks for findings: -Y 'severity>=medium'."
    return ""


def asks_the_checks(text: str) -> bool:
    from httpresp_capture.query import Hooks, QueryError, compile_query

    try:
        compile_query(text, Hooks({}, span=_nowhere))
    except QueryError:
        # Sound with the checks' fields, and not without them.
        return True
    return False


def _nothing(_: object) -> tuple[str, ...]:
    return ()


def _nowhere() -> None:
    """A capture that has not begun."""


def filter_mistake(given: Arguments) -> str:
    """What is wrong with -Y, with a mark under the place."""
    if not given.filter:
        return ""
    from httpresp_capture.analysis.finding_hooks import CHECK_NAMES
    from httpresp_capture.query import Hooks, QueryError, compile_query
    from httpresp_capture.query.fields import OF_FINDINGS

    try:
        # What is printed at once cannot be counted back from an end that is not known yet.
        span = None if given.json or given.exports else _nowhere
        compile_query(given.filter, Hooks(dict.fromkeys(OF_FINDINGS, _nothing), CHECK_NAMES, span=span))
    except QueryError as error:
        before = printable_text(given.filter[: error.start], len(given.filter) * 10)
        wrong = printable_text(given.filter[error.start : error.end], len(given.filter) * 10)
        after = printable_text(given.filter[error.end :], len(given.filter) * 10)
        return f"-Y: {error}\n\n    {before}{wrong}{after}\n    {' ' * len(before)}{'^' * max(1, len(wrong))}"
    return ""


def address_mistake(given: Arguments) -> str:
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


MISTAKES: tuple[Callable[[Arguments], str], ...] = (alone, conflict, filter_mistake, checks_mistake, address_mistake)
"""In the order in which they are looked for; the first is told."""
