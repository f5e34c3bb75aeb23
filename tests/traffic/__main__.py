"""`python -m traffic FILE [responses] [seed] [loss]`: write a generated capture as pcapng, for other tools to read."""

import sys
from pathlib import Path

from traffic.captures import Recipe, make_capture, pcapng


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    target, *rest = sys.argv[1:]
    responses, seed, loss = [float(text) for text in rest] + [1_000.0, 1.0, 0.0][len(rest) :]
    capture = make_capture(int(seed), Recipe(int(responses), lost=loss))
    Path(target).write_bytes(pcapng(capture.frames))
    print(f"{len(capture.frames)} frames, {sum(len(told.placed) for told in capture.told)} responses")
    return 0


if __name__ == "__main__":
    sys.exit(main())
