"""The servers of a recording: nginx with its files, Python, Node, a TLS one, and the one that breaks the rules."""

import random
import subprocess
import sys
import zlib
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from recordings.clients import wait_for
from recordings.network import ADDRESSES, running

SERVERS = Path(__file__).parent / "servers"


@contextmanager
def servers(folder: Path) -> Generator[None, None, None]:
    """All of them, listening."""
    www(folder)
    certificate = folder / "throwaway.pem"
    subprocess.run(
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=pay.example "
        f"-keyout {certificate} -out {folder / 'cert.pem'}".split(),
        check=True,
        capture_output=True,
    )
    certificate.write_text(certificate.read_text() + (folder / "cert.pem").read_text())
    at = ADDRESSES
    with ExitStack() as stack:
        stack.enter_context(running("nginx", "-p", f"{folder}/", "-c", "nginx.conf", "-e", "/dev/null", cwd=folder))
        stack.enter_context(running("node", str(SERVERS / "app.js"), at["node"], "3000"))
        for name, port, *more in (
            ("api.py", "8080", at["python"]),
            ("api.py", "443", at["secure"], str(certificate)),
            ("legacy.py", "8081", at["legacy"]),
        ):
            stack.enter_context(running(sys.executable, str(SERVERS / name), more[0], port, *more[1:]))
        ports = {"nginx": 80, "nginx6": 80, "node": 3000, "python": 8080, "secure": 443, "legacy": 8081}
        for name, port in ports.items():
            wait_for(at[name], port)
        yield


def www(folder: Path) -> None:
    """nginx's configuration and its files: text that compresses and images that do not."""
    (folder / "nginx.conf").write_text((SERVERS / "nginx.conf").read_text())
    (folder / "passwords").write_text("demo:{PLAIN}demo\n")
    # nginx's workers are nobody.
    for name in ("temp", "cache", "www", "www/assets", "www/private", "www/drop", "www/internal"):
        (folder / name).mkdir()
    for name in ("temp", "cache", "www/drop"):
        (folder / name).chmod(0o777)
    folder.chmod(0o755)
    files = folder / "www"
    lines = "".join(f"<li><a href=/catalogue/?item={n}>Item {n}</a> <b>{n * 37 % 90}.90</b>\n" for n in range(120))
    (files / "index.html").write_text(f"<!doctype html><title>Shop</title><ul>\n{lines}</ul>\n")
    (files / "search.json").write_text('{"hits":[]}')
    (files / "robots.txt").write_text("User-agent: *\nDisallow: /private/\n")
    (files / "sitemap.xml").write_text("<urlset/>\n")
    (files / "private/plan.txt").write_text("nothing to see\n")
    (files / "stock.csv").write_text("".join(f"A-{n:05},{n * 7919 % 100003},{n * 31 % 7}\n" for n in range(1_800)))
    (files / "assets/app.css").write_text("".join(f".c{n}{{margin:{n}px}}\n" for n in range(200)))
    (files / "assets/app.js").write_text("".join(f"export const f{n} = () => {n};\n" for n in range(200)))
    for number in range(4):
        (files / f"assets/{number}.png").write_bytes(picture(number))


def picture(number: int) -> bytes:
    """A PNG of 32 by 32 points at random, always the same for a number."""
    points = random.Random(number)
    rows = b"".join(b"\0" + points.randbytes(96) for _ in range(32))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = b"\0\0\0\x20\0\0\0\x20\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
