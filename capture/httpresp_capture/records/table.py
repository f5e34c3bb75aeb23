"""A table that is nothing but lines of import: each brings an entry, and the order of the lines is that of the table.

So that what grows takes a new file and one line. The entries are typed, and whatever reads imports sees them.
"""

import sys
from typing import TypeVar

_T = TypeVar("_T")


def entries(room: str, kind: type[_T]) -> tuple[_T, ...]:
    """What the lines of import above the call have brought into module `room` that is a `kind`, in their order."""
    return tuple(each for each in vars(sys.modules[room]).values() if isinstance(each, kind))
