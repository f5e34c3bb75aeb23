"""What stands where the list would be while it is empty: why it is, and the way on."""

from textual.content import Content

from httpresp_capture.analysis.coverage import not_read_words
from httpresp_capture.records.plurals import many
from httpresp_tui.model.status_line import StatusLine
from httpresp_tui.text.printable import printable_text
from httpresp_tui.text.units import count_text


def hint(standing: StatusLine, filtered: bool, failures: tuple[str, ...] = ()) -> Content:
    """The lines to show; `filtered` says that responses are kept and the display filter hides them all."""
    name = printable_text(standing.label, 60)
    traffic = printable_text(standing.capture_filter, 120) or "TCP"
    if filtered:
        lines = [
            f"None of the {many(standing.kept, 'row' if standing.unanswered else 'response')}"
            " passes the display filter.",
            "",
            "Esc in the filter line clears it, 0 shows all status classes.",
        ]
    elif standing.waiting:
        lines = [f"Paused: {count_text(standing.waiting)} came since. Space shows them."]
    elif failures:
        lines = ["The capture has stopped.", "", *(printable_text(text, 500) for text in failures)]
    elif standing.cleared:
        after = "The capture has ended" if standing.ended else "No response has come since"
        lines = [f"The list was cleared. {after}."]
    elif standing.ended:
        lines = [f"{name} holds no HTTP response that can be read."]
    elif standing.live:
        lines = [f"Listening on {name} for {traffic} … no HTTP responses yet."]
    else:
        lines = [f"Reading {name} … no HTTP responses yet."]
    counters = standing.counters
    if not filtered:
        # Requests without any response are what a server that hangs looks like.
        requests = f"   Requests: {count_text(counters.requests)}" if counters.requests else ""
        read = f"Lines: {count_text(counters.lines)}" if counters.lines else f"Packets: {count_text(counters.packets)}"
        lines += ["", f"{read}   Connections: {count_text(counters.flows)}{requests}"]
        if counters.flows_encrypted:
            lines.append(f"Encrypted connections: {count_text(counters.flows_encrypted)}, see ?")
        unread = [words for words in not_read_words(counters) if "encrypted connection" not in words]
        lines += [f"Not read: {words}" for words in unread]
        if standing.live and not standing.ended and not counters.packets:
            lines += ["", "Is the traffic on another interface? Without -i there is a list of them to choose from."]
    return Content("\n".join(lines))
