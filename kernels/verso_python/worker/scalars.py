"""Objects of the standard library and of data libraries that stand for a plain value."""

from __future__ import annotations

from .kinds import Any


def plain(value: Any) -> tuple[bool, Any]:
    """Whether `value` stands for a plain one, and which. Tables are not among them (`tables.py`)."""
    kind = type(value)
    home = kind.__module__.partition(".")[0]
    if home == "numpy":
        return _numpy(value)
    if home == "pandas":
        return _pandas(value)
    if home == "polars" and kind.__name__ == "Series":
        return True, value.to_list()
    if home == "pyarrow":
        return (True, value.to_pylist()) if hasattr(value, "to_pylist") else (hasattr(value, "as_py"), _as_py(value))
    if home == "collections" and kind.__name__ == "deque":
        return True, list(value)
    if home == "array" or kind is range:
        return True, list(value)
    if home in ("pathlib", "ipaddress", "zoneinfo"):
        return True, str(value)
    if _is_enum(value):
        return True, value.value
    if hasattr(kind, "__dataclass_fields__"):
        return True, {name: getattr(value, name) for name in kind.__dataclass_fields__}
    return False, None


def with_nanoseconds(value: Any) -> Any:
    """The typed value of a moment or span of pandas that has nanoseconds, which Python's own types would lose; None for
    anything else."""
    kind = type(value)
    if kind.__module__.partition(".")[0] != "pandas":
        return None
    if kind.__name__ == "Timestamp" and value.nanosecond:
        return {"t": "datetime", "v": value.isoformat()}
    if kind.__name__ != "Timedelta" or not value.nanoseconds:
        return None
    whole, part = divmod(abs(value.value), 10**9)
    return {"t": "duration", "v": "%s%d.%09d" % ("-" if value.value < 0 else "", whole, part)}


def _as_py(value: Any) -> Any:
    return value.as_py() if hasattr(value, "as_py") else None


def _is_enum(value: Any) -> bool:
    return any(base.__module__ == "enum" and base.__name__ == "Enum" for base in type(value).__mro__)


def _numpy(value: Any) -> tuple[bool, Any]:
    kind = type(value).__name__
    if kind == "datetime64":
        return True, _moment(value)
    if kind == "timedelta64":
        import datetime

        return True, None if str(value) == "NaT" else value.astype("timedelta64[us]").astype(datetime.timedelta)
    if getattr(value, "dtype", None) is not None and value.dtype.kind in "mM":
        return True, [
            plain(item)[1] if item.ndim == 0 else _numpy(item)[1] for item in value
        ] if value.ndim else _moment(value)
    if kind == "void" or not hasattr(value, "tolist"):
        return False, None
    simpler = value.tolist()
    return type(simpler) is not type(value), simpler


def _moment(value: Any) -> Any:
    import datetime

    if str(value) == "NaT":
        return None
    simpler = value.astype("datetime64[us]").astype(datetime.datetime)
    return simpler.date() if value.dtype.str.endswith("[D]") and isinstance(simpler, datetime.datetime) else simpler


def _pandas(value: Any) -> tuple[bool, Any]:
    kind = type(value).__name__
    if kind in ("NAType", "NaTType"):
        return True, None
    if kind == "Timestamp":
        return True, value.to_pydatetime(warn=False)
    if kind == "Timedelta":
        return True, value.to_pytimedelta()
    if hasattr(value, "tolist"):  # Series, Index, arrays
        return True, [None if item is not item and not isinstance(item, float) else item for item in value.tolist()]
    return False, None
