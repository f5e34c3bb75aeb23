"""What the security checks cost a response, asked of every response of the demo."""

import time

from benchmarks.tables import table
from httpresp_capture.checks import Options, examine
from httpresp_capture.records.events import CaptureEvent, ResponseChanged, ResponseSeen
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.demo import DemoSource


def demo_responses() -> list[Response]:
    """The demo's responses as they ended."""
    found: dict[int, Response] = {}

    def keep(events: list[CaptureEvent]) -> None:
        for event in events:
            if isinstance(event, ResponseSeen | ResponseChanged):
                found[event.response.id] = event.response

    DemoSource(Limits(), pace=0).run(keep)
    return list(found.values())


def report(short: bool) -> None:
    """Microseconds of CPU a response, by what it carries."""
    kinds: dict[str, list[Response]] = {}
    for response in demo_responses():
        kind = response.content_type if response.body else "no body"
        kinds.setdefault(kind or "no type", []).append(response)
    rounds = 2 if short else 20
    rows: list[tuple[str, ...]] = []
    for kind, responses in sorted(kinds.items(), key=lambda item: -len(item[1])):
        started = time.process_time()
        count = sum(len(examine(response, Options())) for _ in range(rounds) for response in responses)
        spent = (time.process_time() - started) / rounds / len(responses)
        rows.append((kind, f"{len(responses)}", f"{spent * 1e6:.0f}", f"{count // rounds}"))
    print("\n## Security checks, on the demo\n")
    print(table(("responses of", "number", "µs each", "findings"), rows))
