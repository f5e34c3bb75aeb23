"""The engine without anything around it: `python -m benchmarks.pipeline FILE.pcap`."""

import sys

from httpresp_capture.pipeline import Pipeline
from httpresp_capture.records.limits import Limits
from httpresp_capture.sources.file.pcap import PcapReader
from httpresp_capture.sources.file.pcapng import MAGIC, PcapngReader

CHUNK = 262_144


def main() -> int:
    """Read, parse, forget."""
    pipeline = Pipeline(Limits())
    events = 0
    with open(sys.argv[1], "rb", buffering=0) as file:
        reader = (PcapngReader if file.read(4) == MAGIC else PcapReader)(pipeline.feed)
        reader.secrets_came = pipeline.add_secrets
        file.seek(0)
        while chunk := file.read(CHUNK):
            reader.push(chunk)
            events += len(pipeline.take())
    pipeline.finish()
    return 0 if events + len(pipeline.take()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
