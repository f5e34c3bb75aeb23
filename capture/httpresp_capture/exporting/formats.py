"""The formats that responses are exported in: one entry each, and nothing else lists them."""

from httpresp_capture.export.csv_table import Csv
from httpresp_capture.export.har import Har
from httpresp_capture.export.python_script import PythonScript
from httpresp_capture.export.shell_script import ShellScript
from httpresp_capture.export.ticket import Ticket
from httpresp_capture.exporting.bodies import BodiesExport
from httpresp_capture.exporting.bundle import BundleExport
from httpresp_capture.exporting.documents import document
from httpresp_capture.exporting.events import Events
from httpresp_capture.exporting.export import Format
from httpresp_capture.exporting.parquet import ParquetExport
from httpresp_capture.exporting.slices import RAW, SliceExport

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("har", "HAR 1.2", "h", ".har", document(Har), bodies=True),
        Format("csv", "CSV", "c", ".csv", document(Csv)),
        Format("ndjson", "Events as JSON lines", "n", ".ndjson", document(Events)),
        Format("parquet", "Parquet", "a", ".parquet", ParquetExport),
        Format("pcapng", "Packets as pcapng", "p", ".pcapng", SliceExport, raw=RAW),
        Format("markdown", "Markdown for a ticket", "m", ".md", document(Ticket)),
        Format("curl", "Requests as curl", "u", ".sh", document(ShellScript)),
        Format("python", "Requests as Python (httpx)", "y", ".py", document(PythonScript)),
        Format("bodies", "Bodies as files", "b", "", BodiesExport, bodies=True),
        Format("bundle", "Evidence bundle", "e", ".zip", BundleExport),
    )
}
"""By the name that `--export` takes, in the order of the menu."""
