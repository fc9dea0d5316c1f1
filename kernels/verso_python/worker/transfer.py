"""Variables on their way to and from other languages, as typed values (`verso/api/values.py`)."""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourceFileLoader

from .kinds import Any, Message
from .scalars import plain, with_nanoseconds
from .tables import Tables
from .variables import Variables


class Transfer:
    """Answers `get_variable` and `set_variable`. `path`: of `values.py`, which comes from the engine's installation."""

    def __init__(self, variables: Variables, path: str) -> None:
        self._variables = variables
        self._values = _load("values", path)
        self._tables = Tables(self._values, _load("arrow", os.path.join(os.path.dirname(path), "arrow.py")))

    def get(self, request: Message) -> Message:
        """The reply with a variable's typed value."""
        name = str(request.get("name"))
        try:
            value = self._variables.get(name)
        except KeyError:
            return _failed("there is no variable %r in Python" % name, "unknown")
        folder = str(request.get("exchange") or "") if request.get("arrow") else ""
        try:
            typed = self._values.encode(value, lambda other: self._other(other, folder))
        except self._values.Untransferable as error:
            return _failed("%s: %s" % (name, error), "untransferable")
        except RecursionError:
            return _failed(
                "%s of type %s can't travel: it is nested too deeply" % (name, type(value).__qualname__),
                "untransferable",
            )
        except Exception as error:  # whatever a library says of data that it can't turn into a table
            return _failed(
                "%s of type %s can't travel: %s: %s" % (name, type(value).__qualname__, type(error).__name__, error),
                "untransferable",
            )
        return {"status": "ok", "value": typed}

    def set(self, request: Message) -> Message:
        """The reply after giving a name a value."""
        name = str(request.get("name"))
        try:
            value = self._values.decode(request["value"], self._tables.read)
        except Exception as error:
            return _failed("the value of %s is not what it should be: %s" % (name, error), "untransferable")
        try:
            self._variables.give(name, value)
        except ValueError as error:
            return _failed(str(error), "name")
        return {"status": "ok"}

    def _other(self, value: Any, folder: str) -> Any:
        """Typed values of objects that the table in `values.py` does not know: those of data libraries."""
        table = self._tables.write(value, folder)
        if table is not None:
            return table
        exact = with_nanoseconds(value)
        if exact is not None:
            return exact
        found, simpler = plain(value)
        return self._values.encode(simpler, lambda other: self._other(other, folder)) if found else None


def _failed(message: str, what: str) -> Message:
    return {"status": "error", "message": message, "what": what}


def _load(word: str, path: str) -> Any:
    name = "verso_worker." + word
    module = sys.modules[name] = type(sys)(name)
    module.__file__ = path
    SourceFileLoader(name, path).exec_module(module)
    return module
