"""Versions, cipher suites and alerts, by the names that the registries give them."""

from typing import Final

from httpresp_capture.tls.suite_names import SUITES

TLS10, TLS11, TLS12, TLS13 = 0x0301, 0x0302, 0x0303, 0x0304
VERSIONS: Final = {0x0300: "SSL 3.0", TLS10: "TLS 1.0", TLS11: "TLS 1.1", TLS12: "TLS 1.2", TLS13: "TLS 1.3"}
ALERTS: Final = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
    30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
    43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
    47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
    60: "export_restriction", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
    110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
    116: "certificate_required", 120: "no_application_protocol", 121: "ech_required",
}  # fmt: skip
"""https://www.iana.org/assignments/tls-parameters, TLS Alerts."""


def version_name(number: int) -> str:
    """`TLS 1.3`."""
    return VERSIONS.get(number) or f"TLS 0x{number:04x}"


def suite_name(number: int) -> str:
    """`TLS_AES_128_GCM_SHA256`."""
    name = SUITES.get(number)
    return f"TLS_{name}" if name else f"0x{number:04x}"


def alert_name(number: int) -> str:
    """`handshake_failure`."""
    return ALERTS.get(number) or f"alert {number}"
