"""Fingerprints of hellos: JA3 and JA3S (https://github.com/salesforce/ja3), and JA4 (https://github.com/FoxIO-LLC/ja4).

The sisters of JA4 are under a licence that does not fit, and are not made.
"""

import hashlib

from httpresp_capture.tls.hello import ALPN, GROUPS, POINT_FORMATS, SERVER_NAME, SIGNATURE_ALGORITHMS, Hello
from httpresp_capture.tls.names import TLS10, TLS11, TLS12, TLS13

_VERSIONS = {TLS13: "13", TLS12: "12", TLS11: "11", TLS10: "10", 0x0300: "s3"}


def _is_grease(number: int) -> bool:
    """RFC 8701: numbers that mean nothing, so that servers do not grow used to the others."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def _joined(numbers: list[int]) -> str:
    return "-".join(str(number) for number in numbers if not _is_grease(number))


def ja3(client: Hello) -> str:
    """JA3 of a client's hello: MD5 in hexadecimal."""
    parts = (
        str(client.version),
        _joined(client.suites),
        _joined(list(client.extensions)),
        _joined(client.numbers(GROUPS)),
        "-".join(map(str, client.extensions.get(POINT_FORMATS, b"")[1:])),
    )
    return hashlib.md5(",".join(parts).encode(), usedforsecurity=False).hexdigest()


def ja3s(server: Hello) -> str:
    """JA3S of a server's hello: MD5 in hexadecimal."""
    text = f"{server.version},{server.suite},{'-'.join(map(str, server.extensions))}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def ja4(client: Hello) -> str:
    """JA4 of a client's hello over TCP."""
    versions = [number for number in client.versions if not _is_grease(number)] or [client.version]
    suites = [number for number in client.suites if not _is_grease(number)]
    extensions = [number for number in client.extensions if not _is_grease(number)]
    name = client.alpn[0] if client.alpn and client.alpn[0] else ""
    first = (
        f"t{_VERSIONS.get(max(versions), '00')}{'d' if client.has(SERVER_NAME) else 'i'}"
        f"{min(99, len(suites)):02}{min(99, len(extensions)):02}{_alpn(name)}"
    )
    second = ",".join(sorted(f"{number:04x}" for number in suites))
    third = ",".join(sorted(f"{number:04x}" for number in extensions if number not in (SERVER_NAME, ALPN)))
    algorithms = [number for number in client.numbers(SIGNATURE_ALGORITHMS) if not _is_grease(number)]
    if algorithms:
        third += "_" + ",".join(f"{number:04x}" for number in algorithms)
    return f"{first}_{_short(second)}_{_short(third)}"


def _alpn(name: str) -> str:
    """First and last character; of others than letters and digits, of the hexadecimal form."""
    if not name:
        return "00"
    if name[0].isascii() and name[0].isalnum() and name[-1].isascii() and name[-1].isalnum():
        return name[0] + name[-1]
    data = name.encode("latin-1").hex()
    return data[0] + data[-1]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "0" * 12
