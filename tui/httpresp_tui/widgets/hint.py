"""What stands where the list would be while it is empty: why it is, and the way on."""

from textual.content import Content

from httpresp_capture.analysis.coverage import not_read_words
from httpresp_capture.records.plurals import many
from httpresp_tui.model.status_line import StatusLine
from httpresp_tui.text.printable import printable_text
from httpresp_tui.text.units import count_text


def hint(status: StatusLine, filtered: bool, failures: tuple[str, ...] = ()) -> Content:
    """The lines to show; `filtered` says that responses are kept and the display filter hides them all."""
    name = printable_text(status.label, 60)
    traffic = printable_text(status.capture_filter, 120) or "TCP"
    if filtered:
        what = "row" if status.unanswered or status.encrypted else "response"
        lines = [
            f"None of the {many(status.kept, what)} passes the display filter.",
            "",
            "Esc in the filter line clears it, 0 shows all status classes.",
        ]
    elif status.waiting:
        lines = [f"Paused: {count_text(status.waiting)} came since. Space shows them."]
    elif failures and status.ended:
        lines = ["The capture has stopped.", "", *(printable_text(text, 500) for text in failures)]
    elif status.cleared:
        after = "The capture has ended" if status.ended else "No response has come since"
        lines = [f"The list was cleared. {after}."]
    elif status.ended:
        lines = [f"{name} holds no HTTP response that can be read."]
    elif status.live:
        lines = [f"Listening on {name} for {traffic} … no HTTP responses yet."]
    else:
        lines = [f"Reading {name} … no HTTP responses yet."]
    counters = status.counters
    if not filtered:
        # Requests without any response are what a server that hangs looks like.
        requests = f"   Requests: {count_text(counters.requests)}" if counters.requests else ""
        read = f"Lines: {count_text(counters.lines)}" if counters.lines else f"Packets: {count_text(counters.packets)}"
        lines += ["", f"{read}   Connections: {count_text(counters.flows)}{requests}"]
        if counters.flows_encrypted:
            lines.append(f"Encrypted connections: {count_text(counters.flows_encrypted)}, see ?")
        unread = not_read_words(counters, encrypted=False)
        lines += [f"Not read: {words}" for words in unread]
        if status.live and not status.ended and not counters.packets:
            lines += ["", "Is the traffic on another interface? Without -i there is a list of them to choose from."]
    return Content("\n".join(lines))
