"""Programs that others made speak HTTP/2 to each other through a relay that keeps the bytes."""

import shutil
import subprocess

import pytest

from httpresp_capture.records.outcome import Completeness
from peers import NODE, SERVERS, Relay, serving

pytestmark = pytest.mark.slow
CURL = shutil.which("curl")
SPEAKS = CURL is not None and "HTTP2" in subprocess.check_output([CURL, "--version"], text=True)
NODE_CLIENT = """
const [, origin, ...paths] = process.argv;
const session = require("http2").connect(origin);
let left = paths.length;
for (const path of paths) {
  const stream = session.request({":path": path});
  let status = 0, size = 0;
  stream.on("response", headers => { status = headers[":status"]; });
  stream.on("data", part => { size += part.length; });
  stream.on("end", () => { console.log(status, size); if (!--left) session.close(); });
}
"""
METHODS = {"GET": (), "HEAD": ("--head",), "POST": ("-d", "some=content")}
"""And how curl is told."""
PATHS = ("/200/5", "/404/0", "/200/300000", "/503/17000")


def asked(port: int, *words: str, path: str) -> tuple[int, int]:
    """Status and size of the response, as curl tells them."""
    command = [str(CURL), "-s", *words, "-o", "/dev/null", "-w", "%{http_code} %{size_download}"]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    status, size = done.stdout.split()
    return int(status), int(size)


@pytest.mark.skipif(not SPEAKS, reason="curl is not installed, or speaks no HTTP/2")
@pytest.mark.parametrize(
    ("server", "words", "method"),
    [
        *[
            (server, ("--http2-prior-knowledge", *more), method)
            for server in SERVERS
            for method, more in METHODS.items()
        ],
        ("hypercorn", ("--http2",), "GET"),  # By Upgrade, which Node does not offer.
    ],
)
def test_status_and_size_are_what_curl_tells(server: str, words: tuple[str, ...], method: str) -> None:
    with serving(server) as port:
        # curl 7.88 gives large answers up after an Upgrade to hypercorn.
        for path in PATHS[:2] if words == ("--http2",) else PATHS:
            relay = Relay(port)
            told = asked(relay.port, *words, path=path)
            *before, row = relay.rows()
            assert [each.status for each in before] == ([101] if words == ("--http2",) else [])
            assert (row.status, row.body_bytes) == told
            assert (row.protocol, row.problems) == ("HTTP/2", ())
            # Behind a head that has no content curl may leave before the frame that ends the stream.
            ends = (Completeness.COMPLETE, Completeness.CLOSED_EARLY)[: 2 if method == "HEAD" else 1]
            assert row.completeness in ends
            assert row.header("x-b") == "b" * 100
            assert row.request
            assert (row.request.method, row.request.target) == (method, path)
            assert row.request.host == f"127.0.0.1:{relay.port}"
            assert row.request.body == (b"some=content" if method == "POST" else b"")


@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
@pytest.mark.parametrize("server", SERVERS)
def test_streams_that_node_opens_together_are_what_it_tells(server: str) -> None:
    with serving(server) as port:
        relay = Relay(port)
        origin = f"http://127.0.0.1:{relay.port}"
        command = [str(NODE), "-e", NODE_CLIENT, origin, *PATHS * 5]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows = relay.rows()
    told = [(int(status), int(size)) for status, size in map(str.split, done.stdout.splitlines())]
    assert sorted((row.status, row.body_bytes) for row in rows) == sorted(told)
    assert len({row.stream for row in rows}) == len(rows) == 5 * len(PATHS)
    for row in rows:
        assert (row.completeness, row.problems) == (Completeness.COMPLETE, ())
        assert row.request
        assert row.request.target == f"/{row.status}/{row.header('x-size')}"
