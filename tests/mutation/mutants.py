"""Small faults put into a module, one at a time: what tests should notice.

A mutant is the module with one place changed: a comparison turned round or moved by one, `and` for `or`, a condition
denied, a number off by one, `True` for `False`, plus for minus, a statement or a branch left out. Docstrings, type
hints and declarations of slots are no behaviour and stay.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed place: its line, what was done there, and the whole module with it."""

    line: int
    change: str
    source: str


def mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            yield from _in_function(tree, function)


def _in_function(tree: ast.Module, function: ast.FunctionDef) -> Iterator[Mutant]:
    for node in [function, *(inner for statement in function.body for inner in _behaviour(statement))]:
        for place, change, apply in (*_statements(node), *_expressions(node)):
            before = ast.unparse(place).splitlines()[0]
            undo = apply()
            yield Mutant(getattr(place, "lineno", 0), f"{change}: {before}", ast.unparse(tree))
            undo()


def _behaviour(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what stands in it, but for type hints; a negative number is one."""
    yield node
    if _is_negative(node):
        return
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns"):
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, ast.AST):
                    yield from _behaviour(inner)


def _is_negative(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)


Apply = Callable[[], Callable[[], None]]
"""Makes a change, and gives the function that undoes it."""
Change = tuple[ast.AST, str, Apply]
"""The place, what is done there in words, and how."""


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


def _statements(node: ast.AST) -> Iterator[Change]:
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if not isinstance(block, list):
            continue
        for index, statement in enumerate(block):
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.Continue) and not (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            ):
                yield statement, "left out", _replacing(block, index)


def _setting(node: ast.AST, field: str, value: object) -> Apply:
    def apply() -> Callable[[], None]:
        old = getattr(node, field)
        setattr(node, field, value)
        return lambda: setattr(node, field, old)

    return apply


def _replacing(block: list[ast.stmt], index: int) -> Apply:
    def apply() -> Callable[[], None]:
        old = block[index]
        block[index] = ast.Pass()

        def undo() -> None:
            block[index] = old

        return undo

    return apply
