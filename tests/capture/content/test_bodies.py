"""Content codings are taken off under a ceiling, and what fails is said."""

import gzip
import importlib.util
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from httpresp_capture.content.bodies import decode, text
from httpresp_capture.content.charsets import codec

PLAIN = b'{"hello": "world", "list": [1, 2, 3]}' * 40


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def brotli(data: bytes) -> bytes:
    return pytest.importorskip("brotli", reason="the codings extra is not installed").compress(data)


def zstd(data: bytes) -> bytes:
    return pytest.importorskip("zstandard", reason="the codings extra is not installed").compress(data)


CODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli, "zstd": zstd}


@pytest.mark.parametrize("name", CODERS)
def test_a_body_comes_back_as_it_was(name: str) -> None:
    decoded = decode(CODERS[name](PLAIN), name)
    assert (decoded.data, decoded.codings, decoded.complete, decoded.problem) == (PLAIN, (name,), True, "")


@pytest.mark.parametrize("name", CODERS)
def test_the_first_half_of_a_body_is_decoded_as_far_as_it_goes(name: str) -> None:
    plain = random.Random(3).randbytes(200_000)
    coded = CODERS[name](plain)
    decoded = decode(coded[: len(coded) // 2], name, whole=False)
    # Brotli holds back a block that it has not seen to the end.
    assert plain.startswith(decoded.data)
    assert (decoded.complete, decoded.problem) == (False, "")
    assert name == "br" or len(decoded.data) > 10_000


@pytest.mark.parametrize("name", CODERS)
def test_a_body_that_should_be_whole_and_ends_early_is_a_problem(name: str) -> None:
    decoded = decode(CODERS[name](PLAIN)[:-3], name)
    assert (decoded.complete, decoded.problem, decoded.detail) == (False, "bad-coding", f"{name} data end too early")


@pytest.mark.parametrize("name", CODERS)
def test_bytes_that_are_no_such_coding_are_a_problem_and_not_an_exception(name: str) -> None:
    decoded = decode(b"\xff\xfe<html>this was never compressed</html>" * 9, name)
    assert (decoded.complete, decoded.problem) == (False, "bad-coding")
    assert decoded.detail.startswith(f"{name}: ")
    assert decoded.detail.isascii()


@pytest.mark.slow
@pytest.mark.parametrize("name", CODERS)
def test_a_bomb_is_stopped_by_its_ratio(name: str) -> None:
    bomb = CODERS[name](bytes(100_000_000))
    decoded = decode(bomb, name, max_output=1 << 30)
    assert decoded.problem == "decompression-bomb"
    assert len(decoded.data) < 4_000_000


@pytest.mark.parametrize("name", CODERS)
def test_the_ceiling_of_output_holds_for_an_honest_body_too(name: str) -> None:
    plain = random.Random(3).randbytes(300_000)
    decoded = decode(CODERS[name](plain), name, max_output=100_000)
    assert decoded.data == plain[:100_000]
    assert (decoded.complete, decoded.problem, decoded.detail) == (False, "", "stopped at 100,000 bytes")


def test_a_bomb_between_two_codings_is_stopped_as_well() -> None:
    # 100 MB of zeros are no gzip, but the layer between would have been 100 MB.
    decoded = decode(gzip.compress(gzip.compress(bytes(50_000_000))), "gzip, gzip")
    assert decoded.problem == "decompression-bomb"


def test_codings_come_off_in_the_reverse_order() -> None:
    decoded = decode(gzip.compress(zlib.compress(PLAIN)), "Deflate , GZIP")
    assert (decoded.data, decoded.codings) == (PLAIN, ("gzip", "deflate"))


def test_deflate_without_the_zlib_wrapper_is_read_too() -> None:
    assert decode(raw_deflate(PLAIN), "deflate").data == PLAIN


def test_gzip_members_in_a_row_are_one_body() -> None:
    assert decode(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip").data == b"one two"


def test_bytes_after_the_end_are_counted_and_the_body_stands() -> None:
    decoded = decode(gzip.compress(PLAIN) + b"surplus", "gzip")
    assert (decoded.data, decoded.complete, decoded.problem) == (PLAIN, True, "")
    assert decoded.detail == "7 bytes after the end of the gzip data"


def test_an_unknown_coding_is_left_on_and_said() -> None:
    decoded = decode(gzip.compress(b"?"), "exi\x1b, gzip")
    assert (decoded.data, decoded.codings, decoded.left) == (b"?", ("gzip",), ("exi\x1b",))
    assert decoded.detail == r"coding 'exi\x1b' is not known"
    assert decode(b"?", "exi").data == b"?"


def test_a_library_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", refuse)
    decoded = decode(b"\x0b\x02\x80hello\x03", "br")
    assert (decoded.data, decoded.left) == (b"\x0b\x02\x80hello\x03", ("br",))
    assert decoded.detail == "br: install httpresp-tui[codings]"


def test_no_coding_is_the_body_itself() -> None:
    assert decode(b"plain", "").data == b"plain"
    assert decode(b"plain", " identity ").complete
    assert decode(b"", "gzip").complete, "an answer to HEAD names the coding and has no body"


def test_more_than_five_codings_are_refused() -> None:
    assert decode(b"x", ",".join(["gzip"] * 6)).problem == "bad-coding"


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate"]))
def test_arbitrary_bytes_never_raise(body: bytes, coding: str) -> None:
    if importlib.util.find_spec("brotli") is None or importlib.util.find_spec("zstandard") is None:
        pytest.skip("the codings extra is not installed")
    decoded = decode(body, coding, max_output=10_000)
    assert len(decoded.data) <= 10_000


@pytest.mark.parametrize(
    ("data", "content_type", "expected"),
    [
        (b"caf\xc3\xa9", "", "café"),
        (b"caf\xe9 au lait", "", "café au lait"),
        (b"caf\xe9", "text/html; charset=ISO-8859-1", "café"),
        (b"\x93hi\x94", 'text/plain; charset="latin1"', "“hi”"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "text/html; charset=iso-8859-1", "café"),
        (b"\xff\xfeh\0i\0", "", "hi"),
        (b'<html><meta charset="shift_jis">\x83n', "text/html", '<html><meta charset="shift_jis">ハ'),
        (b'<?xml version="1.0" encoding="koi8-r"?>\xc1', "text/xml", '<?xml version="1.0" encoding="koi8-r"?>а'),
        (b"caf\xc3", "text/plain", "caf\ufffd"),
        (b"\\x41", "text/plain; charset=unicode_escape", "\\x41"),
        (b"eJw", "text/plain; charset=zlib", "eJw"),
        (b"x", "text/plain; charset=no-such-thing", "x"),
        (b'<META CHARSET="Shift_JIS">\x83n', "text/html", '<META CHARSET="Shift_JIS">ハ'),
        ("año ünï".encode("utf-16-le"), "text/html; charset=utf-16le", "año ünï"),
        ("año ünï".encode("utf-16-be"), "text/html; charset=UTF-16BE", "año ünï"),
        ("año".encode("utf-16-le"), "text/html; charset=utf-16", "año"),
        ("日本語".encode("iso2022_jp"), "text/plain; charset=iso-2022-jp", "日本語"),
        (b"\x1b(I1\x1b(B", "text/plain; charset=csiso2022jp", "ｱ"),
        (b"\x87\x40", "text/plain; charset=x-sjis", "①"),
        (b"\x87\x40", "text/plain; charset=windows-31j", "①"),
        (b"\xe0\xe1", "text/plain; charset=logical", "אב"),
        (b"\xa1", "text/plain; charset=windows-874", "ก"),
        (b"\x81\x41", "text/plain; charset=windows-949", "갂"),
        (b"\x81\x30\x81\x30", "text/plain; charset=x-gbk", "\x80"),
        (b"\xa4\xa2", "text/plain; charset=x-euc-jp", "あ"),
        (b"\xc0", "text/plain; charset=x-cp1251", "А"),
        (b"a\x80", "text/plain; charset=x-user-defined", "a\uf780"),
        (b'<meta charset="utf-16">caf\xc3\xa9', "text/html", '<meta charset="utf-16">café'),
        (b'<meta charset="x-user-defined">\x93', "text/html", '<meta charset="x-user-defined">“'),
        (b"~{VPND~}", "text/plain; charset=hz-gb-2312", "中文"),
        (b"\x81", "text/plain; charset=cp437", "ü"),
    ],
)
def test_the_charset_is_found(data: bytes, content_type: str, expected: str) -> None:
    assert text(data, content_type) == expected


@pytest.mark.parametrize("label", [label for label, name in LABELS.items() if name != "replacement"])
def test_every_label_of_the_web_is_read_with_its_own_codec(label: str) -> None:
    """WHATWG Encoding §4.2; those of "replacement" browsers read as one U+FFFD."""
    found = codec(label)
    assert found is not None
    assert isinstance(found.decode(bytes(range(256)), "replace")[0], str)


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_bytes_are_some_text(data: bytes, label: str) -> None:
    assert isinstance(text(data, "text/plain; charset=" + label), str)
