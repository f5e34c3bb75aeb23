"""pyshark, which reads what tshark prints."""

import importlib
import sys
from typing import Any


def main() -> int:
    """Read a capture and count the responses."""
    pyshark: Any = importlib.import_module("pyshark")
    capture = pyshark.FileCapture(sys.argv[1], display_filter="http.response", keep_packets=False)
    found = sum(1 for packet in capture if packet.http.response_code)
    capture.close()
    print(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
