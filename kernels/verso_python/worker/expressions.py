"""Finding live objects by what stands in the code, without running any of it."""

from __future__ import annotations

import builtins
import re

from .kinds import Any

_DOTTED = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")
_BEFORE = re.compile(r"((?:[^\W\d]\w*\s*\.\s*)*)([^\W\d]\w*)?$")


class NotFoundError(LookupError):
    """No live object has that name, or finding it would run code."""


def resolve(path: str, namespace: dict[str, Any]) -> Any:
    """The object that a dotted name stands for. `NotFoundError`; properties are not evaluated."""
    first, *rest = [part.strip() for part in path.split(".")]
    if first in namespace:
        value = namespace[first]
    elif hasattr(builtins, first):
        value = getattr(builtins, first)
    else:
        raise NotFoundError(path)
    for name in rest:
        if isinstance(getattr(type(value), name, None), property):
            raise NotFoundError(path)
        try:
            value = getattr(value, name)
        except Exception:
            raise NotFoundError(path) from None
    return value


def dotted_at(code: str, position: int) -> str:
    """The dotted name that the position is in or right behind, up to the part that it is in; empty for none."""
    line_start = code.rfind("\n", 0, position) + 1
    for match in _DOTTED.finditer(code, line_start):
        if match.start() > position:
            break
        if position <= match.end():
            end = position
            while end < match.end() and (code[end].isalnum() or code[end] == "_"):
                end += 1
            return code[match.start() : end].rstrip(" .")
    return ""


def before(code: str, position: int) -> tuple[str, str]:
    """The dotted name and the begun word that end at the position: `("os.path", "jo")`."""
    found = _BEFORE.search(code[code.rfind("\n", 0, position) + 1 : position])
    if found is None:
        return "", ""
    return found.group(1).strip().rstrip("."), found.group(2) or ""


def call_around(code: str, position: int) -> str:
    """The dotted name of the innermost call whose brackets are open at the position; empty for none."""
    depth = 0
    for place in range(position - 1, -1, -1):
        sign = code[place]
        if sign in ")]}":
            depth += 1
        elif sign in "([{":
            if depth:
                depth -= 1
            elif sign == "(":
                base, word = before(code, place)
                name = ".".join(part for part in (base, word) if part)
                if name:
                    return name
            else:
                return ""
    return ""


def in_comment(code: str, position: int) -> bool:
    """Whether the position is in a comment."""
    line, column = line_and_column(code, position)
    if "#" not in code[position - column : position]:
        return False
    import io
    import tokenize

    try:
        for token in tokenize.generate_tokens(io.StringIO(code[:position]).readline):
            if token.type == tokenize.COMMENT and token.start[0] == line:
                return True
    except (tokenize.TokenError, SyntaxError):  # the code before is cut off, and may be wrong
        pass
    return False


def line_and_column(code: str, position: int) -> tuple[int, int]:
    """The line from 1 and the column from 0 of a position, as jedi counts."""
    return code.count("\n", 0, position) + 1, position - (code.rfind("\n", 0, position) + 1)
