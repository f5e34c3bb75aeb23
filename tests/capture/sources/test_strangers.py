"""What cannot be read is named for what it is, with the way on: captures, events, and the files that people write."""

import bz2
import codecs
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.events import CaptureEvent, CaptureFailed, ResponseSeen
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.source import FileSource
from httpresp_capture.system.textfiles import LARGEST, text_of
from httpresp_capture.tracee.writer import event
from samples import response
from tracee_lines import line

EVENT = line(response())
PCAP = b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(8) + b"\xff\xff\x00\x00\x01\x00\x00\x00"


def zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.pcap", data)
    return made.getvalue()


def tarred(data: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("a.pcap")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


STRANGERS: list[tuple[bytes, str, str]] = [
    (b"\x28\xb5\x2f\xfd" + PCAP, "compressed with zstd", "zstd -dc {} | httpresp-tui -r -"),
    (lzma.compress(PCAP), "compressed with xz", "xz -dc {} |"),
    (lzma.compress(PCAP, lzma.FORMAT_ALONE), "compressed with lzma", "xz --format=lzma -dc {} |"),
    (bz2.compress(PCAP), "compressed with bzip2", "bzip2 -dc {} |"),
    (b"\x04\x22\x4d\x18" + PCAP, "compressed with lz4", "lz4 -dc {} |"),
    (gzip.compress(gzip.compress(PCAP)), "compressed with gzip twice", "gzip -dc {} |"),
    (zipped(PCAP), "a zip archive", "unzip -p {} |"),
    (tarred(PCAP), "a tar archive", "tar -xOf {} |"),
    (gzip.compress(tarred(PCAP)), "a tar archive", "tar -xOf {} |"),
    (b"snoop\0\0\0\0\0\0\2", "a snoop capture", "tshark -F pcapng -w - -r {} |"),
    (b"GMBU\0\2\1\0" + bytes(20), "Microsoft Network Monitor", "tshark -F pcapng -w - -r {} |"),
    (b"RTSS\1\1" + bytes(20), "Microsoft Network Monitor", "tshark"),
    (b"XCP\0" + bytes(20), "Sniffer", "tshark"),
    (b"iptrace 2.0" + bytes(20), "AIX iptrace", "tshark"),
    (EVENT.decode().encode("utf-16"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8 {} |"),
    (EVENT.decode().encode("utf-16-le"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8 {} |"),
    (EVENT.decode().encode("utf-16-be"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8 {} |"),
    (b"tracee_1  | " + EVENT, "something in front of each", "sed 's/^[^{{]*//' {} |"),
    (b"2023-10-02T18:04:38.9Z stdout F " + EVENT, "something in front of each", "sed"),
    (b"TIME             UID    COMM             PID     TID", "Tracee's table", "tracee --output json"),
    (b"[" + EVENT.strip() + b"]", "a JSON array", "jq -c '.[]' {} |"),
    (json.dumps(event(response()), indent=2).encode(), "JSON over several lines", "jq -c . {} |"),
    (json.dumps({"log": {"version": "1.2", "creator": {}}}, indent=2).encode(), "a HAR file", "no packets"),
    (b'{"log":{"version":"1.2"}}', "a HAR file", "no packets"),
    (b'{"constants":{"clientInfo":', "a net log of a Chromium browser", "no packets"),
    (b'<?xml version="1.0"?>\n<pdml version="0">', "packets as XML", "Save them as pcapng"),
    (b"<!DOCTYPE html><html>", "an HTML page", "no packets"),
    (b"CLIENT_HANDSHAKE_TRAFFIC_SECRET 0a1b2c3d4e", "a TLS key log", "no packets"),
    (b"# SSL/TLS secrets log file\nCLIENT_RANDOM 0a1b2c3d4e", "a TLS key log", "no packets"),
    (b"22:13:20.021000 IP 10.0.0.1.80 > 10.0.0.2.1: Flags", "what tcpdump prints", "-w FILE"),
    (b"0000  45 00 00 3c 1c 46", "a hex dump", "text2pcap {} - |"),
    (b"4511:9:websocket;0:~8:response", "a dump of mitmproxy", "no packets"),
    (b'10.0.0.9 - - [14/Nov/2023:22:13:20 +0000] "GET / HTTP/1.1" 200 5', "an access log", "no packets"),
    (b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer", "git lfs pull"),
    (b"%PDF-1.7", "a PDF", "no packets"),
    (b"what is this?", "not a capture: it begins with 'what is this?'", "Readable are pcap, pcapng"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "what", "way"), STRANGERS, ids=[f"{n}-{row[1]}" for n, row in enumerate(STRANGERS)])
def test_an_input_is_named_for_what_it_is_with_the_way_on(tmp_path: Path, data: bytes, what: str, way: str) -> None:
    path = tmp_path / "some file"
    path.write_bytes(data)
    with pytest.raises(CaptureError) as caught:
        FileSource.open(str(path), Limits())
    message = str(caught.value)
    assert message.startswith(f"{path} is ")
    assert what in message
    assert way.format(f"'{path}'") in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("data", "way"),
    [
        (bz2.compress(PCAP), "Try: … | bzip2 -dc | httpresp-tui -r -"),
        (b"snoop\0\0\0\0\0\0\2", "Try: … | tshark -F pcapng -w - -r - | httpresp-tui -r -"),
        (zipped(PCAP), "Save it as a file and unpack that."),
        (EVENT.decode().encode("utf-16"), "For events: … | iconv -f UTF-16 -t UTF-8 | httpresp-tui -r -"),
    ],
)
def test_of_standard_input_the_way_on_is_in_the_pipe(data: bytes, way: str) -> None:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    kept = os.dup(0)
    try:
        os.dup2(reading, 0)
        source = FileSource.open("-", Limits())
        with pytest.raises(CaptureError) as caught:
            source.wait_first()
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reading)
    assert str(caught.value).startswith("standard input is ")
    assert way in str(caught.value)


def test_a_format_without_a_magic_number_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.erf"
    path.write_bytes(bytes(range(1, 40)))
    with pytest.raises(CaptureError, match=r"is named as an ERF capture\. Try: tshark"):
        FileSource.open(str(path), Limits())


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_lines_of_events_are_read_with_any_line_end_and_a_mark_in_front(
    tmp_path: Path, before: bytes, end: bytes
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(before + EVENT.strip() + end)
    events: list[CaptureEvent] = []
    FileSource.open(str(path), Limits()).run(events.extend)
    assert [type(event) for event in events if isinstance(event, ResponseSeen | CaptureFailed)] == [ResponseSeen]


def test_a_line_in_latin_1_is_a_bad_line_and_reading_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(EVENT + '{"eventName":"é"}\n'.encode("latin-1") + EVENT)
    events: list[CaptureEvent] = []
    FileSource.open(str(path), Limits()).run(events.extend)
    assert sum(isinstance(event, ResponseSeen) for event in events) == 2
    assert [event.message for event in events if isinstance(event, CaptureFailed)] == [
        f"{path} has 1 line that is no event: line 2 is not UTF-8."
    ]


# --- files that people write


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("theme = 'é'\n".encode("latin-1"), "f is not UTF-8: byte 0xe9 in line 1, column 10; perhaps it is Latin-1"),
        (b"a = 1\nb = '\xff'", "f is not UTF-8: byte 0xff in line 2, column 6"),
        ("a = 1".encode("utf-16"), "f is UTF-16. Save it as UTF-8, or: iconv -f UTF-16 -t UTF-8"),
        ("a = 1".encode("utf-16-le"), "f is UTF-16."),
        ("a = 1".encode("utf-16-be"), "f is UTF-16."),
        ("a = 1".encode("utf-32"), "f is UTF-32."),
        (gzip.compress(b"a = 1", mtime=0), "f is compressed with gzip, where a text in UTF-8 is expected."),
        (PCAP, "f is a pcap capture, where a text"),
        (b"a = 1\nbc\0d", "f is no text: it has zero bytes."),
        (b"a" * (LARGEST + 1), "f has more than 4,194,304 bytes"),
    ],
)
def test_a_text_file_that_is_none_is_named_for_what_it_is(data: bytes, message: str) -> None:
    with pytest.raises(CaptureError) as caught:
        text_of(data, "f")
    assert str(caught.value).startswith(message)


def test_a_byte_order_mark_is_no_part_of_a_text() -> None:
    assert text_of(codecs.BOM_UTF8 + "é".encode(), "f") == text_of("é".encode(), "f") == "é"
