"""What a body says once its content coding is taken off (RFC 9110 §8.4), as data and as text.

The compressed bytes come from a stranger, so decoding is a chain of generators, one a coding, from which the end
pulls block by block: it stops as soon as the output reaches its ceiling, or grows too far beyond what went in. A body
of which only the beginning was kept is decoded as far as it goes. Whatever fails is said in `Decoded`; nothing raises.
"""

from collections.abc import Iterator

from httpresp_capture.content.charsets import text
from httpresp_capture.content.codings import BLOCK, CODINGS, CodingError, MissingLibraryError, Outcome
from httpresp_capture.records.record import record

__all__ = ["Decoded", "decode", "text"]

MAX_OUTPUT = 8_388_608
MAX_RATIO = 200
"""Honest text rarely passes 50; deflate itself ends at 1,032."""
RATIO_FLOOR = 1_048_576
"""A body that decodes to less than this harms nobody, whatever its ratio."""
MAX_CODINGS = 5


@record
class Decoded:
    """A body without its content codings."""

    data: bytes
    codings: tuple[str, ...]
    """The codings taken off, in the order in which that was done."""
    complete: bool
    """False when the data ends before the body does, for whatever reason."""
    problem: str = ""
    """`bad-coding`, `decompression-bomb` or nothing."""
    detail: str = ""
    """In words: what failed, what was left, what to install. ASCII."""
    left: tuple[str, ...] = ()
    """Codings still on the data, since they are not known or their library is not there."""
    after: int = 0
    """Bytes that follow the end of the coded data, and are left out."""


def decode(
    body: bytes,
    content_encoding: str,
    *,
    max_output: int = MAX_OUTPUT,
    max_ratio: int = MAX_RATIO,
    whole: bool = True,
) -> Decoded:
    """Take every coding off; `whole` says that `body` is all of the body, so that an early end is a fault."""
    names = [name for part in content_encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if not names or not body:
        return Decoded(body[:max_output], (), whole and len(body) <= max_output)
    if len(names) > MAX_CODINGS:
        return Decoded(body, (), False, "bad-coding", f"{len(names)} codings on one body", tuple(names))

    blocks: Iterator[bytes] = iter([body[at : at + BLOCK] for at in range(0, len(body), BLOCK)])
    taken: list[str] = []
    outcomes: list[Outcome] = []
    detail = ""
    meter = Meter(max_output, max_ratio)
    blocks = meter.count_input(blocks)
    while names:
        stage = CODINGS.get(names[-1])
        if stage is None:
            detail = f"coding {names[-1][:40]!a} is not known"
            break
        outcome = Outcome()
        try:
            stage_blocks = stage(blocks, outcome)
        except MissingLibraryError as missing:
            detail = str(missing)
            break
        blocks = meter.count_output(stage_blocks)
        taken.append(names.pop())
        outcomes.append(outcome)
    if not taken:
        return Decoded(body[:max_output], (), False, "", detail, tuple(names))
    return pull(blocks, meter, outcomes, tuple(taken), tuple(names), detail, whole)


def pull(
    blocks: Iterator[bytes],
    meter: "Meter",
    outcomes: list[Outcome],
    taken: tuple[str, ...],
    left: tuple[str, ...],
    detail: str,
    whole: bool,
) -> Decoded:
    """Draw the plain bytes out of the chain until they end, fail or reach the ceiling."""
    parts: list[bytes] = []
    size = 0
    problem = ""
    try:
        for block in blocks:
            parts.append(block)
            size += len(block)
            if size > meter.max_output:
                detail = f"stopped at {meter.max_output:,} bytes"
                break
    except CodingError as failure:
        problem, detail = "bad-coding", str(failure)
    except BombError as bomb:
        problem, detail = "decompression-bomb", str(bomb)
    data = b"".join(parts)
    finished = size <= meter.max_output and all(outcome.finished for outcome in outcomes)
    after = sum(outcome.after for outcome in outcomes)
    if not problem and not detail:
        if whole and not finished:
            name = next(name for name, outcome in zip(taken, outcomes, strict=True) if not outcome.finished)
            problem, detail = "bad-coding", f"{name} data end too early"
        elif after:
            name = next(name for name, outcome in zip(taken, outcomes, strict=True) if outcome.after)
            detail = f"{after:,} bytes after the end of the {name} data"
    complete = whole and finished and not problem and not left
    return Decoded(data[: meter.max_output], taken, complete, problem, detail, left, after)


class BombError(Exception):
    """The output has grown far beyond the input."""


class Meter:
    """Counts what goes into the chain and what every link of it puts out, and ends it in time."""

    def __init__(self, max_output: int, max_ratio: int) -> None:
        self.max_output = max_output
        self.max_ratio = max_ratio
        self.taken = 0

    def count_input(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Blocks of the body as captured, in small pieces, so that the ratio is known early."""
        for block in blocks:
            for at in range(0, len(block), 1024):
                piece = block[at : at + 1024]
                self.taken += len(piece)
                yield piece

    def count_output(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Blocks out of one coding; those between two codings count too."""
        size = 0
        floor = min(RATIO_FLOOR, self.max_output)
        for block in blocks:
            size += len(block)
            if size >= floor and size > self.taken * self.max_ratio:
                yield block
                raise BombError(f"{self.taken:,} bytes became {size:,}; stopped there")
            yield block
