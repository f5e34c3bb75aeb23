"""A key log that grows, is cut short, or is replaced."""

import os
from pathlib import Path

import pytest

from httpresp_capture.sources import key_log
from httpresp_capture.sources.key_log import KeyLogFile


def given(followed: KeyLogFile) -> bytes:
    """What came since the last time, without the ends of lines that are put in between."""
    came: list[bytes] = []
    followed.give(came.append)
    return b"".join(came).lstrip(b"\n")


def test_it_is_read_as_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    followed = KeyLogFile(str(path))
    assert given(followed) == b""
    path.write_bytes(b"one\ntw")
    assert given(followed) == b"one\ntw"
    assert given(followed) == b""
    with path.open("ab") as file:
        file.write(b"o\n")
    assert given(followed) == b"o\n"
    followed.close()


def complaint(followed: KeyLogFile) -> str:
    return "".join(event.message for event in followed.give(lambda _: None))


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_last_line_without_an_end_is_whole_when_nothing_more_comes(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys", Clock()
    path.write_bytes(b"one\ntwo")
    followed = KeyLogFile(str(path), clock=clock)
    came: list[bytes] = []
    followed.give(came.append)
    clock.now += key_log.ALONE - 0.25
    followed.give(came.append)
    assert b"".join(came) == b"\none\ntwo"
    clock.now += 0.25
    for _ in range(3):
        followed.give(came.append)
    assert b"".join(came) == b"\none\ntwo\n", "it was alone for a moment"
    followed.close()


def test_at_the_end_the_last_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    for text, wanted in ((b"one\ntwo", b"\none\ntwo\n"), (b"one\n", b"\none\n"), (b"", b"\n")):
        path.write_bytes(text)
        followed = KeyLogFile(str(path), clock=Clock())
        came: list[bytes] = []
        followed.give(came.append, last=True)
        assert b"".join(came) == wanted
        followed.close()


def test_a_line_that_was_taken_for_whole_comes_again_when_it_was_not(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys", Clock()
    path.write_bytes(b"one\ntw")
    followed = KeyLogFile(str(path), clock=clock)
    given(followed)
    for more, wanted in ((b"o", b"two"), (b"\nthr", b"two\nthr"), (b"ee\n", b"three\n")):
        clock.now += key_log.ALONE
        assert given(followed) == b""
        with path.open("ab") as file:
            file.write(more)
        assert given(followed) == wanted
    clock.now += key_log.ALONE
    came: list[bytes] = []
    followed.give(came.append)
    assert came == [], "no line is open"
    followed.close()


def test_a_line_of_another_file_does_not_come_again(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys", Clock()
    path.write_bytes(b"one\ntw")
    followed = KeyLogFile(str(path), clock=clock)
    given(followed)
    clock.now += key_log.ALONE
    given(followed)
    path.write_bytes(b"new")
    assert given(followed) == b"new"
    followed.close()


def test_what_is_no_key_log_is_said_once_where_somebody_named_it(tmp_path: Path) -> None:
    path = tmp_path / "keys\x1b"
    named, found = KeyLogFile(str(path), named=True), KeyLogFile(str(path))
    assert complaint(named) == ""
    path.write_bytes(b"")
    assert complaint(named) == ""
    path.write_bytes(b"these are words\n")
    assert complaint(named).startswith(f"--keylog: {tmp_path}/keys\\x1b holds no line of a key log")
    assert complaint(named) == ""
    assert complaint(found) == ""
    path.write_bytes(b"word\n")
    assert complaint(named) == ""
    named.close()
    found.close()


def test_a_mark_of_utf8_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"\xef\xbb\xbfCLIENT_RANDOM 0a 0b\nnext\n")
    followed = KeyLogFile(str(path), named=True)
    assert given(followed) == b"CLIENT_RANDOM 0a 0b\nnext\n"
    assert complaint(followed) == ""
    followed.close()


def test_one_that_was_cut_short_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"one\ntwo\n")
    followed = KeyLogFile(str(path))
    assert given(followed) == b"one\ntwo\n"
    path.write_bytes(b"new\n")
    assert given(followed) == b"new\n"
    followed.close()


@pytest.mark.parametrize("more", [b"six\nten\n", b"three\nfour\nfive\n"], ids=["as long", "longer"])
def test_one_that_was_cut_short_and_has_grown_again_since_is_read_anew(tmp_path: Path, more: bytes) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"one\ntwo\n")
    os.utime(path, ns=(0, 1_000))
    followed = KeyLogFile(str(path))
    assert given(followed) == b"one\ntwo\n"
    path.write_bytes(more)
    os.utime(path, ns=(0, 2_000))
    assert given(followed) == more
    with path.open("ab") as file:
        file.write(b"end\n")
    os.utime(path, ns=(0, 3_000))
    assert given(followed) == b"end\n"
    os.utime(path, ns=(0, 4_000))
    assert given(followed) == b""
    followed.close()


def test_one_that_was_replaced_is_read_anew_and_a_half_line_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"hal")
    followed = KeyLogFile(str(path))
    assert given(followed) == b"hal"
    (tmp_path / "next").write_bytes(b"other\n")
    os.replace(tmp_path / "next", path)
    came: list[bytes] = []
    followed.give(came.append)
    assert b"".join(came) == b"\nother\n"
    followed.close()


def test_of_a_long_one_the_end_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_log, "MOST", 10)
    path = tmp_path / "keys"
    path.write_bytes(b"a" * 50 + b"\nlast\n")
    followed = KeyLogFile(str(path))
    assert given(followed) == b"#aaaa\nlast\n"
    followed.close()


@pytest.mark.parametrize("kind", ["nothing", "folder"])
def test_what_cannot_be_read_gives_nothing(tmp_path: Path, kind: str) -> None:
    followed = KeyLogFile(str(tmp_path if kind == "folder" else tmp_path / "none"))
    assert given(followed) == b""
    followed.close()
