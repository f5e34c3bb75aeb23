"""What the text fields of a filter look at, taken from a response."""

from collections.abc import Callable

from httpresp_capture.records.exchange import Request, Response
from httpresp_capture.records.flow import Flow
from httpresp_capture.records.grpc import message_of, status_name, status_of
from httpresp_capture.records.targets import scheme_of

BODY_SEEN = 65_536
"""Bytes of a body that are searched, before and after its content coding is taken off."""


def utf8(latin: str) -> str:
    """Latin-1 text of a record, read as UTF-8 where it is."""
    if latin.isascii():
        return latin
    data = latin.encode("latin-1", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return latin


def head_text(data: bytes) -> str:
    """Lines that end in LF alone, each read as UTF-8 where it is that: a Latin-1 field says nothing of the others."""
    try:
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return "\n".join(map(utf8, data.decode("latin-1").replace("\r\n", "\n").split("\n")))


def host(response: Response) -> str:
    return utf8(response.host)


def path(response: Response) -> str:
    return utf8(response.request.path) if response.request is not None else ""


def url(response: Response) -> str:
    request = response.request
    return "" if request is None else request_url(request, response.flow)


def request_url(request: Request, flow: Flow) -> str:
    """The URL that was asked for; `CONNECT` has an authority only."""
    target = utf8(request.target)
    if scheme_of(target) or request.method == "CONNECT":
        return target
    scheme = utf8(request.scheme) or ("https" if flow.https else "http")
    return f"{scheme}://{utf8(request.host) or flow.server}{target}"


def method(response: Response) -> str:
    return utf8(response.request.method) if response.request is not None else ""


def content_type(response: Response) -> str:
    return utf8(response.content_type)


def reason(response: Response) -> str:
    return utf8(response.reason)


def protocol(response: Response) -> str:
    """`h1`, `h2`, `h3`, followed by the name on the wire."""
    if response.encrypted is not None:
        return ""
    version = response.protocol
    major = version.partition("/")[2][:1] or "1"
    return f"h{'1' if major == '0' else major} {version}"


def interface(response: Response) -> str:
    return response.flow.interface


def tunnel(response: Response) -> str:
    flow = response.flow
    if not flow.other_paths:
        return flow.tunnel
    return "\n".join((flow.tunnel, *(path.tunnel for path in flow.other_paths)))


def proxied(response: Response) -> str:
    """`SOCKS 5 shop.example:80`, `PROXY v2 203.0.113.7:50322 192.0.2.1:80`."""
    found = response.flow.proxied
    if found is None:
        return ""
    ends = ((found.client, found.client_port), (found.server, found.server_port))
    return " ".join((found.protocol, *(f"{utf8(end)}:{port}" for end, port in ends if end)))


def tls(response: Response) -> str:
    """Version and cipher suite; empty for what came in clear."""
    found = response.flow.tls
    return "" if found is None else f"{found.version} {found.cipher_suite}"


def sni(response: Response) -> str:
    found = response.flow.tls
    return "" if found is None else utf8(found.sni)


def alpn(response: Response) -> str:
    found = response.flow.tls
    return "" if found is None else utf8(found.alpn)


def framing(response: Response) -> str:
    return response.framing


def end(response: Response) -> str:
    return response.end or "open"


def completeness(response: Response) -> str:
    return response.completeness


def problems(response: Response) -> str:
    """Names of its problems and of those of its request, one a line."""
    found = response.problems if response.request is None else response.problems + response.request.problems
    return "\n".join(problem.name for problem in found)


def grpc(response: Response) -> str:
    """Name of the status that a gRPC call ended with, and what the server says of it."""
    status = status_of(response)
    return "" if status is None else f"{status_name(status)}\n{message_of(response)}"


def body(response: Response) -> str:
    """The kept part of the body, its codings taken off, by the charset that it is written in."""
    data = response.body
    if not data:
        return ""
    # Decoders are loaded by the first filter that looks into a body.
    from httpresp_capture.content import bodies, representation

    data = representation.decoded(response, max_output=BODY_SEEN, whole=False).data
    return bodies.text(data[:BODY_SEEN], response.header("content-type")).replace("\r\n", "\n")


def looked_at(response: Response) -> str:
    """Everything that a bare word looks at, as lines: URL, status line and header block."""
    request = response.request
    shown = head_text(response.head)
    if request is None:
        return f"{sni(response)}\n{shown}" if response.flow.tls is not None else shown
    return f"{request_url(request, response.flow)}\n{host(response)}\n{shown}"


def header_lines(request: bool | None) -> Callable[[Response], str]:
    """`Name: value` lines of the response, of its request, or (None) of both; start lines left out."""

    def lines(response: Response) -> str:
        heads = (b"" if response.request is None else response.request.head, response.head)
        wanted = heads if request is None else heads[:1] if request else heads[1:]
        return "\n".join(head_text(head).partition("\n")[2] for head in wanted)

    return lines
