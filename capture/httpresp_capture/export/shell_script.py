"""The requests as a script for a shell, one command of curl each; see `curl`.

It is run by whoever has read it: no line but the commands does anything, and words of the wire stand in them quoted.
"""

from httpresp_capture.export.document import PlainDocument
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.records.counters import Counters

HEAD = b"""#!/usr/bin/env bash
# Requests seen by httpresp-tui, as commands for curl. Each sends its request again.
"""
TAGS = b"# Secrets are tags: put the real ones in their places.\n"


class ShellScript(PlainDocument):
    """One script."""

    def begin(self) -> bytes:
        """What it is."""
        return HEAD + (TAGS if self.options.redactor is not None else b"")

    def add(self, leaving: Leaving, lost: Counters | None, *, amends: bool) -> bytes:
        """The request, where it was seen; that of an interim response comes with its final one."""
        command = "" if is_interim(leaving) else leaving.curl
        if not command:
            return b""
        return f"\n# {said(leaving)}\n{command}\n".encode()


def is_interim(leaving: Leaving) -> bool:
    """A 1xx before another response to the same request."""
    return 100 <= leaving.kept.status < 200 and leaving.kept.status != 101


def said(leaving: Leaving) -> str:
    """What was seen of it, in words of this program alone."""
    kept = leaving.kept
    answer = f"status {kept.status}" if kept.status else "no status" if kept.is_response else "no response"
    return f"#{kept.id}: {answer}, {kept.body_bytes:,} bytes"
