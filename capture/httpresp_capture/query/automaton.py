"""Regular expressions without going back: each character of a text is looked at once, whatever the expression.

Python's `re` tries one way after the other, and `(a+)+$` or `a*a*a*b` take it hours on a line that somebody made for
that. Here all ways are followed at once (Thompson 1968): the positions of the expression that may come next are bits of
a number (Glushkov's automaton), and the sets of positions that were met become states of a deterministic one, made as
the text asks for them. A text costs one look-up a character once its states are known, and at most the step of a set
where they are not: there are only so many states kept.

Back-references and look-around are no regular languages, or need more than one pass; they are refused. What matched is
not known, only that something did, so greedy and lazy are the same.
"""

import importlib
import re
from typing import Any, Final

# The parser and compiler behind `re.compile`; they have no public name (`sre_parse` is deprecated since 3.11).
parser: Any = importlib.import_module("re._parser")
_compiler: Any = importlib.import_module("re._compiler")

POSITIONS: Final = 100
"""Characters of an expression, its counted repetitions written out. A step over a set of so many takes 1.5 µs, so that
64 KiB of text take a tenth of a second at the very worst."""
TRANSITIONS: Final = 16_384
"""Kept of one expression, about 4 MB with their states; beyond that a set is worked out for each character."""
CHARACTERS: Final = 65_536
"""Whose classes are remembered."""
SLICE: Final = 4_096
"""Characters between two looks at whether the answer is known."""

_EDGE, _NEWLINE, _WORD, _OTHER = range(4)
"""What stands beside a place in the text: nothing, a line end, a letter or digit, anything else."""
_SEARCH_FLAGS = re.IGNORECASE | re.MULTILINE


class UnsupportedError(Exception):
    """Something that is no regular language, or is too large; in words that follow "it has"."""


class State(dict[str, "State"]):
    """One set of positions: by class of the next character, the set after it."""

    __slots__ = ("automaton", "kind", "positions")

    def __init__(self, automaton: "Automaton", positions: int, kind: int) -> None:
        super().__init__()
        self.automaton = automaton
        self.positions = positions
        self.kind = kind

    def __missing__(self, character: str) -> "State":
        return self.automaton.step(self, character)


class Automaton:
    """One expression, ready to be looked for in texts."""

    def __init__(self, parsed: Any) -> None:
        self.steps = 0
        """Sets that were worked out, for those who count what a search costs."""
        self._nodes: list[tuple[str, int, tuple[int, ...]]] = []
        self._atoms: dict[tuple[int, str], int] = {}
        self._finders: list[Any] = []
        """By atom, what finds the runs of characters that it takes."""
        self._positions: list[tuple[int, int]] = []
        """(atom, the node behind it) of each position."""
        last = self._node("match", 0)
        self._first = self._sequence(parsed, int(parsed.state.flags) | _SEARCH_FLAGS, last)
        self._match = 1 << len(self._positions)
        self._followers: dict[tuple[int, int], tuple[int, list[list[int]]]] = {}
        self._classes: dict[tuple[int, int], str] = {}
        self._masks: dict[str, tuple[int, int]] = {}
        """Class → (the positions that take it, what it is to its neighbours)."""
        self._characters: dict[int, str] = {}
        self._states: dict[tuple[int, int], State] = {}
        self.kept = 0
        """Transitions that are remembered."""
        self._found = _Found(self, 0, _EDGE)
        self._initial = self._state(0, _EDGE)

    def search(self, text: str) -> bool:
        """True when the expression matches anywhere in the text."""
        self._learn(text)
        if self.kept >= TRANSITIONS:
            self.kept = 0
            self._states = {}
            self._initial = self._state(0, _EDGE)
        classes = text.translate(self._characters)
        state = self._initial
        for start in range(0, len(classes), SLICE):
            for character in classes[start : start + SLICE]:
                state = state[character]
            if state is self._found:
                return True
        return bool(self._next(state.positions, state.kind, _EDGE) & self._match)

    def step(self, state: State, character: str) -> State:
        """The set after one more character; kept while there is room."""
        self.steps += 1
        mask, kind = self._masks[character]
        following = self._next(state.positions, state.kind, kind)
        if following & self._match:
            return self._found
        if self.kept >= TRANSITIONS:
            return State(self, following & mask, kind)
        self.kept += 1
        key = following & mask, kind
        after = self._states.get(key)
        if after is None:
            after = self._state(*key)
        state[character] = after
        return after

    def _state(self, positions: int, kind: int) -> State:
        made = self._states[positions, kind] = State(self, positions, kind)
        return made

    # characters

    def _learn(self, text: str) -> None:
        """Sort the characters that are new into classes: which positions take them, and what they are beside others."""
        new = {character for character in set(text) if ord(character) not in self._characters}
        if not new:
            return
        if len(self._characters) + len(new) > CHARACTERS:
            self._characters = {}
            new = set(text)
        ordered = "".join(sorted(new))
        # An atom takes runs of neighbouring characters: where one begins or ends, its bit changes.
        changed = [0] * (len(ordered) + 1)
        for number, find in enumerate(self._finders):
            for run in find(ordered):
                changed[run.start()] ^= 1 << number
                changed[run.end()] ^= 1 << number
        atoms = 0
        for character, change in zip(ordered, changed, strict=False):
            atoms ^= change
            kind = _NEWLINE if character == "\n" else _WORD if character.isalnum() or character == "_" else _OTHER
            name = self._classes.get((atoms, kind))
            if name is None:
                name = self._classes[atoms, kind] = chr(len(self._classes))
                mask = sum(1 << at for at, (atom, _) in enumerate(self._positions) if atoms >> atom & 1)
                self._masks[name] = mask, kind
            self._characters[ord(character)] = name

    # sets

    def _next(self, positions: int, before: int, after: int) -> int:
        """The positions that may take the next character, and the bit of a match, between two kinds of neighbours."""
        known = self._followers.get((before, after))
        if known is None:
            known = self._followers[before, after] = self._follow(before, after)
        following, tables = known
        for table in tables:
            if not positions:
                break
            following |= table[positions & 255]
            positions >>= 8
        return following

    def _follow(self, before: int, after: int) -> tuple[int, list[list[int]]]:
        """From the beginning, and for each eight positions a table of what follows which of them."""
        follow = [self._closure(node, before, after) for _, node in self._positions]
        tables: list[list[int]] = []
        for start in range(0, len(follow), 8):
            table = [0] * 256
            for bits in range(1, 256):
                lowest = (bits & -bits).bit_length() - 1
                at = start + lowest
                table[bits] = table[bits & (bits - 1)] | (follow[at] if at < len(follow) else 0)
            tables.append(table)
        # An expression may begin anywhere: its beginning follows everything.
        return self._closure(self._first, before, after), tables

    def _closure(self, node: int, before: int, after: int) -> int:
        """What can be reached without taking a character."""
        found = 0
        seen = {node}
        waiting = [node]
        while waiting:
            kind, value, following = self._nodes[waiting.pop()]
            if kind == "match":
                found |= self._match
            elif kind == "character":
                found |= 1 << value
            elif kind == "split" or _holds(value, before, after):
                waiting += [each for each in following if each not in seen]
                seen.update(following)
        return found

    # building

    def _node(self, kind: str, value: int, *following: int) -> int:
        if len(self._nodes) > 8 * POSITIONS:
            raise UnsupportedError("too many repetitions")
        self._nodes.append((kind, value, following))
        return len(self._nodes) - 1

    def _sequence(self, parsed: Any, flags: int, after: int) -> int:
        """Parts that follow each other, built from the last one on; gives the first node."""
        for name, argument in reversed(list(parsed)):
            after = self._part(str(name), argument, flags, after)
        return after

    def _part(self, name: str, argument: Any, flags: int, after: int) -> int:
        match name:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN" | "CATEGORY":
                return self._character(name, argument, flags, after)
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, inner = argument
                return self._repeat(int(least), str(most), inner, flags, after)
            case "SUBPATTERN":
                _, add, remove, inner = argument
                return self._sequence(inner, (flags | int(add)) & ~int(remove), after)
            case "BRANCH":
                return self._node("split", 0, *(self._sequence(branch, flags, after) for branch in argument[1]))
            case "AT":
                return self._node("assert", _anchor(str(argument), flags), after)
            case "GROUPREF" | "GROUPREF_EXISTS":
                raise UnsupportedError("a reference to a group beside a repetition")
            case "ASSERT" | "ASSERT_NOT":
                raise UnsupportedError("a look-ahead or look-behind beside a repetition")
            case _:
                raise UnsupportedError("a possessive repetition or an atomic group")

    def _character(self, name: str, argument: Any, flags: int, after: int) -> int:
        if len(self._positions) >= POSITIONS:
            raise UnsupportedError("too many repetitions")
        key = flags, f"{name} {argument!r}"
        atom = self._atoms.get(key)
        if atom is None:
            atom = self._atoms[key] = len(self._atoms)
            state = parser.State()
            state.flags = flags
            one = parser.SubPattern(state, [(getattr(parser, name), argument)])
            runs = parser.SubPattern(state, [(parser.MAX_REPEAT, (1, parser.MAXREPEAT, one))])
            self._finders.append(_compiler.compile(runs, flags).finditer)
        self._positions.append((atom, after))
        return self._node("character", len(self._positions) - 1)

    def _repeat(self, least: int, most: str, body: Any, flags: int, after: int) -> int:
        if most == "MAXREPEAT":
            # The loop knows itself only once it is built: its node is filled in then.
            loop = self._node("split", 0)
            begin = self._sequence(body, flags, loop)
            self._nodes[loop] = "split", 0, (begin, after)
            first = loop
        else:
            first = after
            for _ in range(int(most) - least):
                first = self._node("split", 0, self._sequence(body, flags, first), after)
        for _ in range(least):
            behind, first = first, self._sequence(body, flags, first)
            if first == behind:
                # Nothing, however often.
                break
        return first


class _Found(State):
    """Once it matched, it matched."""

    __slots__ = ()

    def __missing__(self, character: str) -> State:
        return self


_LINE_START, _LINE_END, _TEXT_START, _TEXT_END, _BOUNDARY, _NO_BOUNDARY = range(6)


def _anchor(name: str, flags: int) -> int:
    lines = bool(flags & re.MULTILINE)
    match name:
        case "AT_BEGINNING":
            return _LINE_START if lines else _TEXT_START
        case "AT_END":
            return _LINE_END if lines else _TEXT_END
        case "AT_BEGINNING_STRING":
            return _TEXT_START
        case "AT_END_STRING":
            return _TEXT_END
        case "AT_BOUNDARY":
            return _BOUNDARY
        case "AT_NON_BOUNDARY":
            return _NO_BOUNDARY
        case _:
            raise UnsupportedError("an anchor that is not known")


def _holds(anchor: int, before: int, after: int) -> bool:
    """Whether a place between two kinds of neighbours is what an anchor asks for."""
    match anchor:
        case 0:
            return before in (_EDGE, _NEWLINE)
        case 1:
            return after in (_EDGE, _NEWLINE)
        case 2:
            return before == _EDGE
        case 3:
            return after == _EDGE
        case 4:
            return (before == _WORD) != (after == _WORD)
        case _:
            return (before == _WORD) == (after == _WORD)
