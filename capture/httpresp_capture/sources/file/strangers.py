"""What an input is that cannot be read, told by its first bytes, and the way on. The sentences for a person.

A table each: what another tool unpacks or converts, what holds no packets at all, and what only text can be.
"""

import re
import shlex

from httpresp_capture.records.record import record
from httpresp_capture.sources.file.opening import STANDARD_INPUT

__all__ = ["json_that_is_no_lines", "what_it_is"]

READABLE = "Readable are pcap, pcapng and events as JSON lines, and gzip of these."


@record
class _Stranger:
    """One kind of file."""

    magic: bytes
    what: str
    command: str = ""
    """Gives something readable on its standard output; `{}` is the file, and left out for standard input."""
    advice: str = ""
    """Where no command helps."""
    seeks: bool = False
    """True where the command cannot read a pipe."""


TSHARK = "tshark -F pcapng -w - -r {}"
NO_PACKETS = "It holds no packets."
NO_BYTES = "It holds what was understood of packets, not their bytes. Save them as pcapng."

STRANGERS: tuple[_Stranger, ...] = (
    # packed
    _Stranger(b"\x1f\x8b", "compressed with gzip twice", "gzip -dc {}"),
    _Stranger(b"\x28\xb5\x2f\xfd", "compressed with zstd", "zstd -dc {}"),
    _Stranger(b"\xfd7zXZ", "compressed with xz", "xz -dc {}"),
    _Stranger(b"BZh", "compressed with bzip2", "bzip2 -dc {}"),
    _Stranger(b"\x04\x22\x4d\x18", "compressed with lz4", "lz4 -dc {}"),
    _Stranger(b"\x02\x21\x4c\x18", "compressed with lz4", "lz4 -dc {}"),
    _Stranger(b"LZIP", "compressed with lzip", "lzip -dc {}"),
    _Stranger(b"\x89LZO", "compressed with lzop", "lzop -dc {}"),
    _Stranger(b"\x5d\x00\x00", "compressed with lzma", "xz --format=lzma -dc {}"),
    _Stranger(b"\x1f\x9d", "compressed with compress", "gzip -dc {}"),
    _Stranger(b"\xff\x06\x00\x00sNaPpY", "compressed with snappy", "snzip -dc {}"),
    _Stranger(b"PK\x03\x04", "a zip archive", "unzip -p {}", seeks=True),
    _Stranger(b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "7z x -so {}", seeks=True),
    _Stranger(b"Rar!", "a RAR archive", "unrar p -inul {}", seeks=True),
    # captures of others
    _Stranger(b"snoop\0\0\0", "a snoop capture", TSHARK),
    _Stranger(b"GMBU", "a capture of Microsoft Network Monitor", TSHARK),
    _Stranger(b"RTSS", "a capture of Microsoft Network Monitor", TSHARK),
    _Stranger(b"TRSNIFF data    \x1a", "a capture of Sniffer", TSHARK),
    _Stranger(b"XCP\0", "a capture of Sniffer", TSHARK),
    _Stranger(b"iptrace ", "a capture of AIX iptrace", TSHARK),
    _Stranger(b"\x54\x52\x00\x64", "a capture of HP-UX nettl", TSHARK),
    _Stranger(b"\x00\x00\x02\x00\x12\x05\x00\x10", "a capture of K12", TSHARK),
    _Stranger(b"\x05VNF", "a capture of Visual Networks", TSHARK),
    _Stranger(b"\xaa\xaa\xaa\xaa", "a capture of Accellent 5Views", TSHARK),
    _Stranger(b"\x7fver", "a capture of EtherPeek", TSHARK),
    _Stranger(b"ObserverPktBufferVersion=", "a capture of Network Instruments Observer", TSHARK),
    _Stranger(b"btsnoop\0", "a capture of Bluetooth", advice="It holds no packets of a network."),
    # no captures
    _Stranger(b"version https://git-lfs", "a Git LFS pointer, not the file itself", advice="Fetch it: git lfs pull"),
    _Stranger(b"\x7fELF", "a program", advice=NO_PACKETS),
    _Stranger(b"%PDF", "a PDF document", advice=NO_PACKETS),
    _Stranger(b"SQLite format 3", "a database", advice=NO_PACKETS),
)
"""By the first bytes."""

ENDINGS: tuple[tuple[str, _Stranger], ...] = (
    (".erf", _Stranger(b"", "named as an ERF capture", TSHARK)),
    (".etl", _Stranger(b"", "named as a trace of Windows", advice="Convert it: etl2pcapng, or pktmon etl2pcap")),
)
"""Formats that no magic number tells, by the name of the file."""

TAR = b"ustar"
TAR_AT = 257

TEXTS: tuple[tuple[re.Pattern[bytes], _Stranger], ...] = (
    (re.compile(rb"TIME +UID +COMM"), _Stranger(b"", "Tracee's table", advice="Run it with: tracee --output json")),
    (
        re.compile(rb"\s*\[\s*[{\]]"),
        _Stranger(b"", "a JSON array, where events stand on lines", "jq -c '.[]' {}"),
    ),
    (
        # What docker compose, kubectl and the like put there.
        re.compile(rb'[^\n{]{1,200}\{"(?:timestamp|name|eventName)":'),
        _Stranger(b"", "lines of events with something in front of each", "sed 's/^[^{{]*//' {}"),
    ),
    (
        re.compile(rb"\s*<\?xml[^>]{,200}>.{,400}?<p[ds]ml", re.DOTALL),
        _Stranger(b"", "packets as XML", advice=NO_BYTES),
    ),
    (re.compile(rb"\s*<(?:!doctype )?html", re.IGNORECASE), _Stranger(b"", "an HTML page", advice=NO_PACKETS)),
    (re.compile(rb"\s*<"), _Stranger(b"", "XML", advice=NO_PACKETS)),
    (
        re.compile(rb"(?:#[^\n]{,200}\n)*(?:CLIENT_|SERVER_|EXPORTER_|RSA )[A-Z_0-9]* ?[0-9a-fA-F]{8}"),
        _Stranger(b"", "a TLS key log", advice=NO_PACKETS),
    ),
    (
        re.compile(rb"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d+ "),
        _Stranger(b"", "what tcpdump prints, not what it captures", advice="Capture with tcpdump -w FILE."),
    ),
    (re.compile(rb"(?:\t?0x)?0000[: ] ?[0-9a-fA-F]{2}"), _Stranger(b"", "a hex dump", "text2pcap {} -", seeks=True)),
    (re.compile(rb"\d{1,9}:(?:\d{1,9}:|\w)"), _Stranger(b"", "a dump of mitmproxy", advice=NO_PACKETS)),
    (re.compile(rb"\S+ \S+ \S+ \[[^\]]+\] \""), _Stranger(b"", "an access log", advice=NO_PACKETS)),
)
"""What text looks like, and what it is."""

WIDE = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
"""How UTF-16 begins: with its mark, or with the first bracket of an event."""


def what_it_is(name: str, first: bytes) -> str:
    """Two sentences on input that is no capture: what it seems to be, and the way on."""
    for stranger in STRANGERS:
        if first.startswith(stranger.magic):
            return f"{name} is {stranger.what}. {_way_on(name, stranger)}"
    if first[TAR_AT : TAR_AT + len(TAR)] == TAR:
        return f"{name} is a tar archive. {_way_on(name, _Stranger(b'', '', 'tar -xOf {}'))}"
    if other := json_that_is_no_lines(name, first):
        return other
    for pattern, stranger in TEXTS:
        if pattern.match(first, 0, 4096):
            return f"{name} is {stranger.what}. {_way_on(name, stranger)}"
    for ending, stranger in ENDINGS:
        if name.lower().endswith(ending):
            return f"{name} is {stranger.what}. {_way_on(name, stranger)}"
    return f"{name} is not a capture: it begins with {ascii(first[:16])[1:]}. {READABLE}"


def json_that_is_no_lines(name: str, first: bytes) -> str:
    """The same of JSON that begins as lines of events do, and is something else; empty for all that is not."""
    if (wide := _wide(name, first)) is not None:
        return wide
    start = first[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb'\{\s*"log"\s*:\s*\{', start):
        return f"{name} is a HAR file: what a browser logged, not what was on the wire. {NO_PACKETS}"
    if re.match(rb'\{\s*"constants"\s*:', start):
        return f"{name} is a net log of a Chromium browser. {NO_PACKETS}"
    if re.match(rb"\{[ \t]*\r?\n", start):
        return f"{name} is JSON over several lines, where each event stands on one. {_way_on(name, LINES)}"
    return ""


LINES = _Stranger(b"", "", "jq -c . {}")


def _wide(name: str, first: bytes) -> str | None:
    if not first.startswith(WIDE):
        return None
    way = _way_on(name, _Stranger(b"", "", "iconv -f UTF-16 -t UTF-8 {}"))
    return f"{name} is UTF-16 text, as PowerShell's > writes it; a capture must be written by -w. For events: {way[5:]}"


def _way_on(name: str, stranger: _Stranger) -> str:
    if not stranger.command:
        return stranger.advice or READABLE
    if name == STANDARD_INPUT:
        if stranger.seeks:
            return "Save it as a file and unpack that."
        command = stranger.command.format("-" if " -r {}" in stranger.command else "")
        return f"Try: … | {command.rstrip()} | httpresp-tui -r -"
    return f"Try: {stranger.command.format(shlex.quote(name))} | httpresp-tui -r -"
