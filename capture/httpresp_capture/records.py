"""The decorator of every value that crosses a border.

To a type checker a record is a frozen dataclass. At run time it is a plain one with slots: building a truly frozen
one costs three times as much (each field goes through `object.__setattr__`), and records are built per message.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

_T = TypeVar("_T")

if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True)
    def record(cls: type[_T]) -> type[_T]: ...

else:

    def record(cls: type[Any]) -> type[Any]:
        """Turn the class into a slotted dataclass; nobody assigns to its fields after it was built."""
        return dataclass(slots=True)(cls)
