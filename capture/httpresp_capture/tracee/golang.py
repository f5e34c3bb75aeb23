"""What Go's net/http makes of the headers of a message: the strict mode of Tracee's event.

Tracee reads messages with `http.ReadResponse` and `http.ReadRequest`, which rename and remove fields. Read from Go
1.22: net/textproto `CanonicalMIMEHeaderKey`, net/http `transfer.go` (`parseTransferEncoding`, `fixTrailer`),
`fixPragmaCacheControl`, and `ReadRequest`, which takes Host out.
"""

from collections.abc import Iterable

from httpresp_capture.records.targets import path_of

TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def canonical(name: str) -> str:
    """`etag` → `Etag`, `www-authenticate` → `Www-Authenticate`; a name that is no token stays as it is."""
    if not TOKEN.issuperset(name):
        return name
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def protocol(version: str) -> str:
    """A version as `http.Response.Proto` has it."""
    return "HTTP/2.0" if version == "HTTP/2" else version


def version(protocol: str) -> str:
    """The version that `protocol` gave a name."""
    return "HTTP/2" if protocol == "HTTP/2.0" else protocol


def headers(items: Iterable[tuple[str, str]], protocol: str) -> dict[str, list[str]]:
    """Name → values as Go would hold them, keys sorted as its JSON encoder sorts them."""
    found: dict[str, list[str]] = {}
    for name, value in items:
        found.setdefault(canonical(name), []).append(value)
    codings = found.pop("Transfer-Encoding", [""])
    if codings[-1].rpartition(",")[2].strip().lower() == "chunked" and protocol != "HTTP/1.0":
        # A Trailer without chunks is kept: https://go.dev/issue/27197.
        found.pop("Content-Length", None)
        found.pop("Trailer", None)
    if len(set(found.get("Content-Length", ()))) == 1:
        found["Content-Length"] = found["Content-Length"][:1]
    if found.get("Pragma", [""])[0] == "no-cache" and "Cache-Control" not in found:
        found["Cache-Control"] = ["no-cache"]
    return {name: found[name] for name in sorted(found, key=str.encode)}


def request_headers(items: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The same of a request."""
    found = headers(items, "HTTP/1.1")
    found.pop("Host", None)
    return found


def url_path(method: str, target: str) -> str:
    """`URL.Path` of a target, Latin-1: without its query, decoded; of CONNECT, none."""
    if method == "CONNECT":
        return ""
    from urllib.parse import unquote_to_bytes  # Loaded for what is printed as Tracee does.

    return unquote_to_bytes(path_of(target).partition("?")[0].encode("latin-1", "replace")).decode("latin-1")


def request_length(declared: str, codings: str) -> int:
    """`ContentLength` of a request: -1 where it is chunked, 0 where it is not declared, or by no number."""
    if codings.rpartition(",")[2].strip().lower() == "chunked":
        return -1
    # JSON knows no leading zeros and no sign, and not every number of digits is to be true.
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 19 else 0
