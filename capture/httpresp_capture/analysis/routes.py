"""The route that a path stands for: `/users/17/orders?page=2` and `/users/23/orders` are one.

A guess from the path alone. Segments that look like ids, and those that hold a secret, become `*`; the query and the
parameters of segments (`;jsessionid=…`) are left out.
"""

import re
from functools import lru_cache

from httpresp_capture.records.exchange import Response
from httpresp_capture.redaction import target_without_secrets

_ID = re.compile(
    r"\d+"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?=[^/]*\d)[0-9a-fA-F]{8,}"
    r"|(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_-]{20,}"
)
"""A number, a UUID, a hexadecimal or a long mixed token."""
_LONGEST = 200
_LOOKED_AT = 2_048
"""Characters of a path in which secrets are looked for."""
_DEEPEST = 12
_METHOD = 20
"""Characters of a method that is one: UPDATEREDIRECTREF, of RFC 4437, is the longest that is registered."""


@lru_cache(16_384)
def route_of_path(path: str) -> str:
    """The path with ids masked; `/` for an empty one, the path up to a bound when it is very long."""
    path = target_without_secrets(path.partition("?")[0].partition("#")[0][:_LOOKED_AT])
    segments = [segment.partition(";")[0] for segment in path.split("/")[:_DEEPEST]]
    route = "/".join("*" if "‹" in segment or _ID.fullmatch(segment) else segment for segment in segments)
    return route[:_LONGEST] or "/"


_MASKED = re.compile(r"(?<=/)\*(?=/|$)")


def route_name(response: Response) -> str:
    """The same as people write it, and as the filter `route:` reads it: `GET /users/:id`."""
    return _MASKED.sub(":id", route_of(response))


def route_of(response: Response) -> str:
    """`GET /users/*`; empty when the request was not seen."""
    request = response.request
    if request is None:
        return ""
    method = request.method
    if len(method) > _METHOD or not method.replace("-", "").isalnum():
        # Of a request line that is none it is the beginning, which may be cut within a secret: `GET/users?token=…`.
        method = route_of_path(re.split(rb"\s", request.head, maxsplit=1)[0].decode("latin-1"))
    return f"{method} {route_of_path(request.path)}"
