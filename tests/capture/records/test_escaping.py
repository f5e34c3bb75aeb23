"""What is not printable is escaped by one function, and nothing else in the house does it by hand."""

import re
from pathlib import Path

import httpresp_capture
import httpresp_tui
from httpresp_capture.records.escaping import escaped

BY_HAND = re.compile(r"if \w+\.isprintable\(\)(?: or .*)?$|if \w+\.isprintable\(\) else|encode\(\"unicode_escape\"")
DOORS = {
    "escaping.py": "reports, messages, evidence",
    "baseline.py": "the escapes of TOML",
    "heads.py": "bytes of the wire in what is said of a problem, in quotes",
}


def test_what_acts_is_an_escape_and_the_rest_stays() -> None:
    assert escaped("caf\u00e9 \x1b[2J\u202e\udcff\n") == "caf\u00e9 \\x1b[2J\\u202e\\udcff\\n"
    assert escaped("a\nb\x07", kept="\n") == "a\nb\\x07"
    assert escaped("plain") == "plain"


def test_no_other_room_escapes() -> None:
    rooms = [Path(package.__file__ or "").parent for package in (httpresp_capture, httpresp_tui)]
    by_hand = {
        path.name
        for room in rooms
        for path in room.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if BY_HAND.search(line)
    }
    assert by_hand <= DOORS.keys()
