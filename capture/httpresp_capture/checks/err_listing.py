"""ERR-LISTING: the body is a listing of a directory, made by the server."""

import re
from collections.abc import Iterator

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.finding import Check, Hit, Severity

_TITLE = re.compile(r"<title>\s{0,20}(?:Index of /|Directory listing for /)[^<\n]{0,200}", re.IGNORECASE)
_IIS = "[To Parent Directory]"
_UP = ("parent directory", '<a href="../">')


def look(context: Context) -> Iterator[Hit]:
    if context.status != 200 or context.media_type != "text/html" or not context.text:
        return
    text = context.text
    title = _TITLE.search(text, 0, 4096)
    if title is not None:
        by_python = "directory listing for" in title[0].lower()
        if not by_python and not any(mark in text.lower() for mark in _UP):
            return
        at, evidence = title.start(), title[0].partition(">")[2].strip()
    elif (at := text.find(_IIS)) >= 0:
        evidence = _IIS
    else:
        return
    yield Hit(
        severity=Severity.LOW,
        reason="The server lists the files of a directory.",
        evidence=evidence,
        offset=context.body_offset(at),
        shape="",
    )


CHECK = Check(
    id="ERR-LISTING",
    title="directory listing",
    reference="ASVS 13.4.3; CWE-548",
    advice="Switch listings off, or accept this one if it is meant as a mirror.",
    look=look,
)
