"""The odd one out: a response that does not look like the others of its route."""

from dataclasses import replace

import pytest

from exchanges import exchanged, page
from httpresp_capture.analysis.drift import Drift, OddOne
from httpresp_capture.analysis.routes import route_of_path
from httpresp_capture.records.exchange import Response

POLICY = b"Content-Security-Policy: default-src 'self'"
NGINX = b"Server: nginx"
SESSION = b"Set-Cookie: sid=1"


def seen(number: int, *fields: bytes, path: bytes = b"/cart/7", status: bytes = b"200 OK") -> Response:
    request = b"GET " + path + b" HTTP/1.1\r\nHost: shop.example\r\n\r\n"
    (one,) = exchanged(page(*fields, status=status), request)
    return replace(one, id=number, at=one.at + number)


def learned(*odd: bytes, times: int = 19) -> Drift:
    """A drift that saw the usual answer so often and then the odd one once, as response 100."""
    drift = Drift()
    for number in range(1, times + 1):
        drift.add(seen(number, POLICY, NGINX, SESSION + b"; Secure; HttpOnly"))
    drift.add(seen(100, *odd))
    return drift


def told(odd: OddOne) -> list[tuple[str, str, str]]:
    return [(difference.kind, difference.name, difference.found) for difference in odd.differences]


def test_the_one_backend_that_lost_its_policy_is_found() -> None:
    (odd,) = learned(NGINX, SESSION + b"; Secure; HttpOnly").odd_ones()
    assert told(odd) == [("missing header", "content-security-policy", "")]
    assert (odd.count, odd.of, odd.samples) == (1, 20, (100,))
    assert (odd.group.origin, odd.group.route) == ("shop.example:80", "GET /cart/*")


def test_another_server_and_other_cookie_flags_are_named_with_what_is_usual() -> None:
    (odd,) = learned(POLICY, b"Server: Jetty", SESSION + b"; HttpOnly").odd_ones()
    assert told(odd) == [("cookie", "sid", "HttpOnly"), ("server", "server", "Jetty")]
    assert [difference.usual for difference in odd.differences] == ["Secure; HttpOnly", "nginx"]


def test_an_extra_header_is_odd_too() -> None:
    (odd,) = learned(POLICY, NGINX, SESSION + b"; Secure; HttpOnly", b"X-Debug: 1").odd_ones()
    assert told(odd) == [("extra header", "x-debug", "x-debug")]


@pytest.mark.parametrize("field", [b"Date: x", b"ETag: x", b"Age: 7", b"Last-Modified: x"])
def test_headers_that_come_and_go_by_nature_are_not_odd(field: bytes) -> None:
    assert learned(POLICY, NGINX, SESSION + b"; Secure; HttpOnly", field).odd_ones() == ()


def test_a_visitor_without_a_new_cookie_is_not_odd() -> None:
    assert learned(POLICY, NGINX).odd_ones() == ()


def test_nothing_is_usual_after_a_few() -> None:
    assert learned(NGINX, times=8).odd_ones() == ()


def test_what_happens_half_of_the_time_is_not_odd() -> None:
    drift = Drift()
    for number in range(1, 21):
        drift.add(seen(number, NGINX, *((POLICY,) if number % 2 else ())))
    assert drift.odd_ones() == ()


def test_another_route_or_status_has_a_look_of_its_own() -> None:
    drift = learned(POLICY, NGINX, SESSION + b"; Secure; HttpOnly")
    drift.add(seen(101, path=b"/health"))
    drift.add(seen(102, status=b"404 Not Found"))
    assert drift.odd_ones() == ()


def test_one_response_can_be_asked_for() -> None:
    drift = learned(NGINX, SESSION + b"; Secure; HttpOnly")
    odd = seen(100, NGINX, SESSION + b"; Secure; HttpOnly")
    usual = seen(1, POLICY, NGINX, SESSION + b"; Secure; HttpOnly")
    assert [difference.name for difference in drift.differences(odd)] == ["content-security-policy"]
    assert drift.differences(usual) == ()


def test_a_torn_head_teaches_nothing_and_is_never_odd() -> None:
    drift = learned(POLICY, NGINX, SESSION + b"; Secure; HttpOnly")
    torn = replace(seen(101, NGINX), midstream=True)
    drift.add(torn)
    assert drift.differences(torn) == ()
    assert drift.odd_ones() == ()


def test_groups_are_bounded_and_counted() -> None:
    drift = Drift(max_groups=2)
    for path in (b"/a", b"/b", b"/c", b"/d"):
        drift.add(seen(1, path=path))
    assert drift.groups_dropped == 2


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/users/17/orders?page=2", "/users/*/orders"),
        ("/o/550e8400-e29b-41d4-a716-446655440000", "/o/*"),
        ("/blob/3f786850e387550fdab836ed7e6dc881", "/blob/*"),
        ("/v2/feedback", "/v2/feedback"),
        ("/assets/main.css", "/assets/main.css"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_a_route_is_a_path_without_its_ids(path: str, route: str) -> None:
    assert route_of_path(path) == route
