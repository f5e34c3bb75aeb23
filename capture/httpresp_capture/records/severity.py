"""How bad a finding is: the one list of severities, for checks, filters, reports and bars."""

from enum import IntEnum


class Severity(IntEnum):
    """How bad it is if it is true. The default view shows LOW and above."""

    INFO = 0
    """Inventory."""
    LOW = 1
    """Hardening."""
    MEDIUM = 2
    """A protection is really absent or wrong."""
    HIGH = 3
    """A usable credential is exposed, or framing is broken in a way that can be attacked."""

    @property
    def word(self) -> str:
        """As it is written in filters, files and on the screen."""
        return self.name.lower()


SEVERITIES: dict[str, Severity] = {severity.word: severity for severity in Severity}
"""By word, least first."""
