"""The fields that most responses carry, where there is something to take apart."""

from httpresp_tui.text.explain.parts import directives, seconds_in_words, shortened

CODINGS = {
    "gzip": "compressed with gzip",
    "x-gzip": "compressed with gzip",
    "deflate": "compressed with deflate",
    "br": "compressed with Brotli",
    "zstd": "compressed with Zstandard",
    "identity": "not compressed",
}


def content_encoding(value: str) -> str:
    """In the order in which it was applied."""
    return ", then ".join(CODINGS.get(name, f'"{shortened(name, 30)}" is not known') for name, _ in directives(value))


def transfer_encoding(value: str) -> str:
    """RFC 9112 §6.1."""
    names = [name for name, _ in directives(value)]
    if names == ["chunked"]:
        return "sent in chunks, its length not known before"
    if "chunked" in names[:-1]:
        return "chunked comes last, or the end cannot be found"
    coded = [CODINGS.get(name, f'"{shortened(name, 30)}" is not known') for name in names if name != "chunked"]
    ending = "then sent in chunks" if "chunked" in names else "and the connection ends the body"
    return f"for the transfer {', then '.join(coded)}, {ending}" if coded else ""


def connection(value: str) -> str:
    """What happens to the connection."""
    low = value.strip().lower()
    if low == "close":
        return "the server ends the connection after this response"
    if low == "keep-alive":
        return "the connection stays open for the next request"
    return "the next header lines belong to a protocol switch" if "upgrade" in low else ""


def retry_after(value: str) -> str:
    """A number of seconds, or a date."""
    text = value.strip()
    return f"try again in {seconds_in_words(text)}" if text.isdecimal() else f"try again after {shortened(text, 40)}"


def content_range(value: str) -> str:
    """RFC 9110 §14.4."""
    unit, _, rest = value.strip().partition(" ")
    span, _, size = rest.partition("/")
    if span == "*":
        return f"the range asked for is not there; the whole is {shortened(size, 20)} {unit}"
    first, _, last = span.partition("-")
    if unit.lower() == "bytes" and first.isdecimal() and last.isdecimal() and len(first) < 19 and len(last) < 19:
        whole = f" of {int(size):,}" if size.isdecimal() and len(size) < 19 else ""
        return f"bytes {int(first):,} to {int(last):,}{whole}"
    return ""


def content_disposition(value: str) -> str:
    """RFC 6266."""
    kind, *_ = value.split(";")
    names = dict(directives(value, ";"))
    name = names.get("filename*", names.get("filename", ""))
    if kind.strip().lower() == "inline":
        return "shown in the browser"
    return f'saved as a file, "{shortened(name, 60)}"' if name else "saved as a file"


def www_authenticate(value: str) -> str:
    """RFC 9110 §11.6.1."""
    scheme = value.strip().partition(" ")[0]
    words = {
        "basic": "asks for user and password, sent readable with each request",
        "bearer": "asks for a token",
        "digest": "asks for user and password, sent as a digest",
        "negotiate": "asks for Kerberos or NTLM",
        "ntlm": "asks for NTLM",
    }
    return words.get(scheme.lower(), "")


def accept_ranges(value: str) -> str:
    """Whether parts can be asked for."""
    return "parts of it cannot be asked for" if value.strip().lower() == "none" else ""


def alt_svc(value: str) -> str:
    """RFC 7838."""
    if value.strip().lower() == "clear":
        return "forget other ways to this host"
    names = {"h3": "HTTP/3", "h2": "HTTP/2", "h2c": "HTTP/2 in clear text"}
    offers: list[str] = []
    for part in value.split(","):
        name, argument = (directives(part.split(";")[0]) or [("", "")])[0]
        if name:
            offers.append(f"{names.get(name, shortened(name, 20))} at {shortened(argument, 40)}")
    return f"also served as {', '.join(offers[:3])}" if offers else ""


def server_timing(value: str) -> str:
    """W3C Server Timing: what the server says it spent."""
    said: list[str] = []
    for part in value.split(","):
        name, *rest = part.split(";")
        found = dict(directives(";".join(rest), ";"))
        words = shortened(found.get("desc") or name.strip(), 30)
        said.append(f"{words} {shortened(found['dur'], 12)} ms" if "dur" in found else words)
    return shortened(" · ".join(said), 200)


def keep_alive(value: str) -> str:
    """How long the server waits for the next request."""
    found = dict(directives(value))
    said: list[str] = []
    if "timeout" in found:
        said.append(f"closed after {seconds_in_words(found['timeout'])} of silence")
    if "max" in found:
        said.append(f"for {shortened(found['max'], 12)} more requests")
    return " · ".join(said)


def clear_site_data(value: str) -> str:
    """What a browser throws away."""
    return f"the browser drops its {', '.join(name.strip(chr(34)) for name, _ in directives(value))}"
