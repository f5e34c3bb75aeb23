"""Record the capture of `--demo`: a day of a small web shop in 25 seconds, from real servers and real clients.

    sudo PYTHONPATH=capture:tests python -m recordings.demo

What the clients saw is written beside it, for the tests to hold the events against.
"""

import gzip
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from recordings import assemble
from recordings.clients import Diary, browser, curl, pipeline, raw
from recordings.hosts import servers
from recordings.network import ADDRESSES as AT
from recordings.network import captured, enter, prepare

ROOT = Path(__file__).parents[2]
CAPTURE = ROOT / "capture/httpresp_capture/sources/demo.pcapng.gz"
TRUTH = Path(__file__).parent / "captures/demo.expected.json.gz"
SHOP, API, APP = "shop.example", "api.example.com", "app.example.net:3000"


class Day:
    """The people and programs of the demo; each method is one of them, on a thread of its own."""

    def __init__(self) -> None:
        self.diary = Diary()
        self.begun = time.monotonic()
        self.lossy = self.shuffled = self.tagged = 0

    def until(self, second: float) -> None:
        time.sleep(max(0.0, self.begun + second - time.monotonic()))

    def shopper(self) -> None:
        """Browses the shop: a page with its parts, revalidation, redirects, a range, HEAD, a cart that is full."""
        with browser(self.diary, AT["laptop"], AT["nginx"], 80, SHOP) as tab:
            page = tab.ask("GET", "/", Accept_Encoding="gzip")
            for part in ("app.css", "app.js", "0.png", "1.png", "2.png", "3.png"):
                tab.ask("GET", f"/assets/{part}", Accept_Encoding="gzip", Referer="http://shop.example/")
            tab.ask("GET", "/favicon.ico")
            self.until(2)
            tab.ask("GET", "/catalogue/", Accept_Encoding="gzip")
            tab.ask("GET", "/catalogue/?sale=1")
            self.until(3)
            tab.ask("GET", "/", If_Modified_Since=page.getheader("Last-Modified") or "")
            for part in ("app.css", "app.js", "0.png", "1.png"):
                tab.ask(
                    "GET", f"/assets/{part}", If_None_Match=tab.ask("HEAD", f"/assets/{part}").getheader("ETag") or ""
                )
            self.until(5)
            for path in ("/old/shoes", "/sale", "/catalogue", "/checkout", "/gone", "/teapot"):
                tab.ask("GET", path)
                time.sleep(0.15)
            self.until(9)
            tab.ask("GET", "/stock.csv", Range="bytes=0-499")
            tab.ask("GET", "/stock.csv", Range="bytes=0-9,100-109")
            tab.ask("GET", "/stock.csv", Range="bytes=9999999-")
            tab.ask("HEAD", "/stock.csv")
        with browser(self.diary, AT["laptop"], AT["nginx"], 80, SHOP) as tab:
            for word in ("boots", "boot", "boo"):
                tab.ask("GET", f"/search?q={word}")
            tab.ask("GET", "/private/plan.txt")
            tab.ask("GET", "/private/plan.txt", Authorization="Basic ZGVtbzpkZW1v")
            tab.ask("GET", "/internal/metrics")
            self.until(12)
            tab.ask("PUT", "/drop/note.txt", "a note\n")
            tab.ask("GET", "/drop/note.txt")
            tab.ask("DELETE", "/drop/note.txt")
            tab.ask("GET", "/recommendations/42")
            tab.ask("GET", "/reports/yearly")
            self.until(16)
            tab.ask("GET", "/reports/daily=0.4")
            tab.ask("POST", "/robots.txt", "no")
            tab.ask("POST", "/drop/big", "x" * 9000)

    def phone(self) -> None:
        """The shop's mobile application: a JSON API with every status it can think of."""
        self.until(0.4)
        session = {"Accept_Encoding": "gzip", "User_Agent": "ShopApp/4.2 (demo)"}
        with browser(self.diary, AT["phone"], AT["python"], 8080, API) as app:
            app.ask("GET", "/v1/me", **session)
            app.ask(
                "POST", "/v1/login", '{"user":"demo","password":"demo"}', Content_Type="application/json", **session
            )
            session["Cookie"] = "session=5f2c9e7a41d84b06; theme=dark"
            app.ask("GET", "/v1/me", **session)
            for number in range(1, 6):
                app.ask("GET", f"/v1/orders?page={number}", **session)
                time.sleep(0.2)
            app.ask("GET", "/v1/orders?page=1", If_None_Match='"orders-1"', **session)
            app.ask("HEAD", "/v1/orders?page=2", **session)
        self.until(6)
        with browser(self.diary, AT["phone"], AT["python"], 8080, API) as app:
            app.ask("POST", "/v1/orders", '{"sku":"A-001","quantity":2}', Content_Type="application/json", **session)
            app.ask("POST", "/v1/payments", '{"card":"4111"}', Content_Type="application/json", **session)
            app.ask("PUT", "/v1/orders/1061", '{"state":"paid"}', Content_Type="application/json", **session)
            app.ask("PATCH", "/v1/orders/1061", '{"state":"open"}', Content_Type="application/json", **session)
            app.ask("DELETE", "/v1/orders/1061", **session)
            app.ask("GET", "/v1/export", **session)
            app.ask("GET", "/v1/admin/users", **session)
        self.until(10)
        for path in ("/v1/log", "/v1/cut", "/v1/quota", "/v1/feature", "/v1/maintenance"):
            with browser(self.diary, AT["phone"], AT["python"], 8080, API) as app:
                app.ask("GET", path, **session)
            time.sleep(0.3)
        with browser(self.diary, AT["phone"], AT["python"], 8080, API) as app:
            for number in range(1, 13):
                app.ask(
                    "GET", f"/v1/orders/{2000 + number}" if number % 4 == 0 else f"/v1/orders?page={number % 6 + 1}"
                )
                time.sleep(0.4)
            app.ask("GET", "/slow/report=1.2")

    def web_app(self) -> None:
        """A page of Node's: preflight, gzip in chunks, trailers, forms, events."""
        self.until(1)
        origin = {"Origin": "https://app.example.net", "Accept_Encoding": "gzip"}
        with browser(self.diary, AT["laptop"], AT["node"], 3000, APP) as tab:
            tab.ask("GET", "/account", **origin)
            tab.ask("GET", "/login?next=%2Faccount", **origin)
            tab.ask(
                "POST", "/login", "user=demo&password=demo", Content_Type="application/x-www-form-urlencoded", **origin
            )
            tab.ask("OPTIONS", "/api/items", Access_Control_Request_Method="GET", **origin)
            for _ in range(3):
                tab.ask("GET", "/api/items", **origin)
                time.sleep(0.3)
            tab.ask("POST", "/api/items", '{"title":"Ship it"}', Content_Type="application/json", **origin)
            tab.ask("GET", "/api/sum", **origin)
            tab.ask("GET", "/api/open", **origin)
            tab.ask("GET", "/api/crash", **origin)
            tab.ask("GET", "/api/nowhere", **origin)
        self.until(8)
        with browser(self.diary, AT["laptop"], AT["node"], 3000, APP) as tab:
            tab.ask("GET", "/api/events", Accept="text/event-stream")
            for _ in range(10):
                tab.ask("GET", "/api/open", **origin)
                time.sleep(0.5)
        self.until(20)
        with browser(self.diary, AT["laptop"], AT["node"], 3000, APP) as tab:
            for _ in range(6):
                tab.ask("GET", "/api/items", **origin)
                time.sleep(0.4)

    def command_line(self) -> None:
        """curl: interim responses, an upload, HTTP/1.0, IPv6, TLS."""
        node, api = f"http://{AT['node']}:3000", f"http://{AT['python']}:8080"
        self.until(1.5)
        curl(self.diary, AT["laptop"], f"{node}/", "--compressed")
        curl(self.diary, AT["laptop6"], f"http://[{AT['nginx6']}]/", "-H", f"Host: {SHOP}")
        self.until(4)
        upload = ("-X", "PUT", "-H", "Expect: 100-continue", "-d", "x" * 3000)
        curl(self.diary, AT["laptop"], f"{api}/v1/upload", *upload, method="PUT")
        curl(self.diary, AT["laptop"], f"{api}/v1/orders?page=3", "--http1.0")
        for second in (5.0, 13.0):
            self.until(second)
            raw_url = f"https://{AT['secure']}/v1/orders?page=1"
            curl(Diary(), AT["laptop"], raw_url, "-k", "--http1.1")
        curl(self.diary, AT["laptop6"], f"http://[{AT['nginx6']}]/stock.csv", "-H", f"Host: {SHOP}")
        curl(self.diary, AT["laptop6"], f"http://[{AT['nginx6']}]/nowhere", "-H", f"Host: {SHOP}", "-I", method="HEAD")
        curl(self.diary, AT["laptop"], f"{node}/", "-H", "User-Agent: curl")

    def monitor(self) -> None:
        """Asks every service how it is, each time anew."""
        for second in range(0, 25, 3):
            self.until(second)
            curl(self.diary, AT["monitor"], f"http://{AT['nginx']}/healthz")
            curl(self.diary, AT["monitor"], f"http://{AT['python']}:8080/healthz")
            curl(self.diary, AT["monitor"], f"http://{AT['node']}:3000/healthz")

    def crawler(self) -> None:
        """Pipelines."""
        self.until(7)
        pages = ("/robots.txt", "/sitemap.xml", "/", "/old/hats", "/gone", "/assets/app.css", "/nowhere")
        pipeline(self.diary, AT["stranger"], AT["nginx"], 80, SHOP, *(f"GET {page}" for page in pages))
        self.until(15)
        heads = ("/robots.txt", "/stock.csv", "/", "/nowhere")
        pipeline(self.diary, AT["stranger"], AT["nginx"], 80, SHOP, *(f"HEAD {page}" for page in heads), "GET /")

    def scanner(self) -> None:
        """Looks for doors that were left open, and sends what is no HTTP."""
        self.until(17)
        with browser(self.diary, AT["stranger"], AT["nginx"], 80, AT["nginx"]) as probe:
            for path in (
                "/.env",
                "/.git/config",
                "/wp-login.php",
                "/admin/",
                "/phpinfo.php",
                "/backup.sql",
                "/internal/",
            ):
                probe.ask("GET", path, User_Agent="scan/0.1")
                time.sleep(0.12)
        raw(AT["stranger"], AT["nginx"], 80, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n")
        raw(AT["stranger"], AT["nginx"], 80, b"GET / HTTP/1.1\r\nBad Header\x00: 1\r\n\r\n")
        raw(AT["stranger"], AT["nginx"], 80, b"HELO shop.example\r\n\r\n")
        raw(
            AT["stranger"],
            AT["node"],
            3000,
            b"GET /api/open HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        )

    def antiquarian(self) -> None:
        """Talks to the server that breaks the rules."""
        self.until(11)
        for paths in (
            ("/folded", "/chunk-extension", "/markup", "/no-reason", "/slow-head"),
            ("/two-lengths",),
            ("/bare-lf", "/odd-status", "/length-and-chunked"),
            ("/old",),
            ("/bad-chunk",),
        ):
            requests = [f"GET {path} HTTP/1.1\r\nHost: legacy.example.org\r\n\r\n".encode() for path in paths]
            raw(AT["laptop"], AT["legacy"], 8081, *requests, pause=0.2)

    def socketeer(self) -> None:
        """Opens a WebSocket; leaves another download in the middle, with a reset."""
        self.until(6.5)
        self.web_socket()
        self.until(14)
        listen = b"GET /api/events HTTP/1.1\r\nHost: app.example.net\r\nAccept: text/event-stream\r\n\r\n"
        raw(AT["laptop"], AT["node"], 3000, listen, pause=0.9, reset=True)

    def web_socket(self) -> None:
        upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        hello = b"GET /socket HTTP/1.1\r\nHost: app.example.net\r\n" + upgrade
        masked = b"\x81\x85\x01\x02\x03\x04" + bytes(a ^ b for a, b in zip(b"hello", b"\1\2\3\4\1", strict=True))
        key = b"Sec-WebSocket-Key: ZGVtbyBkZW1vIGRlbW8hIQ==\r\n\r\n"
        client = raw(AT["laptop"], AT["node"], 3000, hello + key, masked, pause=0.5)
        accept = ("Sec-WebSocket-Accept", "/Hwp8XNQA+0HCb4LOSqOJV8BoR8=")
        answer = [("Upgrade", "websocket"), ("Connection", "Upgrade"), accept]
        self.diary.add(client, "GET", "/socket", 101, "Switching Protocols", answer, 0)

    def warehouse(self) -> None:
        """Three downloads on three connections: one will lose packets, one will be shuffled, one gets a VLAN tag."""
        for second, name in ((4.5, "lossy"), (12.5, "shuffled"), (18.5, "tagged")):
            self.until(second)
            with browser(self.diary, AT["monitor"], AT["nginx"], 80, SHOP) as connection:
                setattr(self, name, connection.client[1])
                for path in ("/robots.txt", "/stock.csv", "/sitemap.xml"):
                    connection.ask("GET", path, User_Agent="stock-sync/1.9")


def record(pieces: Path, *roles: Callable[[], None]) -> list[assemble.Frame]:
    """Everything on the network while these are at it, each on a thread."""
    recording = pieces / "recording.pcap"
    with captured(recording):
        threads = [threading.Thread(target=role) for role in roles]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(0.5)
    return assemble.frames_of(recording)


def main() -> None:
    enter("recordings.demo")
    prepare()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(servers(folder))
        day = Day()
        recorded = record(
            folder, day.shopper, day.phone, day.web_app, day.command_line, day.monitor, day.crawler, day.scanner,
            day.antiquarian, day.socketeer, day.warehouse,
        )  # fmt: skip
    frames = assemble.without_bare_acks(recorded)
    frames = assemble.lost(frames, day.lossy, 4, 5, 11)
    frames = assemble.shuffled(frames, day.shuffled)
    frames = assemble.tagged(frames, day.tagged, 42)
    assemble.save(frames, CAPTURE, len(recorded))
    ports = f'"lossy":{day.lossy},"shuffled":{day.shuffled},"tagged":{day.tagged}'
    TRUTH.write_bytes(gzip.compress(f'{{{ports},"responses":{day.diary.text()}}}'.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
