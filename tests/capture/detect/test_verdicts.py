"""What a connection speaks, judged by one direction and corrected by the other."""

import pytest

from httpresp_capture.records.outcome import EndReason
from traffic.scenario import Player, Scenario

TLS = {"from": "client", "bytes": "\x16\x03\x01\x00\x05hello"}
TLS_ANSWER = {"from": "server", "bytes": "\x16\x03\x03\x00\x05hello"}
CLEAR_ANSWER = {"from": "server", "bytes": "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"}
HTTP2 = {"from": "client", "bytes": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}


class Telling(Player):
    """Plays step by step, so that one can look in between."""

    def step(self, step: dict[str, str]) -> tuple[int, int]:
        """Encrypted connections and others, after this step."""
        for frame in self.frames(step):
            self.watcher.feed(frame)
        self.watcher.collect()
        counters = self.watcher.pipeline.counters()
        return counters.flows_encrypted, counters.flows_other


@pytest.mark.parametrize(("first", "counted"), [(TLS, (1, 0)), (HTTP2, (0, 0))])
def test_a_verdict_that_is_taken_back_is_not_counted_any_more(first: dict[str, str], counted: tuple[int, int]) -> None:
    player = Telling(Scenario("", {"steps": []}))
    assert player.step(first) == counted
    assert player.step(CLEAR_ANSWER) == (0, 0)
    seen = player.watcher.finish()
    (row,) = seen.responses
    assert (row.status, row.request, [problem.detail for problem in row.problems]) == (
        400,
        None,
        ["the client sent TLS" if first is TLS else "the client sent HTTP/2"],
    )
    assert len(seen.ended) == 1


def test_of_encrypted_connections_nothing_is_read_again() -> None:
    player = Telling(Scenario("", {"steps": []}))
    assert player.step(TLS) == (1, 0)
    assert player.step(TLS_ANSWER) == (1, 0)
    assert player.step(CLEAR_ANSWER) == (1, 0)
    seen = player.watcher.finish()
    assert seen.responses == ()
    (row,) = seen.encrypted
    assert row.end is EndReason.CAPTURE_END
