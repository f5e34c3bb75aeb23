"""How a severity is written in one letter: on the row of a response, in the list of findings and in the help."""

from dataclasses import dataclass

from httpresp_capture.checks import Severity


@dataclass(frozen=True, slots=True)
class Badge:
    """The letter of a severity."""

    glyph: str
    style: str
    """The name of its style, in every widget that draws it."""
    meaning: str


BADGES: dict[Severity, Badge] = {
    severity: Badge(glyph, f"finding-{severity.word}", f"the worst finding is of {severity.word} severity, see !")
    for severity, glyph in ((Severity.HIGH, "H"), (Severity.MEDIUM, "M"), (Severity.LOW, "L"), (Severity.INFO, "i"))
}
"""The worst first."""

SHOWN = Severity.LOW
"""The least that is shown on the row of a response: what is below is inventory, and nearly every response has some."""

MARKED = "*"
"""On the row of a response that is marked, before the letter of a finding."""

BADGE_STYLES: dict[str, str] = {badge.glyph: badge.style for badge in BADGES.values()}
"""By letter."""
