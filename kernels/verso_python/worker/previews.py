"""One line about a value, without running the user's code: an odd `__repr__` can neither break nor hold up a cell."""

from __future__ import annotations

from itertools import islice

from .kinds import Any, Message

LENGTH = 120
"""Longest preview in characters (`verso.api.variables.PREVIEW_LENGTH`)."""
ITEMS = 12
"""Items of a collection that are looked at."""
DEPTH = 3

_TRUSTED = frozenset(("builtins", "datetime", "decimal", "uuid", "fractions", "pathlib", "zoneinfo", "ipaddress", "re"))
"""Modules whose types have a `repr` that is short and harmless."""

_SHAPES: tuple[tuple[type, str, str], ...] = (
    (dict, "{", "}"),
    (list, "[", "]"),
    (tuple, "(", ")"),
    (set, "{", "}"),
    (frozenset, "frozenset({", "})"),
)


def describe(name: str, value: Any) -> Message:
    """What `verso.api.variables.VariableInfo` says of a variable. Never raises."""
    try:
        count, shape = size(value)
    except Exception:
        count, shape = None, ""
    try:
        text = preview(value)
    except Exception:
        text = "<%s>" % type(value).__name__
    return {"name": name, "type": type(value).__qualname__, "preview": text, "count": count, "shape": shape}


def preview(value: Any) -> str:
    """One line of at most `LENGTH` characters; a longer one ends in `…`."""
    return _cut(_show(value, 0, ()))


def size(value: Any) -> tuple[int | None, str]:
    """The number of items or rows, where the value has one, and its shape (`3 x 5`) or an empty text."""
    for base in (list, tuple, dict, set, frozenset, range):
        if issubclass(type(value), base):
            return base.__len__(value), ""
    if type(value).__module__.partition(".")[0] in ("pandas", "polars", "numpy", "pyarrow", "torch", "scipy", "xarray"):
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and shape and all(isinstance(part, int) for part in shape):
            return shape[0], " x ".join(map(str, shape))
    return None, ""


def _cut(text: str) -> str:
    text = text if len(text) <= LENGTH * 4 else text[: LENGTH * 4]
    text = " ".join(text.split("\n"))
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"


def _show(value: Any, depth: int, parents: tuple[int, ...]) -> str:
    kind = type(value)
    if issubclass(kind, str):
        text = str.__getitem__(value, slice(LENGTH + 1))
        return repr(text if len(text) <= LENGTH else text[:LENGTH] + "…")
    if kind is bytes or kind is bytearray:
        return repr(bytes(value[:LENGTH]))
    if kind is int:
        bits = value.bit_length()
        return repr(value) if bits < 2000 else "<int of %d bits>" % bits
    if issubclass(kind, (list, tuple, set, frozenset, dict)):
        return _collection(value, depth, parents)
    if kind.__module__ in _TRUSTED:
        return repr(value)
    return _thing(value, depth, parents)


def _collection(value: Any, depth: int, parents: tuple[int, ...]) -> str:
    base, opening, closing = next(shape for shape in _SHAPES if issubclass(type(value), shape[0]))
    length = base.__len__(value)  # type: ignore[attr-defined]
    if not length and base in (set, frozenset):
        return base.__name__ + "()"
    if id(value) in parents or depth >= DEPTH:
        return opening + "…" + closing
    parents = (*parents, id(value))
    if base is dict:
        parts = [
            _show(key, depth + 1, parents) + ": " + _show(item, depth + 1, parents)
            for key, item in islice(dict.items(value), ITEMS)
        ]
    else:
        parts = [_show(item, depth + 1, parents) for item in islice(base.__iter__(value), ITEMS)]  # type: ignore[attr-defined]
    if length > ITEMS:
        parts.append("…")
    if base is tuple and len(parts) == 1:
        parts[0] += ","
    return opening + ", ".join(parts) + closing


def _thing(value: Any, depth: int, parents: tuple[int, ...]) -> str:
    kind = type(value)
    home = kind.__module__.partition(".")[0]
    if home in ("numpy", "pandas", "polars", "pyarrow"):
        return _data(value)
    fields = _fields(value) if home == "__main__" else None
    if type(fields) is not dict or depth >= DEPTH or id(value) in parents:
        return "<%s>" % kind.__qualname__
    parents = (*parents, id(value))
    shown = ["%s=%s" % (name, _show(item, depth + 1, parents)) for name, item in islice(fields.items(), ITEMS)]
    return "%s(%s)" % (kind.__qualname__, ", ".join(shown + ["…"] * (len(fields) > ITEMS)))


def _fields(value: Any) -> Any:
    """The attributes of an object, whatever its own `__getattribute__` would do; None for one without."""
    try:
        return object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None


def _data(value: Any) -> str:
    """Arrays and tables by their columns or first items; scalars of these libraries as they are."""
    if type(value).__name__ == "LazyFrame":
        return "<LazyFrame>"  # its columns are known only when its plan is worked out
    columns = getattr(value, "columns", None) if getattr(value, "ndim", 2) == 2 else None
    names = getattr(value, "column_names", columns)
    shape = getattr(value, "shape", None)
    if names is not None and isinstance(shape, tuple) and len(shape) == 2:
        listed = ", ".join(str(name) for name in islice(names, ITEMS))
        return "%d rows: %s%s" % (shape[0], listed, ", …" if shape[1] > ITEMS else "")
    if isinstance(shape, tuple) and shape and hasattr(value, "dtype"):
        first = value.ravel() if hasattr(value, "ravel") and type(value).__module__ == "numpy" else value
        items = first[:ITEMS].tolist() if hasattr(first[:ITEMS], "tolist") else list(first[:ITEMS])
        return "%s [%s%s]" % (value.dtype, ", ".join(map(repr, items)), ", …" if shape[0] > ITEMS else "")
    return (
        repr(value)
        if shape == () or isinstance(value, (int, float)) or not hasattr(value, "__len__")
        else "<%s>" % type(value).__qualname__
    )
