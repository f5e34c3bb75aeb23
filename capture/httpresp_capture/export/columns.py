"""The columns of an export as a table, CSV or Parquet: one entry each in `COLUMNS`, and nothing else lists them."""

from collections.abc import Callable

from httpresp_capture.export.findings_json import instant
from httpresp_capture.export.leaving import Leaving
from httpresp_capture.export.wording import as_text
from httpresp_capture.records.grpc import is_grpc, status_of
from httpresp_capture.records.record import record
from httpresp_capture.records.targets import scheme_of

Value = str | int | float | bool | None


@record
class Column:
    """One column."""

    name: str
    type: str
    """In SQL."""
    value: Callable[[Leaving], Value]
    """None where it is not known, or is not there."""


def _scheme(leaving: Leaving) -> Value:
    request = leaving.response.request
    if request is None:
        return None
    return request.scheme or scheme_of(request.target) or ("https" if leaving.response.flow.https else "http")


def _ms(nanoseconds: int | None) -> Value:
    return None if nanoseconds is None else round(nanoseconds / 1_000_000, 6)


def _path(leaving: Leaving) -> Value:
    request = leaving.response.request
    return None if request is None else as_text(request.path)


def _method(leaving: Leaving) -> Value:
    request = leaving.response.request
    return None if request is None else as_text(request.method)


def _request_bytes(leaving: Leaving) -> Value:
    request = leaving.response.request
    return None if request is None else request.body_bytes


def _grpc(leaving: Leaving) -> Value:
    return status_of(leaving.kept) if is_grpc(leaving.kept) else None


def _workload(name: str) -> Callable[[Leaving], Value]:
    def value(leaving: Leaving) -> Value:
        workload = leaving.kept.workload
        return None if workload is None else getattr(workload, name) or None

    return value


COLUMNS: tuple[Column, ...] = (
    Column("id", "BIGINT", lambda each: each.kept.id),
    Column("time", "TIMESTAMP", lambda each: instant(each.kept.at)),
    Column("status", "INTEGER", lambda each: each.kept.status or None),
    Column("reason", "VARCHAR", lambda each: as_text(each.response.reason) or None),
    Column("method", "VARCHAR", _method),
    Column("scheme", "VARCHAR", _scheme),
    Column("host", "VARCHAR", lambda each: as_text(each.response.host)),
    Column("path", "VARCHAR", _path),
    Column("type", "VARCHAR", lambda each: as_text(each.response.content_type) or None),
    Column("body_bytes", "BIGINT", lambda each: each.kept.body_bytes),
    Column("wire_bytes", "BIGINT", lambda each: each.kept.wire_bytes),
    Column("request_body_bytes", "BIGINT", _request_bytes),
    Column("first_byte_ms", "DOUBLE", lambda each: _ms(each.kept.first_byte_ns)),
    Column("transfer_ms", "DOUBLE", lambda each: _ms(each.kept.transfer_ns)),
    Column("duration_ms", "DOUBLE", lambda each: _ms(each.kept.duration_ns)),
    Column("protocol", "VARCHAR", lambda each: as_text(each.response.protocol) or None),
    Column("client", "VARCHAR", lambda each: as_text(each.kept.flow.real_client)),
    Column("client_port", "INTEGER", lambda each: each.kept.flow.real_client_port),
    Column("server", "VARCHAR", lambda each: each.kept.flow.server),
    Column("server_port", "INTEGER", lambda each: each.kept.flow.server_port),
    Column("interface", "VARCHAR", lambda each: each.kept.flow.interface),
    Column("flow", "BIGINT", lambda each: each.kept.flow.id),
    Column("stream", "BIGINT", lambda each: each.kept.stream),
    Column("sni", "VARCHAR", lambda each: as_text(each.kept.flow.tls.sni) or None if each.kept.flow.tls else None),
    Column("completeness", "VARCHAR", lambda each: str(each.kept.completeness)),
    Column("end", "VARCHAR", lambda each: None if each.kept.end is None else str(each.kept.end)),
    Column("missing_bytes", "BIGINT", lambda each: each.kept.missing_bytes),
    Column("problems", "VARCHAR", lambda each: " ".join(problem.name for problem in each.kept.problems) or None),
    Column("grpc_status", "INTEGER", _grpc),
    Column("process", "VARCHAR", _workload("process_name")),
    Column("pod", "VARCHAR", _workload("pod")),
)
"""In their order. A column of comments stands behind them."""
