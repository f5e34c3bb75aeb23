"""How often something was seen, when for the first and the last time, and in which responses first."""

from httpresp_capture.records.exchange import Response

MAX_SAMPLES = 5
"""Ids of responses that are kept: enough to look at one."""


class Sightings:
    """Of one thing that many responses may show. In whichever order they come."""

    __slots__ = ("_samples", "count", "first_seen", "last_seen")

    def __init__(self, at: int) -> None:
        self.count = 0
        self.first_seen = self.last_seen = at
        """ns."""
        self._samples: list[int] = []

    def add(self, response: Response) -> None:
        """Seen once more; a response that shows it several times is one sample."""
        self.count += 1
        self.first_seen = min(self.first_seen, response.at)
        self.last_seen = max(self.last_seen, response.at)
        if len(self._samples) < MAX_SAMPLES and response.id not in self._samples:
            self._samples.append(response.id)

    @property
    def samples(self) -> tuple[int, ...]:
        """Ids of the first responses that show it, at most `MAX_SAMPLES`."""
        return tuple(self._samples)
