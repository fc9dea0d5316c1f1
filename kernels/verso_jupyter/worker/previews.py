"""What is shown of a variable, and what shows that it was changed in place; neither runs the user's code."""

from __future__ import annotations

import itertools
import reprlib
from typing import Any

LENGTH = 120
"""Longest preview in characters (`verso.api.variables.PREVIEW_LENGTH`)."""
BUDGET = 1000
"""Items that are looked at in one value, nested ones included."""
SAMPLE = 1 << 16
"""Bytes of an array that are looked at; of a larger one, as many spread over it."""

_TRUSTED = frozenset(("builtins", "datetime", "decimal", "uuid", "fractions", "pathlib", "zoneinfo", "ipaddress", "re"))
_LIBRARIES = frozenset(("numpy", "pandas", "polars", "pyarrow", "torch", "scipy", "xarray"))


class _Preview(reprlib.Repr):
    """`repr` with limits, and without the `__repr__` of classes that nobody vouches for."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = self.maxdeque = 12
        self.maxstring = self.maxother = LENGTH

    def repr_int(self, value: Any, level: Any) -> Any:
        return repr(value) if value.bit_length() < 2000 else "<int of %d bits>" % value.bit_length()

    def repr_dict(self, value: Any, level: Any) -> Any:
        # reprlib sorts keys; their order means something.
        if level <= 0:
            return "{…}"
        parts = [
            "%s: %s" % (self.repr1(key, level - 1), self.repr1(item, level - 1))
            for key, item in itertools.islice(dict.items(value), self.maxdict)
        ]
        return "{%s}" % ", ".join(parts + ["…"] * (len(value) > self.maxdict))

    def repr_instance(self, value: Any, level: Any) -> Any:
        kind = type(value)
        home = kind.__module__.partition(".")[0]
        if kind.__module__ in _TRUSTED:
            return repr(value)
        if home in _LIBRARIES:
            return _data(value)
        return "<%s>" % kind.__qualname__


_PREVIEW = _Preview()


def describe(name: Any, value: Any) -> Any:
    """What `verso.api.variables.VariableInfo` says of a variable. Never raises."""
    try:
        text = " ".join(_PREVIEW.repr(value).split("\n"))
    except Exception:
        text = "<%s>" % type(value).__name__
    count, shape = _size(value)
    if len(text) > LENGTH:
        text = text[: LENGTH - 1] + "…"
    return {"name": name, "type": type(value).__qualname__, "preview": text, "count": count, "shape": shape}


def fingerprint(value: Any) -> Any:
    """Something to compare with `==` to what the same call gave before. Never raises."""
    try:
        return _take(value, [BUDGET], 4)
    except Exception:
        return id(value)


def _size(value: Any) -> Any:
    if isinstance(value, (list, tuple, dict, set, frozenset, range)):
        return len(value), ""
    if type(value).__module__.partition(".")[0] in _LIBRARIES:
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and shape and all(isinstance(part, int) for part in shape):
            return shape[0], " x ".join(map(str, shape))
    return None, ""


def _data(value: Any) -> Any:
    shape = getattr(value, "shape", None)
    names = getattr(value, "column_names", None) or (
        list(value.columns) if getattr(value, "ndim", 2) == 2 and hasattr(value, "columns") else None
    )
    if names is not None and isinstance(shape, tuple) and len(shape) == 2:
        listed = ", ".join(map(str, names[:12]))
        return "%d rows: %s%s" % (shape[0], listed, ", …" if shape[1] > 12 else "")
    if isinstance(shape, tuple) and shape and hasattr(value, "dtype"):
        first = value[:12]
        items = first.tolist() if hasattr(first, "tolist") else first.to_list()
        return "%s %s" % (value.dtype, reprlib.repr(items))
    return repr(value) if not hasattr(value, "__len__") else "<%s>" % type(value).__qualname__


def _take(value: Any, left: Any, depth: Any) -> Any:
    kind = type(value)
    left[0] -= 1
    if value is None or kind in (bool, int, float, complex):
        return kind, repr(value)
    if kind in (str, bytes):
        return kind, len(value), hash(value)
    if depth == 0 or left[0] <= 0:
        return id(value)
    if isinstance(value, (list, tuple)):
        step = max(1, len(value) // max(left[0], 1))
        return id(value), len(value), [_take(item, left, depth - 1) for item in value[::step]]
    if isinstance(value, dict):
        some = itertools.islice(dict.items(value), max(left[0], 0))
        return id(value), len(value), [(_take(key, left, 1), _take(item, left, depth - 1)) for key, item in some]
    if isinstance(value, (set, frozenset)):
        return id(value), len(value), sorted(map(id, itertools.islice(value, max(left[0], 0))))
    if isinstance(value, bytearray):
        return id(value), len(value), hash(bytes(value[:SAMPLE]))
    home = kind.__module__.partition(".")[0]
    if home == "numpy" and hasattr(value, "shape"):
        return id(value), _array(value)
    if home == "pandas" and hasattr(value, "shape"):
        return id(value), _frame(value)
    fields = getattr(value, "__dict__", None)
    if type(fields) is dict:
        return id(value), kind.__name__, _take(fields, left, depth - 1)
    return id(value)


def _array(value: Any) -> Any:
    if not value.shape:
        return repr(value)
    if value.dtype.hasobject:
        return value.shape, [id(item) for item in itertools.islice(value.flat, BUDGET)]
    step = value.nbytes // SAMPLE + 1
    flat = value.reshape(-1) if value.flags.c_contiguous or value.nbytes <= SAMPLE else value.flat[: BUDGET * 10]
    return value.shape, str(value.dtype), hash(flat[::step].tobytes())


def _frame(value: Any) -> Any:
    if len(value.shape) == 1:
        return value.shape, str(value.dtype), _series(value)
    columns = [_series(value.iloc[:, place]) for place in range(min(value.shape[1], 50))]
    return value.shape, hash(tuple(map(str, value.columns))), columns


def _series(value: Any) -> Any:
    return _array(value.iloc[:: max(1, len(value) // 1000)].to_numpy())
