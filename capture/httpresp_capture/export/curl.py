"""The request of a response as a command for curl that sends the same bytes again, or says what it leaves out.

Everything in it came from a client, and will be pasted into a shell: each word is quoted, and a word with a byte that
is not printable ASCII is written as `$'\\033'`, which bash, zsh and POSIX 2024 understand. No word of a shell holds a
zero byte, and none of a program is longer than 128 KiB: such a body is made by the shell's own printf and piped. What
is left out stands in front, as the argument of a command that does nothing, since not every shell takes comments. The
command is one line of ASCII and ends without a line end, so that pasting it runs nothing.
"""

import re

from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Proxied
from httpresp_capture.records.plurals import many

PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,4}|:[0-5][0-9]{4})?")
PLAIN_HOST = re.compile(r"(?:[A-Za-z0-9._-]*[A-Za-z][A-Za-z0-9_-]*\.?|[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::[1-9][0-9]*)?")
"""A host that curl writes as it stands; it rewrites other spellings of addresses, and ports."""
SIMPLE_TARGET = re.compile(r"/[!$&'()*+,;=:@%A-Za-z0-9._~/?-]*")
"""A target that curl sends as it stands; any other goes beside the URL."""
VERSIONS = {b"HTTP/1.0": "--http1.0", b"HTTP/2": "--http2-prior-knowledge"}
"""Those that curl does not speak by itself in clear."""
OWN_FIELDS = ("User-Agent", "Accept")
"""curl sends these by itself unless told not to."""
CODED = re.compile(r"\b(gzip|deflate|br|zstd)\b")


LONGEST_WORD = 100_000
"""Bytes of a body that is an argument; Linux takes 131,072 for one, and quoting makes it longer."""
EXPECTS = 1_024
"""Bytes of a body from which some versions of curl ask first, with `Expect: 100-continue`."""


def curl(response: Response, left_out: tuple[str, ...] | None = None) -> str:
    """The command, or nothing when no request was seen. `left_out` is worked out where it is not given."""
    request = response.request
    if request is None or not request.head:
        return ""
    words = ["curl", *method_words(request), *address_words(response, request), *field_words(response, request)]
    before = "".join(f": {quote(what)}; " for what in (left_out_of(request) if left_out is None else left_out))
    if request.method == "HEAD" or not sends_body(request):
        return before + " ".join(words)
    if b"\0" in request.body or len(request.body) > LONGEST_WORD:
        return f"{before}printf {printed(request.body)} | {' '.join(words)} --data-binary @-"
    # --data-raw gives no meaning to a leading @.
    return f"{before}{' '.join(words)} --data-raw {quote(request.body)}"


def left_out_of(request: Request) -> tuple[str, ...]:
    """What the command does not send as the client did, in words."""
    found: list[str] = []
    if len(request.body) < request.body_bytes:
        found.append(f"first {len(request.body):,} of {request.body_bytes:,} bytes of the body")
    elif not request.complete:
        found.append("the end of the request was not seen")
    if request.method == "HEAD" and request.body_bytes:
        found.append("without the body, which curl sends with no HEAD")
    unsent, rewritten = odd_lines(request)
    if unsent:
        found.append(f"without {many(unsent, 'header line')} that curl cannot send")
    if rewritten:
        found.append(f"{many(rewritten, 'header line')} not as written")
    return tuple(found)


def odd_lines(request: Request) -> tuple[int, int]:
    """Header lines that the command leaves out, and those that it writes otherwise: folded, with a blank before the
    colon, a length that is no plain number."""
    unsent = rewritten = 0
    known: set[str] = set()
    for line in request.head.decode("latin-1").replace("\r\n", "\n").split("\n")[1:]:
        name, colon, value = line.partition(":")
        low = name.rstrip(" \t").lower()
        if line.startswith((" ", "\t")):
            rewritten += 1
        elif low in known or (line and (not colon or not TOKEN.fullmatch(low) or "\0" in value)):
            unsent += 1
        elif name[-1:] in (" ", "\t"):
            rewritten += 1
        elif low == "content-length" and request.method != "HEAD" and len(request.body) == request.body_bytes:
            rewritten += value.strip(" \t") != str(request.body_bytes)
        if low in ("host", "content-length"):
            known.add(low)
    return unsent, rewritten


def sends_body(request: Request) -> bool:
    """True for a body, and for one of no bytes that is announced."""
    if request.body or request.body_bytes:
        return bool(request.body)
    headers = request.headers
    return headers.get("content-length") == "0" or "chunked" in headers.get("transfer-encoding").lower()


def version_of(request: Request) -> bytes:
    """The last word of the request line."""
    return request.head.split(b"\n", 1)[0].rstrip().rpartition(b" ")[2]


def method_words(request: Request) -> list[str]:
    """curl makes GET by itself, POST with a body, and reads no body after `--head`."""
    words: list[str] = []
    version = version_of(request)
    if version in VERSIONS:
        words.append(VERSIONS[version])
    if request.method == "HEAD":
        return [*words, "--head"]
    if request.method != ("POST" if sends_body(request) else "GET"):
        words += ["-X", quote(request.method)]
    return words


def address_words(response: Response, request: Request) -> list[str]:
    """The URL that names the Host of the request and reaches the address that answered, as the client did."""
    flow = response.flow
    server, server_port = bracketed(flow.server), flow.server_port
    before: list[str] = []
    if flow.proxied is not None:
        before = preamble_words(flow.proxied, f"{server}:{server_port}")
        behind = bracketed(flow.proxied.server)
        if "SOCKS" in flow.proxied.protocol and AUTHORITY.fullmatch(behind):
            server, server_port = behind, flow.proxied.server_port
    scheme, usual = ("https", 443) if flow.https else ("http", 80)
    host = request.host
    if not AUTHORITY.fullmatch(host):
        host = server if server_port == usual else f"{server}:{server_port}"
    port = re.search(r":(\d+)$", host)
    path = request.path
    simple = SIMPLE_TARGET.fullmatch(path) is not None and request.method != "CONNECT"
    words = [*before, quote(f"{scheme}://{host}{path if simple else '/'}")]
    if simple and "/." in path:
        words.append("--path-as-is")
    if not simple or path != request.target:
        # As a proxy is asked (RFC 9112 §3.2.2): --proxy would say so too, and add a field.
        words += ["--request-target", quote(request.target)]
    if (int(port[1]) if port else usual) != server_port:
        words += ["--connect-to", quote(f"::{server}:{server_port}")]
    return words


def bracketed(address: str) -> str:
    """An address as it stands in a URL."""
    return f"[{address}]" if ":" in address else address


SOCKS_OPTIONS = {"SOCKS 4": "--socks4", "SOCKS 4a": "--socks4a", "SOCKS 5": "--socks5-hostname"}


def preamble_words(proxied: Proxied, server: str) -> list[str]:
    """What stood before HTTP, said again: a PROXY header (curl writes version 1, of its own addresses), a handshake."""
    words: list[str] = []
    for protocol in proxied.protocol.split(" / "):
        if protocol.startswith("PROXY ") and not words:
            words.append("--haproxy-protocol")
        elif protocol in SOCKS_OPTIONS:
            words += [SOCKS_OPTIONS[protocol], quote(server)]
    return words


def field_words(response: Response, request: Request) -> list[str]:
    """One -H a field, in wire order; those that curl would add of its own are taken out."""
    words: list[str] = []
    headers = request.headers
    usual_port = ":443" if response.flow.https else ":80"
    host_said = version_of(request) == b"HTTP/2"
    for name, value in headers:
        low = name.lower()
        # -H @name would read a file; a name that is no token cannot be meant.
        if not TOKEN.fullmatch(name) or "\0" in value:
            continue
        # curl counts by itself, and sends chunks where the field says so.
        if low == "content-length" and (request.method != "HEAD" or request.body_bytes):
            continue
        if low == "transfer-encoding" and not sends_body(request):
            continue
        if low == "host":
            if host_said:
                continue  # It takes the place of the first one.
            host_said = True
            written = PLAIN_HOST.fullmatch(value) and AUTHORITY.fullmatch(value) and not value.endswith(usual_port)
            if value == request.host and written:
                continue
        words += ["-H", quote(f"{name}: {value}" if value else f"{name};")]
        if low == "accept-encoding" and CODED.search(value.lower()):
            words.append("--compressed")
    if not host_said:
        words += ["-H", "Host:"]
    with_body = ("Content-Type",) if sends_body(request) and request.method != "HEAD" else ()
    for name in (*OWN_FIELDS, *with_body, *(("Expect",) if len(request.body) > EXPECTS else ())):
        if name not in headers:
            words += ["-H", quote(f"{name}:")]
    return words


def quote(word: str | bytes) -> str:
    """One word of a shell. Text from the wire is Latin-1, so its bytes are those that were sent."""
    data = word.encode("latin-1", "replace") if isinstance(word, str) else word
    if all(0x20 <= byte < 0x7F for byte in data):
        text = data.decode("ascii")
        return text if PLAIN.fullmatch(text) else "'" + text.replace("'", "'\\''") + "'"
    # A hexadecimal escape has two digits in bash, more in other shells: three octal ones end by themselves everywhere.
    return "$'" + "".join(escaped(byte) for byte in data) + "'"


def printed(data: bytes) -> str:
    """Any bytes as the format of printf (POSIX): three octal digits for each that is not printable ASCII."""
    parts = [chr(byte) if 0x20 <= byte < 0x7F and byte not in b"\\%'" else f"\\{byte:03o}" for byte in data]
    return "'" + "".join(parts).replace("\\045", "%%") + "'"


def escaped(byte: int) -> str:
    """One byte inside $'…'."""
    if byte in b"\\'":
        return "\\" + chr(byte)
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"
