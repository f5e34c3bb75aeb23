"""What counts as an error: one answer for `is:error`, the keys that lead to the next one, and every count of them."""

from httpresp_capture.records.exchange import Response
from httpresp_capture.records.grpc import failed

__all__ = ["is_error"]


def is_error(response: Response) -> bool:
    """4xx, 5xx, no readable status, no response, or a call of gRPC that failed (with a status of 200)."""
    if 100 <= response.status < 400:
        return response.protocol == "HTTP/2" and failed(response)
    return response.encrypted is None
