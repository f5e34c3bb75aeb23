"""QUIC is a row with what its Initial packets say: aioquic speaks, the pipeline listens."""

import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from httpresp_capture.quic.connection import Crypto
from httpresp_capture.quic.initial import InitialKeys, Version
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.records.outcome import Completeness, EndReason
from httpresp_capture.records.tls import HANDSHAKE, NO_KEY
from plain_rooms import replaces_parts
from traffic.quic import CLIENT, SERVER, STEP, VERSION_1, VERSION_2, Said, datagrams, talk
from traffic.values import Frame
from traffic.watching import Watched, Watcher

ETHERNET_AND_IP4 = 14 + 20


def watched(given: Iterable[Frame]) -> Watched:
    watcher = Watcher()
    for frame in given:
        watcher.feed(frame)
    return watcher.finish()


def row_of(seen: Watched) -> Response:
    assert seen.responses == ()
    (row,) = seen.encrypted
    return row


def test_a_row_says_who_and_how_much() -> None:
    said = talk()
    row = row_of(watched(datagrams(said)))
    tls, facts = row.flow.tls, row.encrypted
    assert tls is not None
    assert facts is not None
    assert (row.flow.transport, row.flow.client, row.flow.client_port) == ("UDP", CLIENT, 50_000)
    assert (row.flow.server, row.flow.server_port, row.host) == (SERVER, 443, "shop.example")
    assert (tls.version, tls.sni, tls.alpn, tls.state) == ("QUIC v1", "shop.example", "h3", NO_KEY)
    assert tls.cipher_suite in {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"}
    assert tls.handshake_ns is not None
    assert tls.ja4.startswith("q13d")
    assert (row.completeness, row.end) == (Completeness.ENCRYPTED, EndReason.CAPTURE_END)
    assert facts.client_bytes == sum(len(data) for from_client, data in said if from_client)
    assert facts.server_bytes == sum(len(data) for from_client, data in said if not from_client)
    assert facts.exchanges == 0


@pytest.mark.parametrize("also", [(), tuple([f"protocol-{number}" for number in range(120)])])
def test_what_a_row_tells_of_is_not_counted_as_not_read_beside_it(also: tuple[str, ...]) -> None:
    """The hello may take several datagrams, so that some come before there is anything to tell."""
    given = datagrams(talk(also=also))
    watcher = Watcher()
    watcher.feed(given[0])
    assert watcher.pipeline.counters().not_tcp == (1 if also else 0)
    counters = watched(given).counters
    assert (counters.packets, counters.flows, counters.flows_encrypted) == (len(given), 1, 1)
    assert (counters.not_tcp, counters.unread) == (0, ())


def test_datagrams_of_which_no_row_tells_are_counted_as_not_read() -> None:
    said = [(from_client, data) for from_client, data in talk() if not data[0] & 0x80]
    stranger = bytes([0xC3]) + b"\0\0\0\1\x08abcdefgh\0\0\x44\xd0" + bytes(60)
    given = datagrams([(True, stranger), *said])
    counters = watched(given).counters
    assert len(given) > 1
    assert (counters.flows, counters.flows_encrypted, counters.not_tcp) == (0, 0, len(given))
    assert [(one.kind, one.count) for one in counters.unread] == [("QUIC", len(given))]


def test_version_2() -> None:
    tls = row_of(watched(datagrams(talk(version=VERSION_2)))).flow.tls
    assert tls is not None
    assert (tls.version, tls.sni, tls.state) == ("QUIC v2", "shop.example", NO_KEY)


def facts_of(said: Said) -> tuple[str, str, str, int]:
    row = row_of(watched(datagrams(said)))
    tls, facts = row.flow.tls, row.encrypted
    assert tls is not None
    assert facts is not None
    assert facts.server_bytes == sum(len(data) for from_client, data in said if not from_client)
    assert tls.cipher_suite
    return tls.version, tls.sni, tls.state, facts.client_bytes


def test_behind_a_retry_it_is_the_same_connection() -> None:
    said = talk(first="retry")
    sent = sum(len(data) for from_client, data in said if from_client)
    assert facts_of(said) == ("QUIC v1", "shop.example", NO_KEY, sent)


@pytest.mark.parametrize(
    ("asked", "answers", "told"), [(VERSION_1, VERSION_2, "QUIC v2"), (VERSION_2, VERSION_1, "QUIC v1")]
)
@pytest.mark.parametrize("first", ["versions", ""])
def test_a_server_that_speaks_another_version_is_followed(asked: int, answers: int, told: str, first: str) -> None:
    said = talk(version=asked, server=answers, first=first)
    sent = sum(len(data) for from_client, data in said if from_client)
    assert facts_of(said) == (told, "shop.example", NO_KEY, sent)


def test_who_was_not_asked_to_begin_again_is_another_connection() -> None:
    (_, hello), (_, retry), *rest = talk(first="retry")
    for stray in (retry[:6] + bytes(8) + retry[14:], retry[:15] + bytes(8) + retry[23:], retry[:20]):
        seen = watched(datagrams([(True, hello), (False, stray), *rest]))
        assert [row.end for row in seen.encrypted] == [EndReason.PORT_REUSED, EndReason.CAPTURE_END]


def test_a_hello_over_several_packets_is_put_together_in_any_order() -> None:
    said = talk(name=f"{'a' * 60}.{'b' * 60}.{'c' * 60}.example")
    whole = datagrams(said)
    for seed in range(20):
        given = list(whole)
        Random(seed).shuffle(given)
        tls = watched(given).encrypted[-1].flow.tls
        assert tls is not None
        assert tls.sni.endswith(".example")


def test_each_datagram_may_be_missing() -> None:
    given = datagrams(talk())
    for lost in range(len(given)):
        seen = watched(given[:lost] + given[lost + 1 :])
        assert len(seen.encrypted) <= 1
        for row in seen.encrypted:
            assert row.flow.tls is not None
            assert row.flow.tls.sni == "shop.example"


def test_without_an_answer_the_handshake_is_open() -> None:
    said = talk()
    tls = row_of(watched(datagrams(said[:1]))).flow.tls
    assert tls is not None
    assert (tls.state, tls.sni, tls.cipher_suite) == (HANDSHAKE, "shop.example", "")


def test_the_same_sockets_may_have_another_connection() -> None:
    seen = watched([*datagrams(talk()), *datagrams(talk(name="other.example"))])
    names = [row.flow.tls.sni for row in seen.encrypted if row.flow.tls is not None]
    assert names == ["shop.example", "other.example"]
    assert [row.end for row in seen.encrypted] == [EndReason.PORT_REUSED, EndReason.CAPTURE_END]
    assert len({row.flow.id for row in seen.encrypted}) == 2


def test_what_is_silent_for_long_is_over() -> None:
    given = datagrams(talk())
    late = Frame(given[-1].at + 3_600_000_000_000, 1, given[-1].data, given[-1].wire_length)
    seen = watched([*given, late])
    assert [row.end for row in seen.encrypted] == [EndReason.IDLE]


def broken(said: Said, seed: int) -> Said:
    drawn = Random(seed)
    made: Said = []
    for from_client, data in said:
        changed = bytearray(data)
        for _ in range(drawn.randrange(6)):
            changed[drawn.randrange(len(changed))] = drawn.randrange(256)
        made.append((from_client, bytes(changed[: drawn.randrange(8, len(changed) + 1)])))
    return made


def test_broken_packets_end_nothing_and_name_nobody() -> None:
    said = talk()
    for seed in range(200):
        for row in watched(datagrams(broken(said, seed))).encrypted:
            assert row.flow.tls is not None
            assert row.flow.tls.sni == "shop.example"


def test_a_packet_that_opens_with_no_key_does_not_end_a_connection() -> None:
    said = talk()
    forged = bytearray(said[0][1])
    forged[6] ^= 1
    seen = watched(datagrams([*said[:2], *[(True, bytes(forged))] * 200, *said[2:]]))
    assert len(seen.encrypted) == 1


def test_it_grows_while_it_is_open() -> None:
    watcher = Watcher(Limits(progress_ns=STEP))
    for frame in datagrams(talk() + [(False, b"\x40" + bytes(1_000))] * 500):
        watcher.feed(frame)
    watcher.collect()
    (row,) = watcher.responses.values()
    assert row.encrypted is not None
    assert row.encrypted.server_bytes > 100_000
    assert row.end is None


def with_udp_length(frame: Frame, length: int) -> Frame:
    at = ETHERNET_AND_IP4 + 4
    return replace(frame, data=frame.data[:at] + length.to_bytes(2, "big") + frame.data[at + 2 :])


@pytest.mark.parametrize("length", [0, 3, 0xFFFF])
def test_a_length_that_cannot_be_is_not_believed(length: int) -> None:
    given = datagrams([*talk(), (True, b"\x40" + bytes(99)), (False, b"\x40" + bytes(299))])
    forged = [*given[:-2], *[with_udp_length(frame, length) for frame in given[-2:]]]
    assert row_of(watched(forged)).encrypted == row_of(watched(given)).encrypted


def test_a_connection_that_goes_on_is_followed_whatever_else_begins() -> None:
    short = datagrams([(False, b"\x40" + bytes(999))])
    other = b"\xc3Q046" + bytes(20)
    given = datagrams(talk())
    before = row_of(watched(given)).encrypted
    for port in range(17_000):
        if port % 1_000 == 0:
            given += short
        given += datagrams([(True, other)], client_port=10_000 + port)
    after = row_of(watched(given)).encrypted
    assert before is not None
    assert after is not None
    assert after.server_bytes == before.server_bytes + 17 * 1_000


def test_pieces_that_wait_are_bounded_by_their_bytes() -> None:
    crypto = Crypto()
    tracemalloc.start()
    for number in range(60):
        crypto.add(1 + number, bytes(10_000))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 60_000


def test_a_hello_without_an_answer_is_forgotten_for_newer_ones_but_not_its_sockets() -> None:
    asks, answers = talk()[:2]
    given: list[Frame] = []
    for port in range(1_025):
        given += datagrams([asks], client_port=10_000 + port)
    for port in (0, 1_024):
        given += datagrams([answers], client_port=10_000 + port)
    given += datagrams(talk(name="other.example"), client_port=10_000)
    states = [
        (row.flow.tls.sni, row.flow.client_port)
        for row in watched(given).encrypted
        if row.flow.tls is not None and row.flow.tls.state == NO_KEY
    ]
    assert sorted(states) == [("other.example", 10_000), ("shop.example", 11_024)]


def test_a_hello_at_the_beginning_of_time_is_one() -> None:
    assert len(watched([replace(frame, at=0) for frame in datagrams(talk())]).encrypted) == 1


@replaces_parts
@pytest.mark.parametrize("from_client", [True, False])
def test_keys_are_made_for_so_many_packets_that_do_not_open(from_client: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []
    whole = InitialKeys.__init__

    def counting(self: InitialKeys, version: Version, destination: bytes) -> None:
        made.append(destination)
        whole(self, version, destination)

    monkeypatch.setattr(InitialKeys, "__init__", counting)
    forged = bytearray(talk()[0][1])
    forged[6] ^= 1
    seen = watched(datagrams([(True, bytes(forged)), *[(from_client, bytes(forged))] * 300]))
    assert seen.encrypted == ()
    assert len(made) < 70


def test_it_ends_after_it_began_in_whatever_order_packets_come() -> None:
    for row in watched(datagrams(talk())[::-1]).encrypted:
        assert row.ended_at is not None
        assert row.at <= row.ended_at
