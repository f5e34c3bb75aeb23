"""`net_flow_tls`: the event of a connection whose content is not read, written and read. Tracee has none for it.

Its envelope, `metadata` and `httpresp` are those of every event, so that whoever skips names that he does not know
skips it, and nobody counts it as a response.
"""

from typing import Any, Final

from httpresp_capture.records.encrypted import ENCRYPTED_FIELDS, Encrypted
from httpresp_capture.tracee.values import Object, number

EVENT: Final = "net_flow_tls"
PART: Final = "tls_flow"
"""The name of its second argument."""


def encrypted_argument(encrypted: Encrypted) -> str:
    """The second argument."""
    told = ",".join([f'"{name}":{_json(getattr(encrypted, name))}' for name in ENCRYPTED_FIELDS])
    return f'{{"name":"{PART}","type":"httpresp.TLSFlow","value":{{{told}}}}}'


def _json(value: int | bool | None) -> str:
    return "null" if value is None else str(value).lower()


def encrypted_in(found: Object) -> Encrypted:
    """The same of an event that was written before."""
    usual = Encrypted()
    values: dict[str, Any] = {}
    for name in ENCRYPTED_FIELDS:
        value = found.get(name)
        if isinstance(getattr(usual, name), bool):
            values[name] = value is True
        elif (read := number(value)) is not None:
            values[name] = read
    return Encrypted(**values)
