"""What was not looked into is told by every way of running that reads a capture without a screen."""

import json
from pathlib import Path

import pytest

from capture_bytes import pcap_header, pcap_packet
from httpresp_tui.cli.main import main
from wrapped import CLIENT4, SERVER4, ethernet, ip4, udp

QUIC = b"\xc3\0\0\0\1\x08abcdefgh\0\0\x44\xd0" + bytes(60)
WORDS = "12 packets of QUIC, 3 packets of SCTP"


@pytest.fixture
def capture(tmp_path: Path) -> str:
    """A capture of HTTP/3 and SCTP alone."""
    datagram = ethernet(ip4(udp(QUIC, 443), CLIENT4 + SERVER4, 17))
    chunk = ethernet(ip4(bytes(32), CLIENT4 + SERVER4, 132))
    path = tmp_path / "quic.pcap"
    path.write_bytes(pcap_header() + b"".join(pcap_packet(n, frame) for n, frame in enumerate([datagram, chunk] * 3)))
    with path.open("ab") as file:
        file.write(b"".join(pcap_packet(n, datagram) for n in range(9)))
    return str(path)


def test_the_summary_of_json_lines_says_it(capture: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-r", capture, "--json"]) == 0
    out, said = capsys.readouterr()
    assert out == ""
    assert f"  not read     {WORDS}\n" in said


@pytest.mark.parametrize("form", ["text", "markdown", "junit", "sarif"])
def test_every_report_of_check_says_it(form: str, capture: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-r", capture, "--format", form]) == 1
    out, said = capsys.readouterr()
    assert "QUIC" in out
    assert f"  not read     {WORDS}\n" in said


def test_reports_as_json_have_every_kind_with_its_count(capture: str, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = [
        {"kind": "QUIC", "unit": "packet", "count": 12},
        {"kind": "SCTP", "unit": "packet", "count": 3},
    ]
    main(["check", "-r", capture, "--format", "json"])
    assert json.loads(capsys.readouterr().out)["coverage"]["not_read"]["kinds"] == kinds
    main(["diff", capture, capture, "--format", "json"])
    assert json.loads(capsys.readouterr().out)["before"]["coverage"]["not_read"]["kinds"] == kinds


def test_a_comparison_says_it(capture: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["diff", capture, capture])
    assert WORDS in capsys.readouterr().out
