"""A thousand failures, three causes."""

from dataclasses import replace

import pytest

from exchanges import exchanged, ok, page
from httpresp_capture.analysis.clusters import MAX_PLACES, ErrorClusters, Fingerprint, fingerprint_of, masked
from httpresp_capture.export.sections import cluster_line, cluster_object
from httpresp_capture.records.exchange import Response
from positives import FAILED, JSON, PYTHON_TRACE, TEXT

GRPC = b"Content-Type: application/grpc"


def get(path: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: shop.example\r\n\r\n"


def seen(response: bytes, number: int = 1, path: bytes = b"/cart/7") -> Response:
    (one,) = exchanged(response, get(path))
    return replace(one, id=number, at=one.at + number)


def printed(response: bytes) -> Fingerprint:
    fingerprint = fingerprint_of(seen(response))
    assert fingerprint is not None
    return fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ok(TEXT, body=b"order 17 not found", status=b"404 No"),
            ok(TEXT, body=b"order 99123 not found", status=b"404 No"),
        ),
        (
            ok(JSON, body=b'{"error":"timeout after 31 ms","request_id":"3f786850e387"}', status=FAILED),
            ok(JSON, body=b'{"request_id":"aaaa6850e387","error":"timeout after 7 ms"}', status=FAILED),
        ),
        (
            page(body=b"<title>Oops</title>at 2023-11-14T22:13:20Z", status=FAILED),
            page(body=b"<title>Oops</title>at 2024-01-02T03:04:05.123Z", status=FAILED),
        ),
    ],
)
def test_failures_that_differ_in_numbers_alone_are_one(one: bytes, other: bytes) -> None:
    assert printed(one) == printed(other)
    assert printed(one).id == printed(other).id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ok(TEXT, body=b"order not found", status=b"404 No"), ok(TEXT, body=b"order not found", status=b"410 No")),
        (ok(TEXT, body=b"no stock", status=FAILED), ok(TEXT, body=b"no money", status=FAILED)),
        (ok(JSON, body=b'{"code":"E_STOCK"}', status=FAILED), ok(JSON, body=b'{"code":"E_MONEY"}', status=FAILED)),
        (ok(TEXT, body=PYTHON_TRACE, status=FAILED), ok(TEXT, status=FAILED)),
    ],
)
def test_failures_of_different_causes_are_two(one: bytes, other: bytes) -> None:
    assert printed(one).id != printed(other).id


def test_a_stack_trace_and_a_title_stand_in_the_label() -> None:
    body = b"<title>KeyError at /cart/17</title><pre>" + PYTHON_TRACE
    assert printed(page(body=body, status=FAILED)).label == "500 · Python · KeyError at /cart/#"


def test_what_did_not_fail_has_no_cause() -> None:
    assert fingerprint_of(seen(page())) is None
    assert fingerprint_of(replace(seen(page(status=FAILED)), midstream=True)) is None


def test_grpc_fails_with_status_200_in_its_trailers() -> None:
    head = b"HTTP/1.1 200 OK\r\n" + GRPC + b"\r\nTransfer-Encoding: chunked\r\nTrailer: grpc-status\r\n\r\n"
    response = head + b"0\r\ngrpc-status: 14\r\ngrpc-message: no route to 10.0.0.7:50051\r\n\r\n"
    fingerprint = printed(response)
    assert (fingerprint.grpc, fingerprint.title) == ("UNAVAILABLE", "no route to #")


def test_grpc_that_is_ok_did_not_fail() -> None:
    assert fingerprint_of(seen(ok(GRPC, b"grpc-status: 0"))) is None
    assert printed(ok(GRPC, b"grpc-status: 77")).grpc == "77"


def test_a_hundred_failures_are_told_as_their_causes() -> None:
    clusters = ErrorClusters()
    for number in range(1, 101):
        body = b"order %d not found" % number if number % 4 else b"out of stock"
        clusters.add(seen(ok(TEXT, body=body, status=b"404 No"), number))
    first, second = clusters.clusters()
    assert (first.count, second.count) == (75, 25)
    assert second.samples == (4, 8, 12, 16, 20)
    assert first.routes == ("GET /cart/*",)


def test_the_moment_when_a_route_began_to_fail_is_found() -> None:
    clusters = ErrorClusters()
    for number in range(1, 31):
        clusters.add(seen(ok(TEXT, body=b"fine"), number))
    for number in range(31, 51):
        clusters.add(seen(ok(TEXT, body=b"boom", status=FAILED), number))
    (cluster,) = clusters.clusters()
    assert (cluster.before, cluster.since, cluster.share) == (30, 20, 1.0)
    assert cluster.began_suddenly
    assert cluster.first_seen == seen(ok(), 31).at


def test_a_route_that_always_failed_did_not_begin_suddenly() -> None:
    clusters = ErrorClusters()
    for number in range(1, 30):
        clusters.add(seen(ok(TEXT, body=b"no", status=b"404 No"), number))
    assert not clusters.clusters()[0].began_suddenly


def test_one_failure_among_many_answers_did_not_begin_suddenly() -> None:
    clusters = ErrorClusters()
    for number in range(1, 61):
        clusters.add(seen(ok(TEXT, body=b"x", status=FAILED if number == 20 else b"200 OK"), number))
    assert not clusters.clusters()[0].began_suddenly


def test_clusters_are_bounded_and_counted() -> None:
    clusters = ErrorClusters(max_clusters=2)
    for number, word in enumerate((b"one", b"two", b"three", b"four"), 1):
        clusters.add(seen(ok(TEXT, body=word, status=FAILED), number))
    assert len(clusters.clusters()) == 2
    assert clusters.dropped == 2


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("user 17 at 10.0.0.1:80", "user # at #"),
        ("id 550e8400-e29b-41d4-a716-446655440000", "id #"),
        ("key dGhpcyBpcyBhIG3tleSAx now", "key # now"),
        ("a\n\n  b", "a b"),
        ("feedback decade", "feedback decade"),
        ("esc \x1b[31m", "esc \\x1b[#m"),
    ],
)
def test_what_differs_between_requests_is_masked(text: str, shape: str) -> None:
    assert masked(text) == shape


def test_deep_json_is_no_trouble() -> None:
    assert printed(ok(JSON, body=b"[" * 60_000, status=FAILED)).status == 500


def test_failures_at_more_places_than_are_named_are_counted_as_elsewhere() -> None:
    clusters = ErrorClusters()
    for number in range(1, MAX_PLACES + 4):
        clusters.add(seen(ok(TEXT, body=b"x", status=FAILED), number, path=b"/of/%c" % (96 + number)))
    (cluster,) = clusters.clusters()
    assert (cluster.count, len(cluster.routes), cluster.elsewhere) == (MAX_PLACES + 3, MAX_PLACES, 3)
    told = cluster_object(cluster)
    assert told["elsewhere"] == 3
    assert " at shop.example:80 and 3 times elsewhere, first seen " in cluster_line(told)


def test_what_a_tag_says_of_its_text_holds_when_the_tag_is_gone() -> None:
    body = b'<r><password>hunter</password><item name="apiKey">hunter</item></r>'
    assert "hunter" not in printed(ok(b"Content-Type: application/xml", body=body, status=b"500 Oops")).shape
