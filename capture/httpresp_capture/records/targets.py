"""What a request target names: its form, and with it host and path (RFC 9112 §3.2).

Only an absolute-form target, whose scheme stands at its very start, names a host beside the Host field; a URL further
inside, as in `/open?u=https://other.example/`, is data. Everything that says which host a request is for asks here.
"""

import re
from typing import Final

from httpresp_capture.records.headers import Headers

_ABSOLUTE: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)")
"""RFC 3986 §3: scheme, then `//` authority. Groups: scheme, authority."""


def scheme_of(target: str) -> str:
    """The scheme of an absolute-form target, in lower case; empty for every other form."""
    if target.startswith("/"):
        return ""
    found = _ABSOLUTE.match(target)
    return found[1].lower() if found is not None else ""


def authority_of(url: str) -> str:
    """Host and port that an absolute URL names, without its user part; empty when it is none."""
    found = _ABSOLUTE.match(url)
    return found[2].rpartition("@")[2] if found is not None else ""


def host_of(method: str, target: str, head: bytes) -> str:
    """The host, with its port where one was given; empty when the request names none.

    RFC 9112 §3.2.2: a server ignores the Host field beside an absolute-form target. §3.2.3: the target of CONNECT is
    an authority alone.
    """
    if not target.startswith("/"):
        if _ABSOLUTE.match(target) is not None:
            return authority_of(target)
        if method == "CONNECT":
            return target
    return Headers.first_in(head, b"host")


def path_of(target: str) -> str:
    """Path and query: the target without the scheme and authority of an absolute form."""
    if target.startswith("/"):
        return target
    found = _ABSOLUTE.match(target)
    if found is None:
        return target
    rest = target[found.end() :]
    return rest if rest.startswith("/") else f"/{rest}"


def url_of(target: str, host: str) -> str:
    """Host and path in one, as a person says them; a target that is no path (CONNECT, `OPTIONS *`) stands apart."""
    path = path_of(target)
    if path.startswith("/"):
        return f"{host}{path}"
    return path if path == host else f"{host} {path}".strip()
