"""What counts as an error: one answer for `is:error`, the keys that lead to the next one, and every count of them."""

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.grpc import failed

__all__ = ["is_error", "is_failed_call"]


def is_error(response: Response) -> bool:
    """4xx, 5xx, no readable status, no response, or a call of gRPC that failed (with a status of 200)."""
    return is_failed_call(response) if 100 <= response.status < 400 else response.encrypted is None


def is_failed_call(response: Response) -> bool:
    """A call of gRPC that failed, and whose status does not say so."""
    return 100 <= response.status < 400 and failed(response)
