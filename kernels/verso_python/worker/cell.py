"""A cell's text made into code: statements, and the last expression by itself."""

from __future__ import annotations

import _ast

from .kinds import Any

ONLY_AST = 0x400
TOP_LEVEL_AWAIT = 0x2000
FUTURES = 0x1FE0000
"""Bits of code flags that say which `from __future__` imports hold."""

COROUTINE = 0x80
LOOP_CALLS = frozenset(("create_task", "ensure_future", "get_running_loop", "current_task", "all_tasks"))
"""Calls that need a running event loop; a cell that makes one at its top level is run inside it."""


class Cell:
    """What is to be run: `body` (statements) and `result` (the last expression), each a code object or None."""

    __slots__ = ("body", "file", "in_loop", "result", "tree")

    def __init__(self, tree: Any, file: str, body: Any, result: Any, in_loop: bool) -> None:
        self.tree = tree
        self.file = file
        self.body = body
        self.result = result
        self.in_loop = in_loop

    @property
    def codes(self) -> list[Any]:
        """The code objects, in order."""
        return [code for code in (self.body, self.result) if code is not None]


def compile_cell(text: str, file: str, futures: int) -> Cell:
    """Compiles a cell. `futures`: the `__future__` flags of the cells before. `SyntaxError` as Python has it, also for
    a NUL character."""
    flags = TOP_LEVEL_AWAIT | futures
    try:
        tree: Any = compile(text, file, "exec", flags | ONLY_AST, True)
    except ValueError as error:  # NUL characters, before Python 3.12
        raise SyntaxError(str(error)) from None
    statements = tree.body
    result = None
    if statements and type(statements[-1]) is _ast.Expr and not _silenced(text, statements[-1]):
        last = statements.pop()
        expression = _ast.Expression(last.value)
        futures_here = _futures_in(statements)
        result = compile(expression, file, "eval", flags | futures_here, True)
        body = compile(tree, file, "exec", flags, True) if statements else None
        statements.append(last)
    else:
        body = compile(tree, file, "exec", flags, True) if statements else None
    in_loop = any(code is not None and code.co_flags & COROUTINE for code in (body, result))
    if not in_loop and any(name in text for name in LOOP_CALLS):
        in_loop = any(not LOOP_CALLS.isdisjoint(code.co_names) for code in (body, result) if code is not None)
    return Cell(tree, file, body, result, in_loop)


def _futures_in(statements: list[Any]) -> int:
    """Flags of the `from __future__ import` lines, which must hold for the last expression as well."""
    flags = 0
    for statement in statements:
        if type(statement) is _ast.ImportFrom and statement.module == "__future__":
            import __future__

            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def _silenced(text: str, expression: Any) -> bool:
    """Whether a `;` ends the last expression. After it there can be closing brackets, comments and blanks only."""
    lines = text.split("\n")[expression.end_lineno - 1 :]
    lines[0] = lines[0].encode("utf-8", "surrogatepass")[expression.end_col_offset :].decode("utf-8", "replace")
    return any(";" in line.partition("#")[0] for line in lines)
