"""Answers Verso's requests inside IPython: JSON text in, an object that displays as JSON text out."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
from typing import Any

from .changes import Namespace
from .tables import decode, encode, values

_MIME = "application/x-verso"
_AWAIT = getattr(ast, "PyCF_ALLOW_TOP_LEVEL_AWAIT", 0)


class Answer:
    """Comes back as the value of a user expression: IPython asks it for its MIME bundle."""

    def __init__(self, content: Any) -> None:
        self._text = json.dumps(content)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return {_MIME: self._text, "text/plain": ""}


_SHELL = get_ipython()  # type: ignore[name-defined]  # noqa: F821 (IPython's builtin)
_NAMESPACE = Namespace(_SHELL)


def answer(text: Any) -> Any:
    """The `Answer` to a request. Never raises."""
    request = json.loads(text)
    try:
        return Answer(dict(_ANSWERS[request["type"]](request), status="ok"))
    except KeyError as error:
        return _failed("unknown", "there is no variable %r in Python" % error.args[0])
    except values.Untransferable as error:
        return _failed("untransferable", "%s: %s" % (request.get("name"), error))
    except Exception as error:  # whatever a library says of data that it can't take or give
        return _failed("untransferable", "%s: %s: %s" % (request.get("name"), type(error).__name__, error))


def _begin(request: Any) -> Any:
    arrow = os.path.isdir(request["exchange"]) and importlib.util.find_spec("pyarrow") is not None
    return {"arrow": arrow}


def _changes(request: Any) -> Any:
    return _NAMESPACE.changes()


def _list(request: Any) -> Any:
    return {"variables": _NAMESPACE.infos()}


def _get(request: Any) -> Any:
    value = _NAMESPACE.get(request["name"])
    try:
        return {"value": encode(value, request["exchange"])}
    except RecursionError:
        raise values.Untransferable("", type(value).__qualname__, "it is nested too deeply") from None


def _set(request: Any) -> Any:
    _NAMESPACE.give(request["name"], decode(request["value"]))
    return {}


def _diagnose(request: Any) -> Any:
    """A syntax error of the cell as IPython reads it, and whether the cell lacks its end."""
    code = request["code"]
    found = []
    try:
        compile(_SHELL.transform_cell(code), "<cell>", "exec", ast.PyCF_ONLY_AST | _AWAIT)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        end_line, end_column = getattr(error, "end_lineno", None), getattr(error, "end_offset", None)
        found = [
            {
                "message": error.msg,
                "line": line,
                "column": max(column, 1),
                "end_line": end_line or line,
                "end_column": max(end_column or 0, column + 1),
            }
        ]
    except (ValueError, OverflowError) as error:
        found = [{"message": str(error)}]
    return {"diagnostics": found, "incomplete": _SHELL.check_complete(code)[0] == "incomplete"}


def _failed(what: Any, message: Any) -> Any:
    return Answer({"status": "error", "what": what, "message": message})


_ANSWERS = {
    "begin": _begin,
    "changes": _changes,
    "list": _list,
    "get": _get,
    "set": _set,
    "diagnose": _diagnose,
}
