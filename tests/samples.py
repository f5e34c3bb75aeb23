"""Records built by hand, for tests that begin where parsing has ended.

`response(HEAD, ...)` fills in what a reader of the test does not care about; each field can be given by name. Times
count from `START`, in milliseconds.
"""

from dataclasses import replace
from typing import Any

from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.evidence import Gap
from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow, OtherPath
from httpresp_capture.records.headers import Headers
from httpresp_capture.records.outcome import Completeness, EndReason, Framing
from httpresp_capture.records.problems import Problem
from httpresp_capture.records.tls import NO_KEY, Tls

START = 1_700_000_000_000_000_000
"""2023-11-14 22:13:20 UTC in ns."""
MS = 1_000_000

FLOW = Flow(
    id=7,
    client="10.0.0.9",
    client_port=50322,
    server="10.0.0.1",
    server_port=8080,
    interface="eth0",
    opened_at=START,
    handshake_ns=300_000,
    midstream=False,
)
OTHER_PATHS = (OtherPath(False, (7,), "gre 3"), OtherPath(True, (), ""))
FLOW_V6 = replace(
    FLOW, id=8, client="2001:db8::9", server="2001:db8::1", vlan=(5, 100), tunnel="vxlan 42", other_paths=OTHER_PATHS
)

OK = (
    b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
    b"Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\n"
)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n"
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /login?next=%2F\r\nContent-Length: 0\r\n\r\n"
FAILED = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nTransfer-Encoding: chunked\r\n\r\n"
TWO_COOKIES = (
    b"HTTP/1.1 200 OK\r\nSet-Cookie: session=3f786850e387550fdab836ed7e6dc881; Path=/; HttpOnly\r\n"
    b"set-cookie: theme=dark\r\nX-Cache: HIT\r\nContent-Length: 5\r\n\r\n"
)
GET = b"GET /shop/items?page=2 HTTP/1.1\r\nHost: shop.example:8080\r\nUser-Agent: curl/8.5.0\r\n\r\n"


def request(head: bytes = GET, at_ms: float = 1, **fields: Any) -> Request:
    """A request whose method and target stand in its head."""
    method, target, *_ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    at = START + int(at_ms * MS)
    known: dict[str, Any] = {
        "head": head,
        "method": method,
        "target": target,
        "first_byte_at": at,
        "sent_at": at,
        "wire_bytes": len(head),
    }
    return Request(**known | fields)


def response(head: bytes = OK, body: bytes = b"hello", at_ms: float = 21, **fields: Any) -> Response:
    """A response that came whole, 20 ms after its request, and took 5 ms."""
    line = head.split(b"\r\n", 1)[0].decode("latin-1")
    protocol, status, *_ = [*line.split(" "), "", ""]
    headers = Headers.from_head(head)
    at = START + int(at_ms * MS)
    chunked = headers.get("transfer-encoding").lower() == "chunked"
    length = headers.get("content-length")
    declared = int(length) if length.isdigit() and not chunked else -1
    framing = Framing.CHUNKED if chunked else Framing.LENGTH if declared >= 0 else Framing.CLOSE
    end = {Framing.CHUNKED: EndReason.LAST_CHUNK, Framing.LENGTH: EndReason.LENGTH}.get(framing, EndReason.SERVER_FIN)
    known: dict[str, Any] = {
        "id": 1,
        "flow": FLOW,
        "stream": 1,
        "at": at,
        "first_byte_at": at,
        "ended_at": at + 5 * MS,
        "head": head,
        "status": int(status) if status.isdigit() and len(status) == 3 else 0,
        "protocol": protocol,
        "packet_len": 331,
        "framing": framing,
        "declared": declared,
        "request": request(),
        "wire_bytes": len(head) + len(body),
        "body_bytes": len(body),
        "body": body,
        "end": end,
    }
    made = Response(**known | fields)
    assert isinstance(made.completeness, Completeness)
    return made


def unanswered(**fields: Any) -> Response:
    """A row for a request whose connection ended before a response came."""
    known: dict[str, Any] = {
        "body": b"",
        "framing": Framing.NONE,
        "declared": -1,
        "wire_bytes": 0,
        "end": EndReason.UNANSWERED,
        "problems": (Problem("no-response", 0),),
    }
    return response(b"", **known | fields)


def encrypted(**fields: Any) -> Response:
    """A row for a connection of TLS that is not read."""
    tls = Tls("TLS 1.3", "shop.example", "h2", NO_KEY, "TLS_AES_128_GCM_SHA256", client_random="ab" * 32)
    facts = Encrypted(1_200, 48_000, 0, 4, 12 * MS, False)
    known: dict[str, Any] = {
        "body": b"",
        "framing": Framing.NONE,
        "declared": -1,
        "stream": 0,
        "flow": replace(FLOW, tls=tls),
        "request": None,
        "wire_bytes": facts.client_bytes + facts.server_bytes,
        "body_bytes": facts.server_bytes,
        "end": EndReason.SERVER_FIN,
        "encrypted": facts,
    }
    return response(b"", **known | fields)


def with_gap(offset: int = 100, length: int = 1448, **fields: Any) -> Response:
    """A response of which a stretch was lost."""
    return response(gaps=(Gap(offset, length),), **fields)
