"""That what our program prints of a capture is what was put into it. `python -m benchmarks.checking FILE.pcap`.

A process of its own, so that the one that measures stays small.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.cases import Truth

OURS = (sys.executable, "-m", "httpresp_tui", "--json", "-r")


def found(path: Path) -> Truth:
    """The sums over what `--json` prints; packets are not in there."""
    responses = numbers = statuses = body_bytes = missing_bytes = 0
    with subprocess.Popen([*OURS, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event["httpresp"]["end"] == "no response":
                continue  # Its answer was lost.
            responses += 1
            statuses += event["args"][1]["value"]["status_code"]
            fields = event["args"][1]["value"]["headers"]
            numbers += int((fields.get("X-Number") or fields["x-number"])[0])
            body_bytes += event["httpresp"]["size"]["body"]
            missing_bytes += event["httpresp"]["size"]["missing"]
    return Truth(0, responses, numbers, statuses, body_bytes, missing_bytes)


def main() -> int:
    """Compare with the notes beside the file."""
    path = Path(sys.argv[1])
    truth = Truth(**(json.loads(path.with_suffix(".json").read_text()) | {"packets": 0}))
    seen = found(path)
    if seen != truth:
        print(f"{path.name}: in it are {truth}, found were {seen}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
