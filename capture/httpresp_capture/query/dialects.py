"""What users of mitmproxy, Wireshark and DevTools type, as names of our fields."""

FIELD_NAMES: dict[str, str] = {
    # DevTools and GitHub
    "status-code": "status",
    "domain": "host",
    "mime-type": "type",
    "content-type": "type",
    "mime": "type",
    "code": "status",
    "uri": "url",
    "larger-than": "size",
    "length": "size",
    "ttfb": "time",
    "latency": "time",
    "cookie-name": "set-cookie",
    "interface": "iface",
    "protocol": "proto",
    "scheme": "url",
    # Wireshark
    "http.response.code": "status",
    "http.response.phrase": "reason",
    "http.host": "host",
    "http.request.method": "method",
    "http.request.uri": "path",
    "http.request.full_uri": "url",
    "http.response_for.uri": "url",
    "http.content_type": "type",
    "http.set_cookie": "set-cookie",
    "http.response.version": "proto",
    "http.file_data": "body",
    "http.time": "time",
    "ip.addr": "ip",
    "ip.src": "src",
    "ip.dst": "dst",
    "ipv6.addr": "ip",
    "ipv6.src": "src",
    "ipv6.dst": "dst",
    "tcp.port": "port",
    "tcp.srcport": "srcport",
    "tcp.dstport": "dstport",
    "tcp.stream": "flow",
    "frame.interface_name": "iface",
    "http2.headers.status": "status",
}

HEADER_NAMES: dict[str, str] = {
    "server": "server",
    "location": "location",
    "http.server": "server",
    "http.location": "location",
    "http.cache_control": "cache-control",
    "http.content_length_header": "content-length",
    "http.content_length": "content-length",
    "http.content_encoding": "content-encoding",
    "http.transfer_encoding": "transfer-encoding",
    "http.www_authenticate": "www-authenticate",
    "http.date": "date",
    "http.last_modified": "last-modified",
    "http.connection": "connection",
}
"""Fields of the response header that have a name of their own, most of them Wireshark's."""

REQUEST_HEADER_NAMES: dict[str, str] = {
    "server": "server",
    "location": "location",
    "http.user_agent": "user-agent",
    "http.referer": "referer",
    "http.cookie": "cookie",
    "http.authorization": "authorization",
    "http.accept": "accept",
}

HEADER_KEYS: dict[str, str] = {
    "header": "response",
    "has-response-header": "response",
    "response-header": "response",
    "request-header": "request",
    "has-request-header": "request",
}
"""Keys followed by the name of a header field, and whose."""

TILDES: dict[str, str] = {
    "c": "status",
    "d": "host",
    "u": "url",
    "m": "method",
    "t": "type",
    "ts": "type",
    "b": "body",
    "bs": "body",
    "h": "header",
    "hs": "header",
    "hq": "request-header",
    "src": "dst",
    "dst": "src",
    "e": "is:error",
    "q": "is:unanswered",
    "s": "",
    "http": "",
    "marked": "is:marked",
}
"""mitmproxy's `~x`. Its source is the client; a response's source, as in Wireshark and in our event, is the server.
An empty text matches every response."""

WORD_OPERATORS: dict[str, str] = {
    "contains": ":",
    "matches": "~",
    "eq": "=",
    "ne": "!=",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "in": "in",
}

NEAREST: dict[str, str] = {"http": "host", "ip": "ip", "ipv6": "ip", "tcp": "port", "frame": "iface"}
"""What is meant by an unknown field of one of Wireshark's protocols when no name is close."""
