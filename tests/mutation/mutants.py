"""Small faults put into a module, one at a time: what tests should notice.

A mutant is the module with one place changed: a comparison turned round or moved by one, `and` for `or`, a condition
denied, a number off by one, `True` for `False`, plus for minus, a statement or a branch left out. Docstrings, type
hints and declarations of slots are no behaviour and stay.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMPUTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
Apply = Callable[[], None]
Change = tuple[ast.AST, str, Apply]
"""The place, what is done there in words, and what does it."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed place."""

    function: str
    """Its qualified name within the module."""
    lines: range
    """The statement around the place, of a compound one its first lines."""
    change: str
    """What is done, and the place as it was; numbered where one statement has several that read the same."""
    statement: str
    """The first line of that statement, or of the one whose branch it is: with function and change it finds the place
    again in an edited module, and no other."""
    apply: Apply
    """Changes the tree that the mutant was found in, for good."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.function, self.statement, self.change

    def __str__(self) -> str:
        return f"{self.lines.start}: {self.function}: {self.change}\n        in: {self.statement}"


def mutants_of(tree: ast.Module) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    told = Counter[tuple[str, str, str]]()
    for each in _changes(tree):
        told[each.key] += 1
        yield each if told[each.key] == 1 else replace(each, change=f"{each.change} ({told[each.key]})")


def _changes(tree: ast.Module) -> Iterator[Mutant]:
    for name, function in _functions(tree, ""):
        yield from _in_block(name, [function])
        for statement in function.body:
            yield from _in_statement(name, statement)


def _gives_nothing(node: ast.stmt) -> bool:
    """True for a last statement without which a function gives None or what is as false."""
    return isinstance(node, ast.Return) and (
        node.value is None or (isinstance(node.value, ast.Constant) and node.value.value in (None, False))
    )


def _functions(node: ast.AST, within: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions of modules and classes, each with its name; one inside another is part of that."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.FunctionDef):
            yield within + inner.name, inner
        elif isinstance(inner, ast.ClassDef):
            yield from _functions(inner, f"{within}{inner.name}.")
        else:
            yield from _functions(inner, within)


def _in_statement(function: str, statement: ast.stmt) -> Iterator[Mutant]:
    """What can be changed in a statement, then in those within it."""
    inner: list[ast.stmt] = []
    nodes = list(_behaviour(statement, inner))
    for node in nodes:
        for change in _expressions(node):
            yield _mutant(function, statement, change)
    yield from _in_block(function, nodes)
    for each in inner:
        yield from _in_statement(function, each)


def _in_block(function: str, nodes: list[ast.AST] | list[ast.FunctionDef]) -> Iterator[Mutant]:
    for node in nodes:
        for statement, change in _statements(node):
            yield _mutant(function, statement, change, None if isinstance(node, ast.FunctionDef) else node)


def _mutant(function: str, statement: ast.stmt, change: Change, branch_of: ast.AST | None = None) -> Mutant:
    place, words, apply = change
    within = _first_line(branch_of or statement)
    return Mutant(function, _own_lines(statement), f"{words}: {_first_line(place)}", within, apply)


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0]


def _own_lines(statement: ast.stmt) -> range:
    """The lines of a statement, without those of the ones within it."""
    end = statement.end_lineno or statement.lineno
    within = [each.lineno for each in ast.walk(statement) if isinstance(each, ast.stmt) and each is not statement]
    return range(statement.lineno, max(statement.lineno, min(end, min(within, default=end + 1) - 1)) + 1)


def _behaviour(node: ast.AST, inner: list[ast.stmt]) -> Iterator[ast.AST]:
    """A node and what stands in it, but for type hints; a negative number is one. Statements go to `inner` instead."""
    yield node
    if _is_negative(node):
        return
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns"):
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.stmt):
                    inner.append(each)
                elif isinstance(each, ast.AST):
                    yield from _behaviour(each, inner)


def _is_negative(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)


def _expressions(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARED:
            yield node, "compared otherwise", _setting(node, "ops", [_COMPARED[type(operator)]()])
        case ast.BoolOp(op=ast.And()):
            yield node, "or for and", _setting(node, "op", ast.Or())
        case ast.BoolOp(op=ast.Or()):
            yield node, "and for or", _setting(node, "op", ast.And())
        case ast.UnaryOp(op=ast.Not()):
            yield node, "not left out", _setting(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            # Nearly all are -1 for "none": one less would be none as well.
            yield node, "one more", _setting(node, "operand", ast.Constant(value - 1))
        case ast.BinOp(op=operator) if type(operator) in _COMPUTED:
            yield node, "computed otherwise", _setting(node, "op", _COMPUTED[type(operator)]())
        case ast.AugAssign(op=operator) if type(operator) in _COMPUTED:
            yield node, "computed otherwise", _setting(node, "op", _COMPUTED[type(operator)]())
        case ast.Constant(value=bool() as value):
            yield node, "the other truth", _setting(node, "value", not value)
        case ast.Constant(value=int() as value):
            yield node, "one more", _setting(node, "value", value + 1)
        case ast.If(test=test):
            yield node, "never", _setting(node, "test", ast.Constant(False))
            yield node, "always", _setting(node, "test", ast.Constant(True))
            if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
                yield node, "denied", _setting(node, "test", ast.UnaryOp(ast.Not(), test))
        case _:
            return


def _statements(node: ast.AST) -> Iterator[tuple[ast.stmt, Change]]:
    """The statements right within a node that can be left out."""
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if not isinstance(block, list):
            continue
        for index, statement in enumerate(block):
            if isinstance(node, ast.FunctionDef) and statement is block[-1] and _gives_nothing(statement):
                continue
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.Continue) and not (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            ):
                yield statement, (statement, "left out", _replacing(block, index))


def _setting(node: ast.AST, field: str, value: object) -> Apply:
    return lambda: setattr(node, field, value)


def _replacing(block: list[ast.stmt], index: int) -> Apply:
    def apply() -> None:
        # Never reached, but there: `super()` and the names that it would set make the function what it is.
        dead = ast.If(ast.Constant(False), [block[index]], [])
        block[index] = ast.copy_location(dead, block[index])

    return apply
