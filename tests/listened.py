"""A tap for the capture loop that needs no interface."""

from httpresp_capture.records.flow import Interface
from httpresp_capture.sources.live.taps import Feed, Tap
from traffic.values import Frame

ETHERNET = Interface(0, "eth9", 1)


class Given(Tap):
    """A tap that has these frames, and then no more."""

    @property
    def name(self) -> str:
        return "eth9"

    def fileno(self) -> int:
        return -1

    def shut(self) -> None:
        pass

    def __init__(self, frames: list[Frame]) -> None:
        self._frames = frames

    def drain(self, feed: Feed) -> int:
        frames, self._frames = self._frames, []
        for frame in frames:
            feed(frame.at, frame.data, 0, len(frame.data), frame.wire_length, ETHERNET, ())
        return frames[-1].at if frames else 0

    def dropped(self) -> int:
        return 0

    def close(self) -> None:
        pass
