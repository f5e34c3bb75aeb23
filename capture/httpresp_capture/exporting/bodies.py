"""Bodies as files of a folder, decoded: named by number and path, with an extension by their type.

No name of a file is the wire's: what is not a plain letter, digit, dot or dash becomes a dash, so none leaves the
folder, hides itself or is an option to whoever lists it.
"""

import mimetypes
import re
from collections.abc import Iterator

from httpresp_capture.export.leaving import Leaving
from httpresp_capture.exporting.export import Order
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_capture.system.drafts import DraftFolder

LONGEST = 60
"""Characters of the part of a name that is from the path."""
OTHERWISE = ".bin"
EXTENSIONS = {
    "application/json": ".json", "application/javascript": ".js", "text/javascript": ".js", "text/html": ".html",
    "text/plain": ".txt", "application/xml": ".xml", "text/xml": ".xml", "image/jpeg": ".jpg", "image/webp": ".webp",
    "image/avif": ".avif", "font/woff2": ".woff2", "application/grpc": ".grpc",
    "application/x-www-form-urlencoded": ".txt",
}  # fmt: skip
"""Those of which Python's own table is of another opinion, or has none."""
SUFFIXES = {"+json": ".json", "+xml": ".xml", "+zip": ".zip"}
"""RFC 6839: what the end of a subtype says of its form."""
_KNOWN = mimetypes.MimeTypes(filenames=())
"""Python's table alone, not what this machine has been taught."""


class BodiesExport:
    """See `Export`."""

    def __init__(self, order: Order) -> None:
        self._count = self.left_out = self.late = 0
        self._redactor = order.options.redactor
        self._folder = DraftFolder(order.path)

    @property
    def contents(self) -> str:
        """See `Export`."""
        return many(self._count, "body")

    def add(self, response: Response, lost: Counters | None = None, *, amends: bool = False) -> None:
        """Its body, if it has one that may leave."""
        if amends:
            self.late += 1
            return
        leaving = Leaving(response, self._redactor)
        if not response.body or not leaving.body.data:
            self.left_out += 1
            return
        self._count += 1
        self._folder.add(file_name(leaving), leaving.body.data)

    def steps(self) -> Iterator[float | None]:
        """Nothing is left to do."""
        return iter(())

    def keep(self, lost: Counters | None = None) -> int:
        """See `Export`."""
        return self._folder.keep()

    def drop(self) -> None:
        """See `Export`."""
        self._folder.drop()


def file_name(leaving: Leaving) -> str:
    """`000042-items.json`; with `.part` where only the beginning was kept."""
    response = leaving.response
    path = "" if response.request is None else response.request.path.partition("?")[0].partition("#")[0]
    words = [_plain(part) for part in path.split("/")]
    name = next((word for word in reversed(words) if word), "body")
    kind = extension(response.content_type, leaving.body.text is not None)
    stem = name.removesuffix(kind)[:LONGEST] or "body"
    part = "" if leaving.body.whole else ".part"
    return f"{response.id:06}-{stem}{part}{kind}"


def extension(media_type: str, is_text: bool) -> str:
    """By the media type; of an unknown one by whether it is text."""
    found = EXTENSIONS.get(media_type) or _KNOWN.guess_extension(media_type)
    if found is None:
        found = next((kind for suffix, kind in SUFFIXES.items() if media_type.endswith(suffix)), None)
    return found or (".txt" if is_text else OTHERWISE)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip(".-")
