"""HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), which browsers and many tools open.

Every row becomes an entry, so that both count the same, but an encrypted connection, of which nobody knows a request.
The format wants a request and a response in each: one that was not captured is empty, has status 0 where that is the
response, and a comment that says so. Times are milliseconds of the capture's clock. What only this program knows has
names that begin with `_`, as the format asks for.
"""

import base64
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_plus

from httpresp_capture.export.document import PlainDocument
from httpresp_capture.export.findings_json import instant
from httpresp_capture.export.leaving import Body, Leaving
from httpresp_capture.export.wording import as_text
from httpresp_capture.http.cookies import parse_cookie, parse_set_cookie
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.targets import scheme_of

Values = dict[str, Any]
NOT_KNOWN = -1
"""What the format writes for a size or a time that is not known."""
NO_RESPONSE = "no response was captured"
NO_REQUEST = "the request was not captured"


class Har(PlainDocument):
    """One archive."""

    _empty = True

    def begin(self) -> bytes:
        """The log up to its entries."""
        creator = _dumped({"name": "httpresp-tui", "version": self.options.version})
        comment = _dumped(f"Responses of {self.options.source}" if self.options.source else "")
        return f'{{"log":{{"version":"1.2","creator":{creator},"comment":{comment},"pages":[],"entries":['.encode()

    def add(self, leaving: Leaving, lost: Counters | None, *, amends: bool) -> bytes:
        """One entry."""
        if leaving.kept.encrypted is not None:
            return b""
        before = "\n" if self._empty else ",\n"
        self._empty = False
        return (before + _dumped(entry(leaving, self.options.comment(leaving.kept)))).encode()

    def end(self) -> bytes:
        """The end of the list and of the log."""
        return b"\n]}}\n"


def entry(leaving: Leaving, comment: str = "") -> Values:
    """One exchange."""
    response = leaving.response
    request = response.request
    timings = _timings(response)
    told = [comment, "" if request is not None else NO_REQUEST, NO_RESPONSE if response.unanswered else ""]
    made: Values = {
        "startedDateTime": instant(request.first_byte_at if request is not None else response.first_byte_at),
        "time": round(sum(part for part in timings.values() if part > 0), 6),
        "request": _request(leaving, request),
        "response": _response(leaving),
        "cache": {},
        "timings": timings,
        "serverIPAddress": response.flow.server,
        "connection": str(response.flow.id),
        "_id": response.id,
        "_completeness": str(response.completeness),
        "_end": None if response.end is None else str(response.end),
    }
    if response.problems:
        made["_problems"] = [{"name": each.name, "detail": each.detail} for each in response.problems]
    if any(told):
        made["comment"] = "; ".join(filter(None, told))
    return made


def _timings(response: Response) -> dict[str, float]:
    """Of what the packets show: sending, waiting, receiving; and the handshake, with the first exchange that it was
    made for."""
    request = response.request
    sent = None if request is None else request.sent_at - request.first_byte_at
    first = response.stream == 1 and not response.flow.midstream
    return {
        "blocked": NOT_KNOWN,
        "dns": NOT_KNOWN,
        "connect": _milliseconds(response.flow.handshake_ns) if first else NOT_KNOWN,
        "ssl": NOT_KNOWN,
        # These three must be there and not negative.
        "send": max(_milliseconds(sent), 0),
        "wait": max(_milliseconds(response.first_byte_ns), 0),
        "receive": max(_milliseconds(response.transfer_ns), 0),
    }


def _milliseconds(nanoseconds: int | None) -> float:
    return NOT_KNOWN if nanoseconds is None or nanoseconds < 0 else round(nanoseconds / 1_000_000, 6)


def _request(leaving: Leaving, request: Request | None) -> Values:
    response = leaving.response
    if request is None:
        return {
            "method": "", "url": _url(response, ""), "httpVersion": _version(response.protocol), "cookies": [],
            "headers": [], "queryString": [], "headersSize": NOT_KNOWN, "bodySize": NOT_KNOWN,
        }  # fmt: skip
    headers = request.headers
    made: Values = {
        "method": as_text(request.method),
        "url": _url(response, request.target),
        "httpVersion": _version(_last_word(request)),
        "cookies": [_pair(*pair) for line in headers.all("cookie") for pair in parse_cookie(line)],
        "headers": _headers(headers),
        "queryString": _query(request.path),
        "headersSize": len(leaving.kept.request.head) if leaving.kept.request is not None else NOT_KNOWN,
        "bodySize": request.body_bytes,
    }
    if request.body_bytes:
        made["postData"] = _post_data(leaving.request_body, headers.get("content-type"))
    return made


def _response(leaving: Leaving) -> Values:
    response, body = leaving.response, leaving.body
    headers = response.headers
    kept = leaving.kept
    content: Values = {
        "size": len(body.data) if body.whole else kept.body_bytes,
        "mimeType": as_text(headers.get("content-type")) or "x-unknown",
    }
    if body.whole and len(body.data) > kept.body_bytes:
        content["compression"] = len(body.data) - kept.body_bytes
    if body.text is not None:
        content["text"] = body.text
    elif body.data:
        content |= {"text": base64.b64encode(body.data).decode("ascii"), "encoding": "base64"}
    if body.note and kept.body_bytes:
        content["comment"] = body.note
    return {
        "status": response.status,
        "statusText": as_text(response.reason),
        "httpVersion": _version(response.protocol),
        "cookies": [made for line in headers.all("set-cookie") if (made := _set_cookie(line)) is not None],
        "headers": _headers(headers),
        "content": content,
        "redirectURL": as_text(headers.get("location")),
        "headersSize": len(kept.head) if kept.head else NOT_KNOWN,
        "bodySize": kept.body_bytes if kept.head else NOT_KNOWN,
    }


def _post_data(body: Body, content_type: str) -> Values:
    made: Values = {"mimeType": as_text(content_type), "params": [], "text": body.text or ""}
    notes = [body.note] if body.note else []
    if body.text is None and body.data:
        # The format has no coding for what is sent; base64 is what others write.
        made |= {"text": base64.b64encode(body.data).decode("ascii"), "_encoding": "base64"}
        notes.append("base64")
    if notes:
        made["comment"] = "; ".join(notes)
    return made


def _set_cookie(line: str) -> Values | None:
    cookie = parse_set_cookie(line)
    if cookie is None:
        return None
    made = _pair(cookie.name, cookie.value) | {"httpOnly": cookie.http_only, "secure": cookie.secure}
    for name in ("path", "domain"):
        value = cookie.attribute(name)
        if value:
            made[name] = as_text(value)
    if cookie.expires is not None:
        made["expires"] = instant(cookie.expires * 1_000_000_000)
    return made


def _query(path: str) -> list[Values]:
    """Of what stands behind the question mark (URL Standard, application/x-www-form-urlencoded)."""
    query = path.partition("#")[0].partition("?")[2]
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [_pair(unquote_plus(as_text(name)), unquote_plus(as_text(value))) for name, _, value in pairs]


def _url(response: Response, target: str) -> str:
    """Absolute: as the client named it, else by the scheme that it said, as behind a proxy, and the host."""
    if scheme_of(target):
        return as_text(target)
    request = response.request
    said = request.scheme if request is not None else ""
    scheme = said if said in ("http", "https") else "https" if response.flow.https else "http"
    host = response.host
    if ":" in host and not host.startswith("[") and host.count(":") > 1:
        host = f"[{host}]"
    path = target if target.startswith("/") else "/"
    return as_text(f"{scheme}://{host}{path}")


def _last_word(request: Request) -> str:
    return request.head.split(b"\n", 1)[0].rstrip().rpartition(b" ")[2].decode("latin-1")


def _version(word: str) -> str:
    return as_text(word) if word[:4].upper() == "HTTP" else ""


def _headers(headers: Iterable[tuple[str, str]]) -> list[Values]:
    return [_pair(name, value) for name, value in headers]


def _pair(name: str, value: str) -> Values:
    return {"name": as_text(name), "value": as_text(value)}


def _dumped(value: Any) -> str:
    """ASCII, in which nothing can act."""
    return json.dumps(value, separators=(",", ":"))
