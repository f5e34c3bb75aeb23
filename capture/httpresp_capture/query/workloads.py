"""Whose response it is, as fields of a filter: each of its names, or nothing where nobody told."""

from httpresp_capture.query.builders import Build, either_number, either_text, text_field
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.workload import Workload

NOBODY = Workload()


def _of(response: Response) -> Workload:
    return response.workload or NOBODY


def _number_in_container(response: Response) -> int | None:
    return None if response.workload is None else response.workload.process_id


def _number(response: Response) -> int | None:
    return None if response.workload is None else response.workload.host_process_id


PROCESS: Build = either_text(lambda response: _of(response).process_name, lambda response: _of(response).executable)
PID: Build = either_number(_number_in_container, _number)
CONTAINER: Build = either_text(
    lambda response: _of(response).container_name,
    lambda response: _of(response).container_id,
    lambda response: _of(response).image,
)
POD: Build = either_text(lambda response: _of(response).pod, lambda response: _of(response).pod.rpartition("/")[2])
HOST_NAME: Build = text_field(lambda response: _of(response).host_name)
