"""Fingerprints: enough of a value to see that it was changed in place, at a bounded price."""

from __future__ import annotations

from itertools import islice

from .kinds import Any

BUDGET = 1000
"""Items that are looked at in one value, nested ones included."""
BYTES = 1 << 16
"""Bytes of an array that are looked at; of a larger one, as many spread over it."""


def fingerprint(value: Any) -> Any:
    """Something to compare with `==` to what the same call gave before. Runs no code of the user's. Never raises."""
    try:
        return _take(value, [BUDGET], 4)
    except Exception:
        return id(value)


def _take(value: Any, left: list[int], depth: int) -> Any:
    kind = type(value)
    left[0] -= 1
    if value is None or kind is bool or kind is int:
        return (kind, value)
    if kind is float:
        return repr(value)
    if kind is str or kind is bytes:
        return (kind, len(value), hash(value))
    if depth == 0 or left[0] <= 0:
        return id(value)
    if issubclass(kind, (list, tuple)):
        base = list if issubclass(kind, list) else tuple
        return (
            id(value),
            base.__len__(value),
            [_take(item, left, depth - 1) for item in _spread(value, base, left[0])],
        )
    if issubclass(kind, dict):
        some = islice(dict.items(value), max(left[0], 0))
        pairs = [(_take(key, left, 1), _take(item, left, depth - 1)) for key, item in some]
        return (id(value), dict.__len__(value), pairs)
    if kind is set or kind is frozenset:
        return (id(value), len(value), [id(item) for item in islice(value, left[0])])
    if kind is bytearray:
        return (id(value), len(value), hash(bytes(value[:BYTES])))
    home = kind.__module__.partition(".")[0]
    if home == "numpy":
        return (id(value), _array(value))
    if home == "pandas":
        return (id(value), _frame(value))
    fields = object.__getattribute__(value, "__dict__") if kind.__dictoffset__ else None
    if type(fields) is dict:
        return (id(value), kind.__name__, _take(fields, left, depth - 1))
    return id(value)


def _spread(value: Any, base: Any, most: int) -> Any:
    """All items, or the first, the last, and some between them. `base`: the built-in type it derives from."""
    length = base.__len__(value)
    if length <= most:
        return base.__iter__(value)
    step = length // max(most // 2, 1) + 1
    parts = slice(most // 4), slice(None, None, step), slice(-(most // 4) - 1, None)
    return [item for part in parts for item in base.__getitem__(value, part)]


def _array(value: Any) -> Any:
    shape = getattr(value, "shape", None)
    if not shape or value.dtype.hasobject:
        return (
            (shape, id(value))
            if shape is None or not shape
            else (shape, [id(item) for item in islice(value.flat, BUDGET)])
        )
    if value.nbytes <= BYTES:
        return (shape, str(value.dtype), hash(value.tobytes()))
    flat = value.reshape(-1) if value.flags.c_contiguous else value.T.reshape(-1) if value.flags.f_contiguous else None
    if flat is None:
        return (shape, str(value.dtype), hash(value[:: max(1, shape[0] // 64)].tobytes()[:BYTES]))
    step = flat.size * value.itemsize // BYTES + 1
    return (shape, str(value.dtype), hash(flat[::step].tobytes()))


def _frame(value: Any) -> Any:
    shape = value.shape
    if len(shape) == 1:
        return (shape, str(value.dtype), _series(value))
    return (
        shape,
        hash(tuple(map(str, value.columns))),
        [_series(value.iloc[:, place]) for place in range(min(shape[1], 50))],
    )


def _series(value: Any) -> Any:
    array = value.array
    arrow = getattr(array, "_pa_array", None)
    if arrow is not None:
        return id(arrow)  # never changed itself: a change puts another in its place
    plain = getattr(array, "_ndarray", None)
    if plain is not None:
        return _array(plain)
    parts = [getattr(array, name, None) for name in ("_data", "_mask")]
    if all(hasattr(part, "tobytes") for part in parts):
        return [_array(part) for part in parts]
    plain = value.iloc[:: max(1, len(value) // 100)].to_numpy()
    # Its objects are made anew at each look, so that only what they say can be compared.
    return hash(tuple(plain.tolist())) if plain.dtype.hasobject else _array(plain)
