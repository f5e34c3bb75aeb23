"""What may be captured here."""

import sys

import pytest

from httpresp_capture.system.permission import may_capture

needs_capture = pytest.mark.skipif(sys.platform != "linux" or not may_capture(), reason="needs CAP_NET_RAW on Linux")
