"""What Go's net/http makes of a response's headers: the strict mode of Tracee's event.

Tracee reads responses with `http.ReadResponse`, which renames and removes fields. Read from Go 1.22: net/textproto
`CanonicalMIMEHeaderKey`, net/http `transfer.go` (`parseTransferEncoding`, `fixTrailer`) and `fixPragmaCacheControl`.
"""

from collections.abc import Iterable

TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def canonical(name: str) -> str:
    """`etag` → `Etag`, `www-authenticate` → `Www-Authenticate`; a name that is no token stays as it is."""
    if not TOKEN.issuperset(name):
        return name
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


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
