"""The decorators of values that cross a border.

To a type checker a `record` is a frozen dataclass. At run time it is a plain one with slots: building a truly frozen
one costs three times as much (each field goes through `object.__setattr__`), and records are built per message.
Compiled (see `hatch_build.py`), it is a native class, whose numbers stand in the object itself.

`own_record` is for those that are built for every message: they write their `__init__` out, since that is compiled
and a dataclass's own is not, and say by `Final` that nobody assigns to their fields.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

_T = TypeVar("_T")

MYPY = False
"""True to mypy and its compiler alone, which knows a dataclass by this name only."""

if MYPY:
    from dataclasses import dataclass as own_record
    from dataclasses import dataclass as record

    from mypy_extensions import mypyc_attr as compiled
elif TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def record(cls: type[_T]) -> type[_T]: ...

    @dataclass_transform()
    def own_record(cls: type[_T]) -> type[_T]: ...

    def compiled(
        *, acyclic: bool = False, allow_interpreted_subclasses: bool = False
    ) -> Callable[[type[_T]], type[_T]]: ...

else:

    def record(cls: type[Any]) -> type[Any]:
        """Turn the class into a slotted dataclass; nobody assigns to its fields after it was built."""
        return _made(cls, init=True)

    def own_record(cls: type[Any]) -> type[Any]:
        """The same for one that has its `__init__`."""
        return _made(cls, init=False)

    def _made(cls: type[Any], *, init: bool) -> type[Any]:
        """A dataclass with the methods below and no more than it must have of its own: each that `dataclasses` writes
        is compiled from text, 0.1 ms at every start of the program, which has forty such classes."""
        cls.__eq__, cls.__hash__, cls.__repr__ = _equal, None, _shown
        return dataclass(init=init, repr=False, eq=False, slots="__mypyc_attrs__" not in vars(cls))(cls)

    def _equal(self: Any, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        names = self.__match_args__
        return [getattr(self, name) for name in names] == [getattr(other, name) for name in names]

    def _shown(self: Any) -> str:
        told = ", ".join([f"{name}={getattr(self, name)!r}" for name in self.__match_args__])
        return f"{type(self).__qualname__}({told})"

    def compiled(**_: bool):
        """What the compiler may rely on: an `acyclic` object never leads back to itself; a class without
        `allow_interpreted_subclasses` has none that are not compiled too."""
        return lambda cls: cls
