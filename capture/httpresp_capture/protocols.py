"""What is recognised in a stream of bytes, a line for each protocol (see `records.table`, `detect.protocol`).

They are asked in this order: the first that knows the bytes, or may with more of them, is taken.
"""

# ruff: noqa: F401, I001
# pyright: reportUnusedImport=false
from httpresp_capture.detect.protocol import Protocol
from httpresp_capture.records.table import entries

from httpresp_capture.http1.protocol import PROTOCOL as http1
from httpresp_capture.tls.protocol import PROTOCOL as tls
from httpresp_capture.http2.protocol import PROTOCOL as http2

PROTOCOLS: tuple[Protocol, ...] = entries(__name__, Protocol)
