"""No output, file, message or copy holds a byte of a key, in whatever way bytes are written."""

import base64
import ssl
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from httpresp_capture.event_formats import EVENT_FORMATS
from httpresp_capture.export.reports import REPORTS
from httpresp_capture.records.events import CaptureEvent, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.secrets import Secrets
from httpresp_capture.redaction import Redactor
from httpresp_capture.tls.opening import Opening
from httpresp_capture.tls.protection import Protection13
from httpresp_capture.tls.suites import SUITES
from httpresp_tui.cli.main import main
from httpresp_tui.screens.copy_menu import COPIES
from httpresp_tui.text.run import NO_RUN
from key_bytes import secrets_in, told_of
from plain_rooms import replaces_parts
from scripted import Scripted, running, screen_text, status
from traffic.captures import pcapng
from traffic.tls import Conversation
from traffic.watching import Watcher

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
BOTH = pytest.mark.parametrize("version", [V12, V13])
WORDS = [
    ["--json", "--findings", "--no-redact", "--json-progress"],
    *(["--format", name] for name in EVENT_FORMATS),
    *(["check", "--format", name] for name in REPORTS),
]


@cache
def talk(version: ssl.TLSVersion) -> Conversation:
    made = Conversation(version)
    for number in range(4):
        made.ask(b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % number)
        made.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nabc")
    return made.close()


def files(version: ssl.TLSVersion, folder: Path) -> tuple[str, str]:
    """A capture and its key log."""
    made = talk(version)
    capture, keys = folder / "a.pcapng", folder / "keys"
    capture.write_bytes(pcapng(made.frames()))
    keys.write_bytes(made.keys)
    return str(capture), str(keys)


@pytest.mark.parametrize("shown", [bytes.hex, base64.b64encode, repr, list], ids=["hex", "base64", "repr", "numbers"])
def test_what_looks_for_keys_finds_them(shown: Any) -> None:
    """In a text where one stands."""
    secret = secrets_in(talk(V13).keys)[0]
    text = shown(secret)
    data = text if isinstance(text, bytes) else str(text).encode()
    assert told_of(talk(V13).keys, b"some " + data)
    assert not told_of(talk(V13).keys, b"none of it")


@BOTH
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_no_output_holds_a_byte_of_a_key(
    version: ssl.TLSVersion, words: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    capture, keys = files(version, tmp_path)
    main([*words, "-r", capture, "--keylog", keys])
    said = b"".join(capfdbinary.readouterr())
    assert b"shop.example" in said or b"4 responses" in said  # It was opened.
    assert told_of(talk(version).keys, said) == []


def test_the_doctor_tells_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _, keys = files(V13, tmp_path)
    monkeypatch.setenv("SSLKEYLOGFILE", keys)
    main(["--doctor"])
    said = b"".join(capfdbinary.readouterr())
    assert said
    assert told_of(talk(V13).keys, said) == []


@replaces_parts
@BOTH
@pytest.mark.parametrize("place", ["_content", "_protect", "_messages"])
def test_an_error_of_our_own_tells_none(
    version: ssl.TLSVersion,
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """What it says of itself is what holds the keys, as an error says of it."""

    def fails(opening: Opening, *words: object) -> None:
        carrier = opening._carrier  # pyright: ignore[reportPrivateUsage]
        held = opening, carrier, carrier.secrets(), opening.client.protection, opening.server.protection
        raise RuntimeError(f"{held!r} {words!r}"[:4_000])

    capture, keys = files(version, tmp_path)
    monkeypatch.setattr(Opening, place if (place, version) != ("_protect", V12) else "_protect_12", fails)
    main(["--json", "-r", capture, "--keylog", keys])
    said = b"".join(capfdbinary.readouterr())
    assert b"RuntimeError" in said
    assert told_of(talk(version).keys, said) == []


def test_whatever_holds_keys_has_a_text_without_them() -> None:
    secrets = Secrets()
    secrets.add(talk(V13).keys)
    secret = secrets_in(talk(V13).keys)[0]
    text = f"{secrets!r} {Protection13(secret, SUITES[0x1301])!r}"
    assert told_of(talk(V13).keys, text.encode()) == []


def rows_of(version: ssl.TLSVersion) -> tuple[Response, ...]:
    watcher = Watcher()
    watcher.pipeline.expect_secrets()
    watcher.pipeline.add_secrets(talk(version).keys)
    for frame in talk(version).frames():
        watcher.feed(frame)
    rows = watcher.finish().responses
    assert len(rows) == 4
    return rows


@BOTH
def test_no_copy_holds_one(version: ssl.TLSVersion) -> None:
    for row in rows_of(version):
        for redactor in (None, Redactor(b"salt")):
            for copy in COPIES:
                if not copy.missing(row):
                    text = copy.make(row, redactor, NO_RUN).text
                    assert told_of(talk(version).keys, text.encode()) == []


@pytest.mark.slow
@BOTH
async def test_neither_the_screen_nor_a_file_that_it_leaves_holds_one(version: ssl.TLSVersion, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    batch: list[CaptureEvent] = [*map(ResponseSeen, rows_of(version)), status(ended=True)]
    async with running(Scripted(batch), folder) as (app, pilot):
        await pilot.press("slash", *"sni:shop", "enter", "enter")
        for _ in range(8):
            await pilot.press("right_square_bracket")
            assert told_of(talk(version).keys, screen_text(app).encode()) == []
    left = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert any(b"sni:shop" in data for data in left), "the history"
    assert told_of(talk(version).keys, b"".join(left)) == []
