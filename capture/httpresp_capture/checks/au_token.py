"""AU-TOKEN: a token, password or private key stands in the body of a clear-text response.

Of a JWT only its algorithm and expiry are shown; of everything else the name, the length and the tag.
"""

import json
import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from itertools import islice

from httpresp_capture.checks.context import Context
from httpresp_capture.checks.evidence import redacted
from httpresp_capture.checks.exposure import hop, in_clear
from httpresp_capture.checks.finding import Check, Confidence, Hit, Severity

_JSON = re.compile(
    r'"(access_token|refresh_token|id_token|client_secret|api_?key|secret|password|passwd)"\s{0,20}:\s{0,20}'
    r'"([^"]{12,4096})"',
    re.IGNORECASE,
)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{10,2000}+\.eyJ[\w-]{10,4000}+\.[\w-]{1,2000}+")
_AWS = re.compile(r"\bAKIA[0-9A-Z]{16}\b")
_KEY = re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----")
_SAMPLE = re.compile(r"example|xxxx|\.\.\.|\*\*\*\*|<[^<>]{1,40}>|your[-_ ]", re.IGNORECASE)
_LOOKED_AT = 200
"""Candidates of one response; a body with more is a list of something else."""
_MOST = 10
"""Findings of one response."""


def look(context: Context) -> Iterator[Hit]:
    text = context.text
    severity = in_clear(context, Severity.HIGH) if text else None
    if severity is None:
        if not (text and context.edge_tls):
            return
        severity = Severity.INFO
    count = 0
    for name, secret, evidence, index in islice(_secrets(text, context.options.salt), _LOOKED_AT):
        if _is_sample(secret):
            continue
        yield Hit(
            severity=severity,
            confidence=Confidence.FIRM,
            reason=f"The body carries {name}" + (f" in clear text{hop(context)}." if severity else "."),
            evidence=evidence,
            parameter=name,
            offset=context.body_offset(index),
            shape=hop(context),
        )
        count += 1
        if count == _MOST:
            return


def _secrets(text: str, salt: bytes) -> Iterator[tuple[str, str, str, int]]:
    """(what it is, the secret, how it is shown, where it stands)"""
    claimed: set[int] = set()
    if '"' in text:
        for match in _JSON.finditer(text):
            claimed.add(match.start(2))
            shown = _jwt_words(match[2]) if _JWT.fullmatch(match[2]) else redacted(match[2], salt, "token")
            yield match[1], match[2], f"{match[1]}: {shown}", match.start()
    if "eyJ" in text:
        for match in _JWT.finditer(text):
            if match.start() not in claimed:
                yield "a JWT", match[0], _jwt_words(match[0]), match.start()
    if "AKIA" in text:
        for match in _AWS.finditer(text):
            yield "an access key id", match[0], redacted(match[0], salt, "key"), match.start()
    if "PRIVATE KEY-----" in text:
        for match in _KEY.finditer(text):
            body = text[match.end() : match.end() + 200]
            yield "a private key", body or match[0], match[0], match.start()


def _is_sample(secret: str) -> bool:
    return len(set(secret)) < 3 or _SAMPLE.search(secret) is not None


def _jwt_words(token: str) -> str:
    header, claims = (_decoded(part) for part in token.split(".")[:2])
    return f"JWT {len(token)}B alg={header.get('alg', '?')} exp={claims.get('exp', 'none')}"


def _decoded(part: str) -> dict[str, object]:
    try:
        value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (Base64Error, ValueError, RecursionError):
        return {}
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


CHECK = Check(
    id="AU-TOKEN",
    title="token or key in a clear-text body",
    reference="RFC 6750 §5.3; ASVS 12.2.1; CWE-319",
    advice="Hand tokens out over TLS alone, and replace the ones that were seen here.",
    look=look,
)
