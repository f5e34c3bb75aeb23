"""Where fuzzing begins: small captures of every link type, and every answer of the scenarios."""

from pathlib import Path
from random import Random

from httpresp_capture.net.link import DECODERS
from httpresp_capture.tracee.writer import EventWriter
from positives import POSITIVES
from samples import request, response
from traffic.captures import Recipe, RouteOf, make_capture, pcap, pcapng
from traffic.frames import LINKS, Route
from traffic.scenario import load
from traffic.values import Ends
from two_ends import TwoEnds, asking
from websocket_frames import frame
from wrapped import ETHERNET, TUNNELS, exchange
from wrapped import LINKS as LINK_TYPES

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def on_link(link_type: int, tags: tuple[tuple[int, int], ...]) -> RouteOf:
    """Every connection over one link layer."""

    def route(_rng: Random, ends: Ends) -> Route:
        return Route(ends, link_type, tags)

    return route


def capture_files() -> list[bytes]:
    """A few connections each; also big-endian microseconds, which our own writer does not write."""
    out: list[bytes] = []
    for seed, (link_type, tags) in enumerate(LINKS):
        recipe = Recipe(3, lost=0.05, route=on_link(link_type, tags))
        frames = make_capture(seed, recipe).frames[:25]
        out.append(pcap(frames, link_type))
        if seed % 3 == 0:
            out.append(pcapng(frames))
    mixed = make_capture(99, Recipe(4)).frames[:30]
    out.append(pcapng(mixed))
    return out


def directions() -> list[bytes]:
    """What one side says in each scenario, with the two bytes that the target reads first."""
    out: list[bytes] = []
    for scenario in load(SCENARIOS):
        for way, first in (("server", 0), ("client", 1), ("server", 6)):
            said = "".join(step.get("bytes", "") for step in scenario.told["steps"] if step.get("from") == way)
            if said:
                out.append(bytes((first, 21)) + said.encode("latin-1"))
    return out


def http2() -> list[bytes]:
    """What either end says in connections of HTTP/2, with the two bytes that the target reads first."""
    ends = TwoEnds()
    for number in range(3):
        ends.ask(asking(f"/{number}"), b"body" if number else None, ends=number != 2)
    ends.answer(1, [(":status", "103"), ("link", "</a>")], ends=False)
    ends.answer(1, [(":status", "200"), ("content-length", "4"), ("x-a", "b" * 60)], b"body")
    ends.answer(3, [(":status", "404"), ("content-encoding", "gzip")], b"body", [("grpc-status", "5")])
    ends.server.push_stream(5, 2, asking("/pushed"))
    ends.cross()
    ends.answer(2, [(":status", "200")], b"body" * 100)
    ends.server.reset_stream(5, 8)
    ends.cross()
    ends.server.close_connection(2)
    said = {asks: b"".join(data for by, data in ends.crossed if by is asks) for asks in (True, False)}
    asked, answered = said[True][24:], said[False] + ends.server.data_to_send()
    block = bytes.fromhex("40017801790f0d0131be3f4088")
    frames = [
        b"\0\0\x01\1\4\0\0\0\1\x88\0\0\x06\0\x09\0\0\0\1\x02abc\0\0",
        b"\0\0\x01\1\0\0\0\0\1\x88\0\0\x0d\x09\4\0\0\0\1" + block,
        b"\0\0\x0e\1\x2d\0\0\0\1\x02\x80\0\0\0\x10\x88\x84\x5c\x01\x31\x01\0\0\0",
        b"\0\0\x06\4\0\0\0\0\0\0\1\0\1\0\0\0\0\x05\2\0\0\0\0\3\0\0\0\1\x10",
        b"\0\x40\0\x0b\0\0\0\0\1" + bytes(40),
    ]
    both = [
        (bytes((first, size)), data) for size in (7, 63) for first, data in ((0, answered), (1, asked), (2, answered))
    ]
    return [head + data for head, data in both] + [bytes((first, 9)) + data for data in frames for first in (0, 1, 6)]


def frames() -> list[bytes]:
    """A request in every tunnel and behind every link type, with the byte that chooses it."""
    request = exchange(4)[2]
    of_kind = [(ETHERNET, wrap) for wrap, _ in TUNNELS.values()] + list(LINK_TYPES.values())
    return [bytes((sorted(DECODERS).index(link_type),)) + wrap(request) for link_type, wrap in of_kind]


def clocks() -> list[bytes]:
    """Steps of a clock: none, forth, back, back by hours and years, to and fro."""
    rng = Random(5)
    steady = [bytes((step,)) for step in (8, 9, 7, 0, 15, 0xA0, 0xAF, 0xD0, 0xDF, 0xFF)]
    return [*steady, *(rng.randbytes(12) for _ in range(6))]


def answers() -> list[bytes]:
    """A response that each check has something to say about."""
    return [answer for _, answer in POSITIVES.values()]


def secrets() -> list[bytes]:
    """Lines and bodies in which secrets stand, may stand, or only seem to."""
    return [
        b"X-A: 1",
        b"Authorization: Bearer abc\r\nX-Token : def\r\n folded\r\n\tmore",
        b"Set-Cookie: sid=" + b'"' * 300,
        b"Location: https://ann:pw@host/a;jsessionid=1?token=a&code=b#id_token=c",
        b"Link: <https://a.test/?key=AIzaSyEXAMPLEEXAMPLEEXAMPLE123456789>; rel=next",
        b"X-J: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        b"Cookie sid=abc",
        b'{"password":"a\\"b","tokens":["x"],"n":{"code":"E1"},"s":"{\\"key\\":\\"v\\"}"}',
        b"user=ann&password=a%26b&next=https%3A%2F%2Fx%3Ftoken%3Dy",
        b"<login><Password>x</Password></login><input name=\"csrf\" value='y'>",
        b'--b\r\nContent-Disposition: form-data; name="secret"\r\n\r\nx\r\n--b--',
        b"password = 'x' token: y1234567 Key (auth)=(z)",
        b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
        "‹cookie 3B #abcd› caf\xe9 ‹".encode(),
        b"=" * 200 + b":" * 200 + b"?a=" * 50 + b"%3D" * 50 + b"\\" * 50,
    ]


def places() -> list[bytes]:
    """Numbers that choose places, each with a line that holds no secret."""
    lines = (b"a", b'"', b"token", b"token=", b"\xff\xfe", b"Bearer ", b"%3D%3F", b"a=b; c", b"{", b"<b>", b"/a?b=")
    return [bytes((number, 7, 1, 3)) + line for number, line in enumerate(lines)]


def event_lines() -> list[bytes]:
    """Lines of ours and of Tracee's, one and several, whole and cut."""
    golden = [path.read_bytes() for path in sorted((SCENARIOS.parent / "golden").glob("*.jsonl"))]
    ours = b"".join(EventWriter().line(response(id=number, request=request())) for number in range(1, 4))
    lines = [line + b"\n" for text in (*golden, ours) for line in text.splitlines()]
    nested = b'{"httpresp":' + b"[" * 100_000
    return [*golden, ours, *lines[:8], ours[:-50], ours.replace(b":", b": -"), nested, b'{"timestamp":"x"}\n']


def harms() -> list[bytes]:
    """What happens to some flights of a connection: which, where, how, and what stands there then."""
    rng = Random(11)
    one = [bytes((which, place, way, 0xFF)) for which in range(6) for place, way in ((0, 0), (40, 1), (9, 2), (99, 3))]
    return [*one, *(rng.randbytes(4 * count) for count in range(1, 9))]


def key_logs() -> list[bytes]:
    """Lines of a key log, and what looks like some."""
    line = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48
    return [
        line + b"\n", line, line + b"\r\n" + line, line[:60], b"# a comment\n" + line, line.upper() + b"\n",
        b"\n\n \n" + line, b"EXPORTER_SECRET " + line[14:], line.replace(b"ab", b"zz"), line.replace(b" ", b"\t"),
        line + b" more\n", b"x" * 5_000 + b"\n" + line, bytes(range(256)), b"RSA 1 2\n", line.replace(b"cd", b""),
    ]  # fmt: skip


def websockets() -> list[bytes]:
    """Frames of each kind behind the byte that says how they come."""
    mask = b"\x01\x02\x03\x04"
    frames = [
        frame(1, b"hello", mask=mask), frame(1, b"{}") + frame(9, b"?"), frame(2, bytes(70_000)),
        frame(8, b"\x03\xe8bye"), frame(8, b"\x03"), b"\x01\x03abc\x80\x02de", b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\0",
        b"\x81\x7f" + b"\xff" * 8, b"\x83\x00", b"\x81\xfe\x00\x7e" + mask + bytes(126),
    ]  # fmt: skip
    return [bytes((how,)) + each for each in frames for how in (0, 3, 30, 255)]


SEEDS = {
    "capture-file": capture_files,
    "frame": frames,
    "one-direction": directions,
    "http2": http2,
    "clock-steps": clocks,
    "checks": answers,
    "redactor": secrets,
    "planted": places,
    "events": event_lines,
    "tls": harms,
    "quic": harms,
    "key-log": key_logs,
    "websocket": websockets,
}
