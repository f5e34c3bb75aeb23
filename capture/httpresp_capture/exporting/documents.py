"""A document into a file, as the responses come."""

from collections.abc import Callable, Iterator

from httpresp_capture.export.document import Document, ExportOptions
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.exporting.export import Export, Order
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_capture.system.drafts import DraftFile


class DocumentExport:
    """See `Export`."""

    def __init__(self, document: Document, order: Order) -> None:
        self.count = self.left_out = self.late = 0
        self._document = document
        self._redactor = order.options.redactor
        self._file = DraftFile(order.path, replace=order.replace)
        self._begun = False

    @property
    def contents(self) -> str:
        """See `Export`."""
        return many(self.count, "row")

    def add(self, response: Response, lost: Counters | None = None, *, amends: bool = False) -> None:
        """See `Export`."""
        if amends and not self._document.amends:
            self.late += 1
            return
        data = self._document.add(Leaving(response, self._redactor), lost, amends=amends)
        if not amends:
            self.count += bool(data)
            self.left_out += not data
        if data:
            self._begin()
            self._file.write(data)

    def steps(self) -> Iterator[float | None]:
        """Nothing is left to do."""
        return iter(())

    def keep(self, lost: Counters | None = None) -> int:
        """See `Export`."""
        self._begin()
        self._file.write(self._document.end())
        return self._file.keep()

    def drop(self) -> None:
        """See `Export`."""
        self._file.drop()

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._file.write(self._document.begin())


def document(make: Callable[[ExportOptions], Document]) -> Callable[[Order], Export]:
    """What begins an export of such documents."""
    return lambda order: DocumentExport(make(order.options), order)
