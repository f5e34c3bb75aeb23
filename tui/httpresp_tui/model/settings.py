"""What the person chose: the config file, which is read, and the remembered state, which is written.

The config file is the person's own; a mistake in it is an error in words before the screen is taken. The state file is
ours: whatever is wrong with it is forgotten, and a failure to write it is told once. No Textual here.
"""

import json
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from platformdirs import user_config_path, user_state_path

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.system.private import replace_text, why
from httpresp_capture.system.textfiles import text_of
from httpresp_tui.errors import SettingsError
from httpresp_tui.model.columns import ALL_COLUMNS, column
from httpresp_tui.text.sanitising import printable_text

_PROGRAM = "httpresp-tui"
_HISTORY = 100
"""Filters remembered; more is a list nobody walks through."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The config file."""

    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    """Binding id: keys, comma between them."""
    copy_command: str = ""
    """Takes the text on its standard input; words as in a shell, but no shell runs it."""
    theme: str = ""
    """Wins over the remembered one."""
    reduced_motion: bool = False
    """Nothing glides, neither lists nor dialogs."""
    baseline: str = ""
    """A file of findings that are accepted; `--baseline` wins over it."""
    columns: tuple[str, ...] = ()
    """Keys of the columns of the list, in their order; wins over the remembered ones."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the next run finds as this one left it."""

    theme: str = ""
    layout: str = "auto"
    split: int = 50
    """Percent of the room that the list takes."""
    group_by: str = "flow"
    filters: tuple[str, ...] = ()
    """Display filters that were used, newest last."""
    columns: tuple[str, ...] = ()
    """Keys of the columns of the list, in their order; none for the usual ones."""

    def with_filter(self, text: str) -> tuple[str, ...]:
        """The history after `text` was used: newest last, each once."""
        return (*(old for old in self.filters if old != text), text)[-_HISTORY:] if text else self.filters


def config_path() -> Path:
    """Where the config file is looked for."""
    return user_config_path(_PROGRAM, appauthor=False) / "config.toml"


def state_path() -> Path:
    """Where the remembered state is kept."""
    return user_state_path(_PROGRAM, appauthor=False) / "state.json"


def load_settings(path: Path | None = None) -> Settings:
    """Read the config file; one that is not there is an empty one."""
    path = path or config_path()
    try:
        table = tomllib.loads(text_of(path.read_bytes(), printable_text(str(path))))
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise SettingsError(f"Cannot read {path}: {error.strerror}.") from None
    except CaptureError as error:
        raise SettingsError(str(error)) from None
    except ValueError as error:
        # Not only tomllib's own: a number of 5,000 digits is refused by Python.
        raise SettingsError(f"{path} is no TOML: {error}.") from None
    except RecursionError:
        raise SettingsError(f"{path} is nested too deeply.") from None
    chosen: dict[str, object] = {}
    for name, value in table.items():
        if name not in _READERS:
            close = get_close_matches(name, _READERS, n=1, cutoff=0.5)
            hint = f" did you mean {close[0]!r}?" if close else f" there are {', '.join(_READERS)}."
            raise SettingsError(f"{path}: unknown setting {name!r}:{hint}")
        try:
            chosen[name] = _READERS[name](value)
        except ValueError as error:
            raise SettingsError(f"{path}: {name} must be {error}.") from None
    return Settings(**chosen)  # pyright: ignore[reportArgumentType]  # each value came through its reader


def _keys(value: object) -> dict[str, str]:
    table = cast(dict[str, object], value) if isinstance(value, dict) else {"": None}
    if not all(isinstance(keys, str) for keys in table.values()):
        raise ValueError('a table of texts, such as "view.pause" = "p"')
    return cast(dict[str, str], table)


def _command(value: object) -> str:
    if isinstance(value, list):
        words = cast(list[object], value)
        if words and all(isinstance(word, str) for word in words):
            return shlex.join(cast(list[str], words))
    elif isinstance(value, str):
        try:
            shlex.split(value)
        except ValueError as error:
            raise ValueError(f"words as in a shell ({error})") from None
        return value
    raise ValueError("a text, or a list of texts")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _columns(value: object) -> tuple[str, ...]:
    keys = cast(list[object], value) if isinstance(value, list) else [None]
    for key in keys:
        if not isinstance(key, str):
            raise ValueError('a list of texts, such as ["time", "status", "header:x-cache"]')
        if column(key) is None:
            known = [entry.key for entry in ALL_COLUMNS]
            close = get_close_matches(key, known, n=1, cutoff=0.5)
            meant = f": did you mean {close[0]!r}?" if close else f": there are {', '.join(known)}, header:NAME"
            raise ValueError(f"a list of columns, and there is no column {key!r}{meant}")
    return tuple(cast(list[str], keys))


_READERS: dict[str, Callable[[object], object]] = {
    "keys": _keys,
    "copy_command": _command,
    "theme": _text,
    "reduced_motion": _flag,
    "baseline": _text,
    "columns": _columns,
}
"""Setting: what turns its TOML value into ours, or raises ValueError with what it must be."""


def load_remembered(path: Path | None = None) -> Remembered:
    """Read the state file; what is missing, broken or of the wrong kind is as if never written."""
    try:
        table: object = json.loads((path or state_path()).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Remembered()
    if not isinstance(table, dict):
        return Remembered()
    stored = cast(dict[str, object], table)
    kept: dict[str, object] = {}
    for entry in fields(Remembered):
        value = stored.get(entry.name)
        if isinstance(value, list):
            value = tuple(text for text in cast(list[object], value) if isinstance(text, str))
        if type(value) is type(entry.default):
            kept[entry.name] = value
    return Remembered(**kept)  # pyright: ignore[reportArgumentType]  # each value has the type of its default


def save_remembered(state: Remembered, path: Path | None = None) -> str:
    """Write the state file, readable by its owner only. Returns why it could not, or nothing."""
    path = path or state_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_text(path, json.dumps(asdict(state), indent=1))
    except OSError as error:
        return f"Cannot remember the theme and the layout: {why(error)} ({path})."
    return ""


class Memory:
    """What is remembered from one run to the next; written whenever it changes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._is_unwritable = False
        self.state = load_remembered(path)

    def change(self, **changes: Any) -> str:
        """Remember something else. Why that cannot be written, said once; or nothing."""
        before = self.state
        self.state = replace(before, **changes)
        if self.state == before:
            return ""
        problem = save_remembered(self.state, self._path)
        is_told, self._is_unwritable = self._is_unwritable, self._is_unwritable or bool(problem)
        return "" if is_told else problem
