"""What is known of the thing at a position: signature, documentation, type, where it comes from."""

from __future__ import annotations

import inspect as live

from .expressions import NotFoundError, call_around, dotted_at, line_and_column, resolve
from .kinds import Any, Message
from .previews import preview

LONGEST = 20_000
"""Characters of documentation that are sent."""


def inspect(request: Message, namespace: dict[str, Any]) -> Message:
    """The reply to an `inspect` request: the live object at the position, the function of the call around it, or
    what jedi knows of code that has not run yet."""
    code = str(request.get("code", ""))
    position = max(0, min(int(request.get("position", len(code))), len(code)))
    for name in (dotted_at(code, position), call_around(code, position)):
        if name:
            try:
                return _found(*_of_object(name, resolve(name, namespace)))
            except NotFoundError:
                continue
    told = _by_jedi(code, position, namespace)
    return _found(*told) if told is not None else {"status": "ok", "found": False, "data": {}}


def _found(head: str, facts: list[tuple[str, str]], doc: str) -> Message:
    doc = doc[:LONGEST]
    facts = [(label, text) for label, text in facts if text]
    plain = "\n".join([head, *("%s: %s" % fact for fact in facts)]) + ("\n\n" + doc if doc else "")
    marked = "```python\n%s\n```\n" % head + "".join("\n**%s:** `%s`  " % fact for fact in facts)
    return {
        "status": "ok",
        "found": True,
        "data": {"text/plain": plain, "text/markdown": marked + ("\n\n```text\n%s\n```" % doc if doc else "")},
    }


def _of_object(name: str, value: Any) -> tuple[str, list[tuple[str, str]], str]:
    facts = []
    head = name
    if isinstance(value, type) or callable(value):
        head = _signature(name, value)
    if not isinstance(value, type) and not live.isroutine(value) and not live.ismodule(value):
        facts = [("type", type(value).__qualname__), ("value", preview(value))]
    facts.append(("file", _file(value)))
    try:
        doc = live.getdoc(value) or ""
    except Exception:
        doc = ""
    if not facts[0][1] and doc == (live.getdoc(type(value)) or "") and not live.isroutine(value):
        doc = ""
    return head, facts, doc


def _signature(name: str, value: Any) -> str:
    try:
        return name + str(live.signature(value))
    except (TypeError, ValueError):
        return name + "(...)" if callable(value) else name
    except Exception:
        return name


def _file(value: Any) -> str:
    if not (isinstance(value, type) or live.isroutine(value) or live.ismodule(value)):
        return ""
    try:
        return live.getfile(value)
    except (TypeError, OSError):
        return ""


def _by_jedi(code: str, position: int, namespace: dict[str, Any]) -> tuple[str, list[tuple[str, str]], str] | None:
    try:
        import jedi

        line, column = line_and_column(code, position)
        script = jedi.Interpreter(code, [namespace])
        found = script.help(line, column) or script.infer(line, column)
        if not found:
            return None
        thing = found[0]
        doc = thing.docstring(raw=True)
        signatures = thing.get_signatures()
        head = signatures[0].to_string() if signatures else thing.name
        return head, [("file", str(thing.module_path or ""))], doc
    except Exception:
        return None
