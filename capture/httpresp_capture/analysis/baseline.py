"""Findings that somebody looked at and accepted, with a reason and until a day, in a TOML file fit for a repository.

    [[accepted]]
    check = "CK-SECURE"
    origin = "shop.example:8080"
    parameter = "theme"
    reason = "a colour scheme, no secret"
    expires = 2027-03-31

`origin`, `parameter` and `path` may be left out, which means any, and may hold `*`, `?` and `[seq]`. What is accepted
is still counted; what has expired counts as if it had never been accepted. The day is an argument: no clock here.
"""

import tomllib
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache

from httpresp_capture.checks import CHECKS_BY_ID, Finding
from httpresp_capture.checks.evidence import visible
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.record import record

_KEYS = ("check", "origin", "parameter", "path", "reason", "expires")


@record
class Acceptance:
    """One thing that is known and lived with."""

    check: str
    reason: str
    expires: date
    """The last day on which it holds."""
    origin: str = "*"
    parameter: str = "*"
    path: str = "*"

    @property
    def words(self) -> str:
        """The reason as it is shown: it is somebody's text, so it goes where evidence goes."""
        return visible(self.reason)

    def covers(self, finding: Finding, origin: str, path: str) -> bool:
        """True when this is about that finding; the day is not looked at."""
        return (
            self.check == finding.check
            and _matches(self.origin, origin)
            and _matches(self.parameter, finding.parameter)
            and _matches(self.path, path)
        )


@record
class Baseline:
    """All that was accepted, in the order of the file; the first that covers a finding counts."""

    accepted: tuple[Acceptance, ...] = ()

    def accepts(self, finding: Finding, origin: str, path: str, today: date) -> Acceptance | None:
        """What accepts a finding today; None when nothing does."""
        for acceptance in self.accepted:
            if today <= acceptance.expires and acceptance.covers(finding, origin, path):
                return acceptance
        return None

    def expired(self, today: date) -> tuple[Acceptance, ...]:
        """What holds no longer: to be renewed or repaired."""
        return tuple(acceptance for acceptance in self.accepted if acceptance.expires < today)

    def with_accepted(self, finding: Finding, origin: str, reason: str, expires: date) -> "Baseline":
        """The same with one more: this check and parameter at this origin, on every path."""
        return Baseline((*self.accepted, accepting(finding.check, finding.parameter, origin, reason, expires)))


def accepting(check: str, parameter: str, origin: str, reason: str, expires: date) -> Acceptance:
    """The acceptance of a check and a parameter, as they are spelled, at one origin and on every path."""
    return Acceptance(check, reason, expires, _literal(origin), _literal(parameter) or "*")


@lru_cache(4096)
def _matches(pattern: str, text: str) -> bool:
    return pattern == "*" or pattern == text or fnmatchcase(text, pattern)


def _literal(text: str) -> str:
    """A text as a pattern for itself: IPv6 addresses have brackets."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in text)


def parse(text: str, name: str = "baseline") -> Baseline:
    """The baseline in a TOML text. What is wrong with it is a `CaptureError` that names the entry."""
    try:
        table = tomllib.loads(text)
    except ValueError as failure:
        # Not only tomllib's own: a number of 5,000 digits is refused by Python.
        raise CaptureError(f"{name} is not TOML: {failure}") from failure
    except RecursionError as failure:
        raise CaptureError(f"{name} is nested too deeply.") from failure
    entries = table.get("accepted", [])
    if not isinstance(entries, list) or set(table) - {"accepted"}:
        raise CaptureError(f"{name}: only [[accepted]] entries are known here.")
    return Baseline(tuple(_entry(entry, f"{name}, accepted entry {count}") for count, entry in enumerate(entries, 1)))


def _entry(entry: object, where: str) -> Acceptance:
    if not isinstance(entry, dict):
        raise CaptureError(f"{where} is no table.")
    values = {str(key): value for key, value in entry.items()}
    if unknown := sorted(set(values) - set(_KEYS)):
        raise CaptureError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}.")
    check = values.get("check")
    if check not in CHECKS_BY_ID:
        raise CaptureError(f"{where}: no check is called {check!r}.")
    expires = values.get("expires")
    if type(expires) is not date:
        raise CaptureError(f"{where}: needs expires = YYYY-MM-DD, without quotes.")
    texts = {key: values.get(key, "*") for key in ("origin", "parameter", "path")} | {"reason": values.get("reason")}
    for key, value in texts.items():
        if not isinstance(value, str) or not value.strip():
            raise CaptureError(f"{where}: needs {key} as a text that is not empty.")
    return Acceptance(
        check=str(check),
        reason=str(texts["reason"]),
        expires=expires,
        origin=str(texts["origin"]),
        parameter=str(texts["parameter"]),
        path=str(texts["path"]),
    )


def to_toml(baseline: Baseline) -> str:
    """The text of the file; `parse` gives the same baseline back."""
    parts = ["# Findings that were looked at and accepted. Each needs a reason and a day on which it ends.\n"]
    for acceptance in baseline.accepted:
        lines = ["[[accepted]]", f"check = {_quoted(acceptance.check)}"]
        for key in ("origin", "parameter", "path"):
            value = str(getattr(acceptance, key))
            if value != "*":
                lines.append(f"{key} = {_quoted(value)}")
        lines += [f"reason = {_quoted(acceptance.reason)}", f"expires = {acceptance.expires.isoformat()}"]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _quoted(text: str) -> str:
    """A TOML basic string; everything that is not printable is escaped."""
    shown = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in shown) + '"'
