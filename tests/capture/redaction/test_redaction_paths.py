"""Secrets in paths, in parts that are written in percent-encoding, and in lines that are not quite right."""

import pytest

from exchanges import exchanged
from httpresp_capture.http import heads
from httpresp_capture.redaction import Redactor

SECRET = "Zk3jQ9wXv7LmT2pR"
CODED_JSON = f"%7B%22token%22%3A%22{SECRET}%22%7D"

PLANTED = [
    f"//u:{SECRET}@h/",
    f"/token={SECRET}/x",
    f"/%74oken/{SECRET}",
    f"/%2574oken/{SECRET}",
    f"/a?access_token%3D{SECRET}",
    f"/a?b=1&access_token%3D{SECRET}&c=2",
    f"/a?q=access_token%3D{SECRET}",
    f"/a?q={CODED_JSON}",
    f"/a?{CODED_JSON}&b=1",
    f"/a;pw={SECRET}/b",
    f"/a?token\t={SECRET}",
    f"/a?x=token={SECRET}",
    f"/a?token%09={SECRET}",
    f"/xxx token={SECRET}",
    f"/services/T0123ABCD/B0123ABCD/{SECRET}",
    f"/bot123456:{SECRET}/getMe",
    f"/magic-link/{SECRET}",
    f"/passwordReset/{SECRET}",
    f"/reset/{SECRET}",
    f"/reset/{SECRET.translate(str.maketrans('0123456789', 'aBcDeFgHiJ'))}",
    f"/(S({SECRET}))/x.aspx",
    f"/(X(1)F(abc123def456)S({SECRET}))/x",
    f"/%28S%28{SECRET}%29%29/x",
    f"/a?u=https%3A%2F%2Fb.example%2F%3Fv%3Dhttps%253A%252F%252Fc.example%252F%253Ftoken%253D{SECRET}",
]
TELLING = (SECRET, SECRET.translate(str.maketrans("0123456789", "aBcDeFgHiJ")))


@pytest.mark.parametrize("target", PLANTED)
def test_a_secret_is_hidden_wherever_it_stands_in_a_target(target: str) -> None:
    redactor = Redactor.fresh()
    line = f"GET {target} HTTP/1.1\r\nHost: h\r\nReferer: https://h{target}\r\nX-Went: {target}\r\n\r\n"
    for shown in (
        redactor.target(target),
        redactor.line(f"went to {target}"),
        redactor.text(f'<a href="https://h{target}">'),
        redactor.field("location", target),
        redactor.field("link", f"<{target}>; rel=next"),
        redactor.head(line.encode()).decode(),
    ):
        assert "‹" in shown
        assert not any(secret in shown for secret in TELLING)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("via", f"1.1 u:{SECRET}@h", "1.1 ‹@h"),
        ("via", f"1.1 a, 1.0 u:{SECRET}@h:80 (ann@b)", "1.1 a, 1.0 ‹@h:80 (ann@b)"),
        ("forwarded", f"for=192.0.2.1;host=u:{SECRET}@h", "for=192.0.2.1;host=‹@h"),
        ("x-forwarded-server", f"u:{SECRET}@h", "‹@h"),
    ],
)
def test_the_user_part_of_a_host_is_hidden(name: str, value: str, shown: str) -> None:
    hidden = Redactor.fresh().field(name, value)
    start, _, rest = hidden.partition("‹")
    assert f"{start}‹{rest.partition('›')[2]}" == shown


@pytest.mark.parametrize(
    "target",
    [
        "/updatePasswordForm/resetPasswordConfirmation",
        "/reset/password",
        "/a?state=af0ifjsldkjaf0ifjsldkj&nonce=n-0S6_WzA2Mjn-0S6_WzA2Mj",
        "/invite/accept",
        "/npm//react@17",
        "/share/summer-sale",
        "/auth/realms/master",
        "/search?q=foo%20bar",
        "/a?next=%2Fx%3Fpage%3D2",
        "/files/report(A(final)).pdf",
    ],
)
def test_what_is_no_secret_stays(target: str) -> None:
    assert Redactor.fresh().target(target) == target


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["%25", "%2525", "/a?b=%2", "?a=https%3A//", "%7B%22a%22:"])
def test_codings_in_codings_end(unit: str) -> None:
    redactor = Redactor.fresh()
    text = unit * 5_000 + f" token={SECRET}"
    for hide in (redactor.target, redactor.line, redactor.text):
        assert SECRET not in hide(text)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"X\x1b[2J", '"X\\x1b[2J"'),
        (b'lost in a gap" (really)', '"lost in a gap\\" (really)"'),
        (b"x" * 41, '"' + "x" * 40 + '…"'),
    ],
)
def test_bytes_from_the_wire_are_quoted_in_what_is_said_of_them(data: bytes, said: str) -> None:
    assert heads.shown(data) == said


@pytest.mark.parametrize("line", [b"Cookie : sid=%s", b"Cookie sid=%s", b"X-Token@: %s", b": token=%s"])
def test_what_is_quoted_of_a_line_holds_no_secret(line: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + line % SECRET.encode() + b"\r\nContent-Length: 0\r\n\r\n"
    (row,) = exchanged(head)
    details = [problem.detail for problem in Redactor.fresh().response(row).problems]
    assert details
    assert all(detail.startswith('"') and detail.endswith('"') for detail in details if detail)
    assert not any(SECRET[:6] in detail for detail in details)
