"""A server that answers with the bytes of a table, among them many that no proper server would send.

python legacy.py ADDRESS PORT
"""

import socketserver
import sys
import time

ANSWERS: dict[str, tuple[bytes, ...]] = {
    "/folded": (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Note: first half\r\n  second half\r\n\r\nabc",),
    "/two-lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello",),
    "/bare-lf": (b"HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 6\n\nunixes",),
    "/no-reason": (b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",),
    "/odd-status": (b"HTTP/1.1 799 Whatever\r\nContent-Length: 0\r\n\r\n",),
    "/old": (b"HTTP/1.0 200 OK\r\nServer: CERN/3.0\r\nContent-Type: text/html\r\n\r\n", b"<h1>1996</h1>\n" * 20),
    "/markup": (
        b"HTTP/1.1 200 OK\r\nX-Markup: [bold red]not bold[/]\r\nX-Escape: \x1b[31mred\x1b]0;title\x07\r\n"
        b"X-Bidi: \xe2\x80\xaetxt.exe\r\nContent-Length: 2\r\n\r\nok",
    ),
    "/chunk-extension": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n\r\n",
        b'6;name="a;b"\r\nchunk \r\n',
        b"000a;sig=9f2e\r\nextensions\r\n0;last\r\nX-Checksum: 9b74\r\n\r\n",
    ),
    "/bad-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n", b"zz\r\nbad\r\n"),
    "/length-and-chunked": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    ),
    "/slow-head": (b"HTTP/1.1 200 O", b"K\r\nContent-Le", b"ngth: 4\r\n", b"\r\nslow"),
}
"""Target: what is sent, with a pause between the pieces."""

LAST = {"/two-lengths", "/old", "/bad-chunk"}
"""After these the connection closes."""


class Legacy(socketserver.StreamRequestHandler):
    """Reads requests just well enough to know the target."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            target = line.split()[1].decode()
            while self.rfile.readline().strip():
                pass
            for piece in ANSWERS.get(target, (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",)):
                self.wfile.write(piece)
                time.sleep(0.03)
            if target in LAST:
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    Server((sys.argv[1], int(sys.argv[2])), Legacy).serve_forever()
