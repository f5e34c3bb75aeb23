"""What a row says of a connection that is not read."""

from httpresp_capture.records.encrypted import Encrypted
from httpresp_capture.records.plurals import many
from httpresp_capture.records.tls import Tls
from httpresp_tui.text.sanitising import decoded


def encrypted_text(tls: Tls | None, encrypted: Encrypted) -> str:
    """`(TLS 1.3, h2, about 4 exchanges)`: what is known first."""
    version = (tls.version if tls is not None else "") or "TLS"
    inside = decoded(tls.alpn) if tls is not None else ""
    words = [version, *([inside.replace(",", " or ")] if inside else []), exchanges_text(encrypted)]
    if tls is not None and tls.alert:
        words.append(f"alert of the {tls.alert}")
    return f"({', '.join(words)})"


def exchanges_text(encrypted: Encrypted) -> str:
    """`about 4 exchanges`, an estimate; of bursts, and where records are lost, it is the least."""
    if encrypted.unframed_bytes and not encrypted.exchanges:
        return "exchanges not known"
    if not encrypted.exchanges:
        return "no exchange"
    least = encrypted.overlapping or encrypted.unframed_bytes
    return f"{'at least' if least else 'about'} {many(encrypted.exchanges, 'exchange')}"
