"""Tests that put something of their own in the place of a part of the rooms, which is possible in plain Python only."""

import pytest

from httpresp_capture import pipeline

replaces_parts = pytest.mark.skipif(
    not str(pipeline.__file__).endswith(".py"), reason="a part of what is compiled is not replaced by a test's own"
)
