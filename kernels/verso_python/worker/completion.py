"""Proposals for what could stand at a position: from jedi where it is installed, else from live objects alone."""

from __future__ import annotations

import builtins
import keyword
import re
import types

from .expressions import NotFoundError, before, in_comment, line_and_column, resolve
from .kinds import Any, Callable, Iterator, Message

MOST = 300
"""Proposals that are sent; `more` says that there are others."""

_KINDS = {"instance": "variable", "statement": "variable", "param": "variable", "path": "file"}
"""jedi's words where LSP has another."""


_MAGIC = re.compile(r"[ \t]*(%%?)([^\W\d]\w*)?$")


def complete(request: Message, namespace: dict[str, Any], shell: Callable[[], Any]) -> Message:
    """The reply to a `complete` request. `shell`: gives IPython's, or None."""
    code = str(request.get("code", ""))
    position = max(0, min(int(request.get("position", len(code))), len(code)))
    magic = _MAGIC.match(code[code.rfind("\n", 0, position) + 1 : position])
    if in_comment(code, position):
        start, proposals = position, []
    elif magic is not None:
        start, proposals = position - len(magic[2] or ""), _magics(magic[1], magic[2] or "", shell())
    else:
        found = _by_jedi(code, position, namespace)
        start, proposals = found if found is not None else _by_name(code, position, namespace)
    return {
        "status": "ok",
        "start": start,
        "end": position,
        "completions": proposals[:MOST],
        "more": len(proposals) > MOST,
    }


def _by_jedi(code: str, position: int, namespace: dict[str, Any]) -> tuple[int, list[Message]] | None:
    """None where jedi is not there or fails."""
    try:
        import jedi

        jedi.settings.allow_unsafe_interpreter_executions = False  # no property is run for a proposal
        line, column = line_and_column(code, position)
        found = jedi.Interpreter(code, [namespace]).complete(line, column)
        start = position - (found[0].get_completion_prefix_length() if found else len(before(code, position)[1]))
        return start, [
            {
                "text": _text(code[start:position], each),
                "label": each.name_with_symbols,
                "kind": _KINDS.get(each.type, each.type),
                "detail": "",
            }
            for each in found
        ]
    except Exception:  # jedi is not there, or met code that it can't read
        return None


def _text(typed: str, proposal: Any) -> str:
    """What is to stand in the place of what was typed: jedi's own name where only its letters' case differs."""
    name: str = proposal.name_with_symbols
    if proposal.complete is None or name.lower() == (typed + proposal.complete).lower():
        return name
    return str(typed + proposal.complete)


def _magics(sign: str, word: str, shell: Any) -> list[Message]:
    known = {} if shell is None else shell.magics_manager.lsmagic()["cell" if sign == "%%" else "line"]
    return [
        {"text": name, "label": sign + name, "kind": "function", "detail": ""}
        for name in sorted(known)
        if name.startswith(word)
    ]


def _by_name(code: str, position: int, namespace: dict[str, Any]) -> tuple[int, list[Message]]:
    base, word = before(code, position)
    try:
        names = dict(_members(resolve(base, namespace)) if base else _globals(namespace))
    except NotFoundError:
        names = {}
    wanted = [name for name in names if name.startswith(word) and (word.startswith("_") or not name.startswith("_"))]
    shown = [{"text": name, "label": name, "kind": names[name], "detail": ""} for name in sorted(wanted)]
    return position - len(word), shown


def _globals(namespace: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in keyword.kwlist:
        yield name, "keyword"
    for name in dir(builtins):
        yield name, _kind(getattr(builtins, name))
    for name, value in list(namespace.items()):
        yield name, _kind(value)


def _members(value: Any) -> Iterator[tuple[str, str]]:
    kind = value if isinstance(value, type) else type(value)
    for name in dir(value):
        static = getattr(kind, name, None)
        if isinstance(static, property):
            yield name, "property"
        else:
            own = getattr(value, "__dict__", {})
            yield name, _kind(own.get(name, static) if type(own) is dict else static)


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.ModuleType):
        return "module"
    return "function" if callable(value) else "variable"
