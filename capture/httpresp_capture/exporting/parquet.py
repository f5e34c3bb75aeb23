"""The table of `export.columns` as Parquet, which DuckDB writes (the extra `parquet`).

Rows are put down as lines of JSON in a private folder as they come, and DuckDB turns that file into the other one.
"""

import json
import shutil
from collections.abc import Iterator
from typing import Any

from httpresp_capture.export.columns import COLUMNS
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.exporting.export import ExportError, Order
from httpresp_capture.records.counters import Counters
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.plurals import many
from httpresp_capture.system.drafts import DraftFile, check_free, give_name, new_folder

MISSING = "Parquet is written by DuckDB, which is not installed: pip install 'httpresp-tui[parquet]'"
TYPES = {column.name: column.type for column in COLUMNS} | {"comment": "VARCHAR"}


class ParquetExport:
    """See `Export`."""

    left_out = 0

    def __init__(self, order: Order) -> None:
        try:
            import duckdb
        except ImportError:
            raise ExportError(MISSING) from None
        self._duckdb: Any = duckdb
        self._count = 0
        self.late = 0
        self._order = order
        check_free(order.path, replace=order.replace)
        self._folder = new_folder(order.path)
        self._made = self._folder / "made.parquet"
        self._rows = DraftFile(self._folder / "rows.json")

    @property
    def contents(self) -> str:
        """See `Export`."""
        return many(self._count, "row")

    def add(self, response: Response, lost: Counters | None = None, *, amends: bool = False) -> None:
        """See `Export`."""
        if amends:
            self.late += 1
            return
        self._count += 1
        leaving = Leaving(response, self._order.options.redactor)
        row = {column.name: column.value(leaving) for column in COLUMNS}
        row["comment"] = self._order.options.comment(response) or None
        self._rows.write(json.dumps(row).encode() + b"\n")

    def steps(self) -> Iterator[float | None]:
        """DuckDB does it in one."""
        yield None
        self._rows.keep()
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
        rows = f"read_json({_quoted(self._rows.path)}, format='newline_delimited', columns={{{columns}}})"
        copy = f"COPY (SELECT * FROM {rows}) TO {_quoted(self._made)} (FORMAT parquet, COMPRESSION zstd)"
        with self._duckdb.connect() as connection:
            connection.execute("SET threads = 1")
            try:
                connection.execute(copy)
            except self._duckdb.Error as error:
                raise ExportError(f"DuckDB could not write it: {str(error).splitlines()[0]}") from None
        yield 1.0

    def keep(self, lost: Counters | None = None) -> int:
        """See `Export`."""
        self._made.chmod(0o600)
        size = self._made.stat().st_size
        give_name(self._made, self._order.path, replace=self._order.replace)
        self.drop()
        return size

    def drop(self) -> None:
        """See `Export`."""
        self._rows.drop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _quoted(path: object) -> str:
    return "'" + str(path).replace("'", "''") + "'"
