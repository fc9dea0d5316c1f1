"""`text/plain` of built-in containers: one line when it fits, one item a line when not, and bounded."""

from __future__ import annotations

from .kinds import Any, Iterator

WIDTH = 79
MAX_ITEMS = 1000
"""Items of one container that are shown; a mark says how many more there are."""
MAX_DEPTH = 50

_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    dict: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}


def pretty(value: Any) -> str:
    """As `repr`, laid out. Whatever is no plain list, tuple, set, frozenset or dict is shown by its own `repr`."""
    if type(value) not in _BRACKETS:
        return repr(value)
    return _show(value, 0, 0, ())


def _show(value: Any, indent: int, used: int, parents: tuple[int, ...]) -> str:
    kind = type(value)
    if kind not in _BRACKETS or not value:
        return repr(value)
    opening, closing = _BRACKETS[kind]
    if id(value) in parents or len(parents) > MAX_DEPTH:
        return opening + "..." + closing
    parents = (*parents, id(value))
    inner = indent + len(opening)
    parts = list(_parts(value, inner, parents))
    if kind is tuple and len(value) == 1:
        parts[0] += ","
    line = opening + ", ".join(parts) + closing
    if len(line) + indent + used <= WIDTH and "\n" not in line:
        return line
    return opening + (",\n" + " " * inner).join(parts) + closing


def _parts(value: Any, indent: int, parents: tuple[int, ...]) -> Iterator[str]:
    for place, item in enumerate(value.items() if type(value) is dict else _ordered(value)):
        if place == MAX_ITEMS:
            yield "... and %d more" % (len(value) - MAX_ITEMS)
            return
        if type(value) is dict:
            key = _show(item[0], indent, 0, parents)
            yield key + ": " + _show(item[1], indent + len(key) + 2, 0, parents)
        else:
            yield _show(item, indent, 0, parents)


def _ordered(value: Any) -> Any:
    """A set's items in order, where they have one: the same set looks the same each time."""
    if type(value) in (set, frozenset):
        kinds = {type(item) for item in value}
        if len(kinds) == 1 and kinds <= {int, float, str, bytes}:
            return sorted(value)
    return value
