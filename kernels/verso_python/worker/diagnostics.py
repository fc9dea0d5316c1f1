"""What is wrong with code that was not run."""

from __future__ import annotations

import ast
import builtins
import sys
import warnings

from .kinds import Any, Iterator, Message

FLAGS = 0x2000
"""Top-level await."""
INCOMPLETE_INPUT = 0x4000 if sys.version_info >= (3, 10) else 0
"""Tells code that is cut off from code that is wrong."""

_CUT_OFF = (
    "incomplete input",
    "unexpected EOF",
    "was never closed",
    "EOF while scanning triple",
    "unterminated triple",
)


def diagnose(request: Message, namespace: dict[str, Any], transform: Any) -> Message:
    """The reply to a `diagnose` request. `transform`: makes Python of IPython's syntax, or raises the error given."""
    code = str(request.get("code", "")).replace("\r\n", "\n").replace("\r", "\n")
    diagnostics: list[Message] = []
    incomplete = False
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tree = compile(code, "<cell>", "exec", FLAGS | ast.PyCF_ONLY_AST, True)
            compile(tree, "<cell>", "exec", FLAGS, True)
            diagnostics.extend(_unknown_names(tree, code, namespace))
        except (SyntaxError, ValueError) as error:
            if not _is_magic(code, error, transform):
                incomplete = _is_incomplete(code)
                diagnostics.append(_of_error(code, error))
    told = {(warning.lineno or 1, str(warning.message), warning.category.__name__) for warning in caught}
    diagnostics.extend(_diagnostic(text, "warning", line, 1, line, 0, name) for line, text, name in sorted(told))
    diagnostics.sort(key=lambda each: (each["line"], each["column"]))
    return {"status": "ok", "diagnostics": diagnostics, "incomplete": incomplete}


def _is_magic(code: str, error: Exception, transform: Any) -> bool:
    if not isinstance(error, SyntaxError):
        return False
    try:
        compile(transform(code, error), "<cell>", "exec", FLAGS, True)
    except Exception:
        return False
    return True


def _is_incomplete(code: str) -> bool:
    try:
        compile(code, "<cell>", "exec", FLAGS | INCOMPLETE_INPUT, True)
    except SyntaxError as error:
        text = str(error.msg)
        if any(part in text for part in _CUT_OFF):
            return True
        return text.startswith("expected an indented block") and (error.lineno or 0) >= len(code.rstrip().split("\n"))
    except ValueError:
        pass
    return False


def _of_error(code: str, error: Exception) -> Message:
    if not isinstance(error, SyntaxError):
        return _diagnostic(str(error), "error", 1, 1, 0, 0, type(error).__name__)
    line, column = error.lineno or 1, max(error.offset or 1, 1)
    end_line, end_column = getattr(error, "end_lineno", None) or 0, getattr(error, "end_offset", None) or 0
    if end_line <= 0 or (end_line, end_column) <= (line, column):
        end_line, end_column = line, column + 1
    return _diagnostic(str(error.msg), "error", line, column, end_line, end_column, type(error).__name__)


def _unknown_names(tree: Any, code: str, namespace: dict[str, Any]) -> Iterator[Message]:
    """Names that nothing here makes, neither this cell nor one that has run."""
    nodes = list(ast.walk(tree))
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in nodes):
        return
    known = {*namespace, *dir(builtins), "__file__"}
    for node in nodes:
        known.update(_made_by(node))
    lines = code.split("\n")
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in known:
            start = len(lines[node.lineno - 1].encode()[: node.col_offset].decode("utf-8", "ignore")) + 1
            message = "%s is not defined by this cell or by one that has run" % node.id
            end = start + len(node.id)
            yield _diagnostic(message, "information", node.lineno, start, node.lineno, end, "undefined-name")


def _made_by(node: Any) -> list[str]:
    """The names that a node of the tree makes, in whatever scope."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)):
        return [node.name] if node.name else []
    name = getattr(node, "name", None) or getattr(node, "rest", None)  # patterns of `match`, type parameters
    return [name] if isinstance(name, str) else []


def _diagnostic(
    message: str, severity: str, line: int, column: int, end_line: int, end_column: int, code: str
) -> Message:
    return {
        "message": message,
        "severity": severity,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "code": code,
        "source": "python",
    }
