"""What records tell whose content is not read: their headers on any cut, and who spoke when."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.tls import Tls
from httpresp_capture.tls.records import ALERT, APPLICATION_DATA, HANDSHAKE
from httpresp_capture.tls.traffic import SOUGHT, RecordHeaders, Traffic

H1 = Tls(version="TLS 1.2", alpn="http/1.1")
H2 = Tls(version="TLS 1.2", alpn="h2")
V13 = Tls(version="TLS 1.3", alpn="http/1.1")
V13_H2 = Tls(version="TLS 1.3", alpn="h2")
MS = 1_000_000


def record(size: int, kind: int = APPLICATION_DATA, filling: bytes = b"x") -> bytes:
    return bytes([kind, 3, 3]) + size.to_bytes(2, "big") + filling * size


def heard(tls: Tls, *said: tuple[str, int, int]) -> Encrypted:
    """Each: who, size, and milliseconds."""
    traffic = Traffic()
    for who, size, at in said:
        traffic.record(tls, who == "client", APPLICATION_DATA, size, (at + 1) * MS)
    return traffic.facts()


class TestHeaders:
    @given(st.lists(st.tuples(st.sampled_from([HANDSHAKE, ALERT, APPLICATION_DATA]), st.integers(0, 60))), st.data())
    def test_any_cut_gives_the_same_records(self, records: list[tuple[int, int]], data: st.DataObject) -> None:
        whole = b"".join(record(size, kind) for kind, size in records)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)))))
        headers = RecordHeaders()
        found: list[tuple[int, int]] = []
        for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            found += headers.add(whole[start:end])
        assert found == records
        assert headers.left == 0

    def test_a_body_may_be_passed_over(self) -> None:
        headers = RecordHeaders()
        assert headers.add(record(1_000)[:105]) == [(APPLICATION_DATA, 1_000)]
        assert headers.left == 900
        headers.passed(800)
        assert headers.add(b"x" * 100 + record(7)) == [(APPLICATION_DATA, 7)]

    def test_a_gap_inside_of_a_body_loses_no_record(self) -> None:
        headers = RecordHeaders()
        headers.add(record(1_000)[:105])
        headers.gap(900)
        assert headers.add(record(7)) == [(APPLICATION_DATA, 7)]

    def test_behind_another_gap_a_record_is_found_again(self) -> None:
        headers = RecordHeaders()
        headers.add(record(1_000)[:105])
        headers.gap(901)
        assert headers.add(b"no record is this" + record(700)) == [(APPLICATION_DATA, 700)]
        assert headers.add(record(8)) == [(APPLICATION_DATA, 8)]

    def test_a_header_that_is_cut_is_found_behind_a_gap_too(self) -> None:
        headers = RecordHeaders()
        headers.gap(1)
        whole = b"abc" + record(700)
        assert [found for at in range(len(whole)) for found in headers.add(whole[at : at + 1])] == [
            (APPLICATION_DATA, 700)
        ]

    def test_what_holds_no_record_is_given_up(self) -> None:
        headers = RecordHeaders()
        headers.gap(1)
        for _ in range(SOUGHT // 10_000 + 1):
            assert headers.add(b"z" * 10_000) == []
        assert headers.lost
        assert headers.add(record(7)) == []
        headers.passed(100)
        assert headers.take_unframed() == (SOUGHT // 10_000 + 1) * 10_000 + len(record(7)) + 100
        assert headers.take_unframed() == 0

    def test_random_bytes_never_end_it(self) -> None:
        drawn = Random(7)
        headers = RecordHeaders()
        for _ in range(2_000):
            for kind, size in headers.add(drawn.randbytes(drawn.randrange(40))):
                assert 20 <= kind <= 24
                assert size <= 18_432
            if drawn.random() < 0.1:
                headers.gap(drawn.randrange(1, 3_000))

    def test_each_byte_stands_in_a_record_or_is_counted_as_one_that_does_not(self) -> None:
        drawn = Random(8)
        headers = RecordHeaders()
        came = framed = 0
        for number in range(300):
            good = number == 299 or drawn.random() < 0.7
            data = record(drawn.randrange(2_000)) if good else b"z" * drawn.randrange(1, 300)
            came += len(data)
            framed += sum(5 + size for _, size in headers.add(data))
        assert framed + headers.take_unframed() == came + headers.left
        assert not headers.lost


class TestExchanges:
    def test_each_answer_after_a_question_is_one_and_the_wait_is_the_median(self) -> None:
        seen = heard(H1, *[each for n in range(3) for each in (("client", 90, 100 * n), ("server", 500, 100 * n + n))])
        assert seen == Encrypted(270, 1_500, 0, 3, 1 * MS)

    def test_a_question_of_several_records_is_sent_with_its_last(self) -> None:
        seen = heard(H1, ("client", 90, 0), ("client", 9_000, 50), ("server", 500, 53), ("server", 500, 60))
        assert (seen.exchanges, seen.first_byte_ns, seen.overlapping) == (1, 3 * MS, False)

    def test_the_client_s_finished_is_no_question(self) -> None:
        seen = heard(V13, ("server", 1_200, 0), ("client", 53, 1), ("client", 90, 2), ("server", 600, 9))
        assert (seen.exchanges, seen.first_byte_ns) == (1, 7 * MS)

    def test_nor_are_the_records_of_its_certificate(self) -> None:
        seen = heard(V13, ("client", 900, 1), ("client", 200, 1), ("client", 69, 1), ("server", 600, 9))
        assert seen.exchanges == 0

    def test_tickets_that_come_unasked_are_no_answer(self) -> None:
        tickets = ("server", 255, 2), ("server", 255, 2)
        seen = heard(V13, ("client", 53, 1), *tickets, ("client", 90, 5), ("server", 600, 9))
        assert (seen.exchanges, seen.first_byte_ns) == (1, 4 * MS)

    @pytest.mark.parametrize("tls", [V13, V13_H2])
    def test_nor_are_two_of_one_size_behind_a_question(self, tls: Tls) -> None:
        tickets = ("server", 255, 2), ("server", 255, 2)
        seen = heard(tls, ("client", 53, 1), ("client", 90, 1), *tickets, ("server", 600, 9))
        assert (seen.exchanges, seen.first_byte_ns) == (1, 8 * MS)

    @pytest.mark.parametrize("tls", [V13, V13_H2])
    def test_nor_is_one_whose_like_came_unasked(self, tls: Tls) -> None:
        seen = heard(
            tls, ("client", 53, 1), ("server", 255, 2), ("client", 90, 2), ("server", 255, 2), ("server", 260, 9)
        )
        assert (seen.exchanges, seen.first_byte_ns) == (1, 7 * MS)

    def test_nor_is_one_where_no_answer_comes(self) -> None:
        seen = heard(V13, ("client", 53, 1), ("server", 255, 2), ("client", 90, 2), ("server", 255, 2))
        assert (seen.exchanges, seen.first_byte_ns) == (0, None)

    @pytest.mark.parametrize("tls", [V13, V13_H2])
    def test_nor_is_one_that_the_answer_follows(self, tls: Tls) -> None:
        seen = heard(tls, ("client", 53, 1), ("client", 90, 2), ("server", 255, 2), ("server", 900, 9))
        assert (seen.exchanges, seen.first_byte_ns) == (1, 7 * MS)

    def test_a_short_answer_that_is_all_is_no_ticket(self) -> None:
        alone = ("client", 53, 1), ("client", 90, 1), ("server", 255, 4)
        assert heard(V13, *alone).exchanges == 1
        assert heard(V13, *alone).first_byte_ns == 3 * MS
        seen = heard(V13, *alone, ("client", 90, 11), ("server", 255, 12), ("client", 90, 21), ("server", 255, 24))
        assert (seen.exchanges, seen.first_byte_ns) == (3, 3 * MS)

    def test_settings_and_acknowledgements_of_http2_are_neither(self) -> None:
        opening = ("client", 90, 0), ("server", 50, 1), ("client", 26, 2), ("client", 120, 3)
        seen = heard(H2, *opening, ("server", 26, 4), ("server", 800, 8), ("client", 30, 9), ("server", 900, 10))
        assert (seen.exchanges, seen.first_byte_ns, seen.overlapping) == (1, 5 * MS, False)

    def test_questions_before_an_answer_are_a_burst(self) -> None:
        questions = [("client", 90, at) for at in range(4)]
        seen = heard(H2, *questions, ("server", 800, 8), ("server", 800, 9))
        assert (seen.exchanges, seen.overlapping) == (1, True)

    def test_the_alert_that_closes_is_no_message(self) -> None:
        seen = heard(
            V13, ("client", 53, 1), ("client", 90, 2), ("server", 600, 9), ("client", 19, 9), ("server", 19, 9)
        )
        assert seen.exchanges == 1

    def test_a_clock_that_goes_back_gives_no_wait(self) -> None:
        assert heard(H1, ("client", 90, 10), ("server", 500, 9)) == Encrypted(90, 500, 0, 1, None)
