"""Chromium's own developer tools open what is exported as HAR: their importer finds every entry in it."""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Event, TextMessage
from wsproto.events import Request as Opening

from exported import hostile, written
from httpresp_capture.export.har import Har
from samples import NOT_FOUND, REDIRECT, TWO_COOKIES, response, unanswered

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DEVTOOLS = "devtools://devtools/bundled/devtools_app.html"
IMPORTED = """(async () => {
  const {HARFormat, Importer} = await import('./models/har/har.js');
  const requests = Importer.Importer.requestsFromHARLog(new HARFormat.HARRoot(JSON.parse(%s)).log);
  return requests.map(each => [each.requestMethod, each.url(), each.statusCode, each.mimeType]);
})()"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


class Page:
    """A tab, spoken to by the Chrome DevTools Protocol."""

    def __init__(self, port: int) -> None:
        asked = Request(f"http://127.0.0.1:{port}/json/new?{DEVTOOLS}", method="PUT")
        with urlopen(asked, timeout=60) as answer:
            path = json.load(answer)["webSocketDebuggerUrl"].partition(f":{port}")[2]
        self._socket = socket.create_connection(("127.0.0.1", port), 60)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._socket.settimeout(120)
        self._socket.sendall(self._protocol.send(Opening(host=f"127.0.0.1:{port}", target=path)))
        while not any(isinstance(event, AcceptConnection) for event in self._events()):
            pass
        self._count = 0

    def evaluate(self, expression: str) -> dict[str, Any]:
        """What comes of an expression, awaited: a `value`, or what went wrong."""
        self._count += 1
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        message = json.dumps({"id": self._count, "method": "Runtime.evaluate", "params": asked})
        self._socket.sendall(self._protocol.send(TextMessage(message)))
        text = ""
        while True:
            for event in self._events():
                if isinstance(event, TextMessage):
                    text += event.data
                    if event.message_finished:
                        answer, text = json.loads(text), ""
                        if answer.get("id") == self._count:
                            return answer.get("result", answer).get("result", answer)

    def close(self) -> None:
        self._socket.close()

    def _events(self) -> Iterator[Event]:
        data = self._socket.recv(1 << 16)
        assert data, "Chromium has left"
        self._protocol.receive_data(data)
        return iter(list(self._protocol.events()))


@contextmanager
def chromium(folder: Path) -> Generator[int]:
    """The port of one that runs without a screen."""
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--remote-allow-origins=*"]
    process = subprocess.Popen(
        [str(CHROMIUM), *words, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            found = re.search(r"DevTools listening on ws://127\.0\.0\.1:(\d+)/", line)
            if found is not None:
                yield int(found[1])
                return
        pytest.skip("Chromium does not run here")
    finally:
        process.terminate()
        process.wait(60)
        if process.stderr is not None:
            process.stderr.close()


def test_its_importer_finds_every_entry(tmp_path: Path) -> None:
    rows = [
        response(),
        response(NOT_FOUND, b"{}"),
        response(REDIRECT, b""),
        response(TWO_COOKIES),
        unanswered(),
        hostile(),
    ]
    text = written(Har, rows).decode("ascii")
    answer: dict[str, Any] = {}
    with chromium(tmp_path) as port:
        page = Page(port)
        try:
            for _ in range(300):
                answer = page.evaluate(IMPORTED % json.dumps(text))
                if "value" in answer:
                    break
                time.sleep(0.1)  # The tools are still loading.
        finally:
            page.close()
    if "value" not in answer:
        pytest.skip(f"these developer tools keep their importer elsewhere: {str(answer)[:200]}")
    found = answer["value"]
    assert [each[2] for each in found] == [200, 404, 302, 200, 0, 200]
    assert found[0] == ["GET", "http://shop.example:8080/shop/items?page=2", 200, "text/html; charset=utf-8"]
