"""What hellos say, and the fingerprints of them."""

import pytest

from httpresp_capture.tls.fingerprints import ja3, ja3s, ja4
from httpresp_capture.tls.hello import Hello
from httpresp_capture.tls.names import alert_name, suite_name, version_name
from httpresp_capture.tls.suites import SUITES, Kind
from traffic.tls import Conversation


def extension(number: int, data: bytes) -> bytes:
    return number.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data


def client_hello(suites: bytes, *extensions: bytes) -> bytes:
    joined = b"".join(extensions)
    return (
        b"\3\3" + bytes(32) + b"\0" + len(suites).to_bytes(2, "big") + suites + b"\1\0"
        + len(joined).to_bytes(2, "big") + joined
    )  # fmt: skip


GREASE = bytes.fromhex("2a2a")
EXAMPLE = client_hello(
    GREASE + bytes.fromhex("130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035"),
    extension(0x1A1A, b""),
    extension(0, b"\0\x0b\0\0\x08a.exampl"),
    extension(23, b""),
    extension(65281, b"\0"),
    extension(10, b"\0\x08" + bytes.fromhex("caca001d00170018")),
    extension(11, b"\1\0"),
    extension(35, b""),
    extension(16, b"\0\x0c\2h2\x08http/1.1"),
    extension(5, b"\1\0\0\0\0"),
    extension(13, b"\0\x10" + bytes.fromhex("04030804040105030805050108060601")),
    extension(18, b""),
    extension(51, b""),
    extension(45, b"\1\1"),
    extension(43, b"\x06" + bytes.fromhex("caca03040303")),
    extension(27, b"\2\0\2"),
    extension(17513, b"\0\3\2h2"),
    extension(0x3A3A, b"\0"),
    extension(21, bytes(10)),
)


def test_the_published_fingerprints_of_a_browser() -> None:
    """The example of JA4's own documentation is a hello of Chrome with these lists."""
    hello = Hello(EXAMPLE, from_client=True)
    assert ja4(hello) == "t13d1516h2_8daaf6152771_e5627efa2ab1"
    assert ja3(hello) == "cd08e31494f9531f560d64c695473da9"


def test_what_means_nothing_is_no_part_of_a_fingerprint_and_nothing_hashes_to_zeros() -> None:
    """JA4: GREASE is ignored wherever it stands, and a list in which nothing is left is twelve zeros."""
    algorithms = extension(13, b"\0\x08" + bytes.fromhex("0403dada08040805"))
    plain = extension(13, b"\0\x06" + bytes.fromhex("040308040805"))
    first, second = (Hello(client_hello(b"\x13\x01", each), from_client=True) for each in (algorithms, plain))
    assert ja4(first) == ja4(second)
    named = extension(0, b"\0\x0b\0\0\x08a.exampl") + extension(16, b"\0\3\2h2")
    assert ja4(Hello(client_hello(GREASE, named), from_client=True)) == "t12d0002h2_000000000000_000000000000"


def test_every_suite_that_can_be_opened_has_its_name() -> None:
    for number, suite in SUITES.items():
        words = suite_name(number).split("_")
        assert {"GCM": "GCM", "CCM": "CCM", "CBC": "CBC", "CHACHA20": "CHACHA20"}[suite.kind.name] in words, words
        assert suite.kind is Kind.CHACHA20 or str(8 * suite.key_bytes) in words, words
        assert (suite.tag_bytes == 8) == (words[-1] == "8" or words[-2] == "8"), words
        assert suite.hash != "sha384" or words[-1] == "SHA384"


def test_what_a_client_offers() -> None:
    hello = Hello(EXAMPLE, from_client=True)
    assert (hello.server_name, hello.alpn) == ("a.exampl", ["h2", "http/1.1"])
    assert 0x0304 in hello.versions


def test_the_hellos_of_a_real_connection() -> None:
    made = Conversation(alpn=("h2",)).close()
    client = Hello(made.flights[0][1][9:], from_client=True)
    assert (client.server_name, client.alpn) == ("shop.example", ["h2"])
    server = Hello(made.flights[1][1][9 : 9 + int.from_bytes(made.flights[1][1][6:9], "big")], from_client=False)
    assert server.is_13
    assert suite_name(server.suite) == f"TLS_{made.client.cipher()[0].removeprefix('TLS_')}"  # type: ignore[index]
    assert len(ja3s(server)) == 32


@pytest.mark.parametrize("size", range(len(EXAMPLE)))
def test_one_that_is_cut_is_none_or_has_less(size: int) -> None:
    try:
        hello = Hello(EXAMPLE[:size], from_client=True)
    except ValueError:
        return
    assert len(ja3(hello)) == 32
    assert ja4(hello).startswith("t1")
    assert hello.server_name in "a.exampl"


def test_numbers_without_a_name_are_said_as_numbers() -> None:
    assert (version_name(0x7F1C), suite_name(0xFAFA), alert_name(200)) == ("TLS 0x7f1c", "0xfafa", "alert 200")
