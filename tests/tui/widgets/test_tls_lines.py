"""What the screen tells of TLS may come from a file of events, in which anybody can write anything."""

from dataclasses import replace

from httpresp_capture.records.tls import TLS_FIELDS, Tls
from httpresp_tui.widgets.tabs_metadata import tls_of


def test_no_text_of_it_acts_on_the_terminal() -> None:
    texts = [name for name in TLS_FIELDS if isinstance(getattr(Tls(), name), str)]
    lines = tls_of(replace(Tls(), **dict.fromkeys(texts, "\x1b[2J\x9b\n\x07")))
    shown = "".join(line.text for line in lines)
    assert "␛" in shown
    assert shown.isprintable()
