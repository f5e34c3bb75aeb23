"""Record one small capture of each real server, and beside it what its clients saw.

sudo PYTHONPATH=capture:tests python -m recordings.conformance
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from recordings import assemble
from recordings.clients import browser, curl, pipeline
from recordings.demo import API, APP, SHOP, Day, record
from recordings.hosts import servers
from recordings.network import ADDRESSES as AT
from recordings.network import enter, prepare

CAPTURES = Path(__file__).parent / "captures"


class Nginx(Day):
    """Files, ranges, revalidation, redirects and refusals; pipelines of GET and of HEAD; IPv6."""

    def visit(self) -> None:
        self.shopper()
        self.crawler()
        curl(self.diary, AT["laptop6"], f"http://[{AT['nginx6']}]/stock.csv", "-H", f"Host: {SHOP}")
        curl(self.diary, AT["laptop6"], f"http://[{AT['nginx6']}]/", "-H", f"Host: {SHOP}", "-I", method="HEAD")

    def until(self, second: float) -> None:
        """Nobody waits."""


class Python(Day):
    """An API: every status, two cookies in one answer, chunks, bodies without an end and without a middle."""

    def visit(self) -> None:
        api = f"http://{AT['python']}:8080"
        with browser(self.diary, AT["phone"], AT["python"], 8080, API) as app:
            app.ask("POST", "/v1/login", "{}", Content_Type="application/json")
            app.ask("GET", "/v1/orders?page=1", Accept_Encoding="gzip")
            app.ask("GET", "/v1/orders?page=1", If_None_Match='"orders-1"')
            app.ask("HEAD", "/v1/orders?page=2")
            app.ask("GET", "/v1/export")
            app.ask("DELETE", "/v1/orders/1061")
            app.ask("PATCH", "/v1/orders/1061", "{}")
            app.ask("GET", "/v1/log")
        with browser(self.diary, AT["phone"], AT["python"], 8080, API) as app:
            app.ask("GET", "/v1/cut")
        upload = ("-X", "PUT", "-H", "Expect: 100-continue", "-d", "x" * 3000)
        curl(self.diary, AT["laptop"], f"{api}/v1/upload", *upload, method="PUT")
        curl(self.diary, AT["laptop"], f"{api}/v1/orders?page=3", "--http1.0")
        requests = ("GET /v1/catalogue/", "HEAD /v1/orders?page=1", "DELETE /v1/orders/7", "GET /healthz")
        pipeline(self.diary, AT["stranger"], AT["python"], 8080, API, *requests)


class Node(Day):
    """Early hints, preflight, gzip in chunks, trailers, events, a WebSocket."""

    def visit(self) -> None:
        curl(self.diary, AT["laptop"], f"http://{AT['node']}:3000/")
        with browser(self.diary, AT["laptop"], AT["node"], 3000, APP) as tab:
            for name in ("items", "sum", "open", "crash", "nowhere", "events"):
                tab.ask("GET", f"/api/{name}", Origin="https://app.example.net")
            tab.ask("OPTIONS", "/api/items", Access_Control_Request_Method="GET")
            tab.ask("POST", "/login", "user=demo")
        requests = ("GET /api/open", "GET /api/sum", "HEAD /nowhere", "GET /account", "GET /healthz")
        pipeline(self.diary, AT["stranger"], AT["node"], 3000, APP, *requests)
        self.web_socket()


def main() -> None:
    enter("recordings.conformance")
    prepare()
    for name, kind in (("nginx.pcap.gz", Nginx), ("python.pcapng.gz", Python), ("node.pcapng.gz", Node)):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            stack.enter_context(servers(folder))
            client = kind()
            frames = record(folder, client.visit)
        assemble.save(frames, CAPTURES / name, len(frames))
        (CAPTURES / f"{name.partition('.')[0]}.expected.json").write_text(client.diary.text())


if __name__ == "__main__":
    main()
