"""The requests as a Python script with httpx, one function each.

Everything from the wire stands in it as literals of bytes in ASCII, so nothing of it is code. Each request goes to the
address that answered, with the Host, the target and the fields that the client sent, and no others.
"""

from httpresp_capture.export.curl import bracketed, sends_body, version_of
from httpresp_capture.export.document import ExportOptions, PlainDocument
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.export.shell_script import is_interim, said
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Request, Response

HEAD = b'''#!/usr/bin/env python3
"""Requests seen by httpresp-tui. Each function sends its request again; python FILE sends them all."""

import httpx

VERIFY = True  # Certificates; False where they are made by an authority of your own.


def send(method, url, target, headers, content=None, sni=None, http2=False):
    extensions = {"target": target} | ({"sni_hostname": sni} if sni else {})
    request = httpx.Request(method, url, headers=headers, content=content, extensions=extensions)
    with httpx.Client(http1=not http2, http2=http2, verify=VERIFY, trust_env=False) as client:
        return client.send(request)
'''
TAGS = b"\n\n# Secrets are tags: put the real ones in their places.\n"
FOOT = b"""

if __name__ == "__main__":
    for request in (%b):
        print(request.__name__, request())
"""
LEFT_TO_HTTPX = frozenset(("content-length", "transfer-encoding"))
"""What follows from the body that is sent."""


class PythonScript(PlainDocument):
    """One script."""

    def __init__(self, options: ExportOptions) -> None:
        super().__init__(options)
        self._names: list[bytes] = []

    def begin(self) -> bytes:
        """Its imports, and the way that all go."""
        return HEAD + (TAGS if self.options.redactor is not None else b"")

    def add(self, leaving: Leaving, lost: Counters | None, *, amends: bool) -> bytes:
        """A function, where the request was seen; that of an interim response comes with its final one."""
        shown, left_out = leaving.resendable
        request = shown.request
        if request is None or not request.head or is_interim(leaving):
            return b""
        name = f"request_{shown.id}"
        self._names.append(name.encode())
        notes = "".join(f"    # {ascii(each)[1:-1]}\n" for each in left_out)
        return f"\n\ndef {name}():\n    # {said(leaving)}\n{notes}{_call(shown, request)}".encode()

    def end(self) -> bytes:
        """All of them in their order."""
        return FOOT % b"".join(b"%b, " % name for name in self._names)


def _call(response: Response, request: Request) -> str:
    flow = response.flow
    http2 = version_of(request) == b"HTTP/2"
    sni = flow.tls.sni if flow.tls is not None and flow.https else ""
    url = f"{'https' if flow.https else 'http'}://{bracketed(flow.server)}:{flow.server_port}/"
    lines = [
        "    return send(",
        f"        {request.method!a},",
        f"        {url!a},",
        f"        {_bytes(request.target)},",
        "        [",
        *(
            f"            ({_bytes(name)}, {_bytes(value)}),"
            for name, value in request.headers
            if name.lower() not in LEFT_TO_HTTPX
        ),
        "        ],",
    ]
    if sends_body(request):
        lines.append(f"        content={_bytes(request.body)},")
    if sni:
        lines.append(f"        sni={sni!a},")
    if http2:
        lines.append("        http2=True,")
    return "\n".join([*lines, "    )\n"])


def _bytes(text: str | bytes) -> str:
    return repr(text.encode("latin-1", "replace") if isinstance(text, str) else text)
