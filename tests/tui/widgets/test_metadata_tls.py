"""The Metadata tab on a connection of TLS."""

from dataclasses import replace

from httpresp_capture.records.tls import READ, Tls
from httpresp_capture.redaction import Redactor
from httpresp_tui.widgets.tabs import View
from httpresp_tui.widgets.tabs_metadata import metadata
from samples import FLOW, request, response


def shown(tls: Tls | None) -> str:
    row = response(flow=replace(FLOW, tls=tls))
    return "\n".join(line.text for line in metadata(View(row, Redactor(b"s" * 16), 100)))


def test_what_was_seen_of_its_tls_is_told() -> None:
    text = shown(
        Tls(
            "TLS 1.2",
            "shop.example",
            "h2",
            READ,
            "TLS_AES_128_GCM_SHA256",
            resumed=True,
            alert="server: unknown_ca",
            handshake_ns=2_000_000,
            ja4="t13d1516h2",
        )
    )
    for part in ("TLS 1.2", READ, "resumed", "TLS_AES_128", "shop.example", "h2", "server: unknown_ca", "t13d1516h2"):
        assert part in text
    assert "ja3s" not in text  # Which was not seen.


def test_a_name_from_the_wire_acts_on_no_terminal() -> None:
    assert "\x1b" not in shown(Tls("TLS 1.3", "a\x1b[2Jb", "\x1b]52;", READ))


def test_a_weight_that_the_client_gave_is_told() -> None:
    row = response(protocol="HTTP/2", request=request(b"GET / HTTP/2\r\n\r\n", weight=256))
    assert "of weight 256" in "\n".join(line.text for line in metadata(View(row, Redactor(b"s" * 16), 100)))


def test_a_connection_in_clear_says_nothing_of_tls() -> None:
    assert "sni" not in shown(None)
