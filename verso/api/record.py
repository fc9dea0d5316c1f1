"""Frozen, slotted, keyword-only values: the shape of everything that crosses a border.

A `Record` behaves as a `dataclass(frozen=True, slots=True, kw_only=True)` and is understood as one by
type checkers (PEP 681), but defining a class costs microseconds instead of a millisecond: the standard
decorator compiles source text for each class, and some fifty of them would make up a quarter of the time
in which `verso run` has to start and finish a small notebook (docs/adr/0003-records.md).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, ClassVar, Self, dataclass_transform

_MISSING: Any = object()
_OFTEN = 64
"""After so many values of a class, its `__init__` is compiled: it makes a value in a third of the time, and compiling
it takes as long as making a hundred. Most classes of a short run never come to that."""


class _Default:
    """A field's default made anew for each value."""

    __slots__ = ("factory",)

    def __init__(self, factory: Callable[[], Any]) -> None:
        self.factory = factory


def field(*, default_factory: Callable[[], Any]) -> Any:
    """A field whose default is what `default_factory()` returns, called once for each value made."""
    return _Default(default_factory)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class _RecordType(type):
    def __new__(mcls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> type:
        own = {
            key: space.pop(key, _MISSING)
            for key, note in space.get("__annotations__", {}).items()
            if not str(note).startswith("ClassVar")
        }
        space["__slots__"] = tuple(own)
        if bases:
            space["__init__"] = bases[0]._general_init  # type: ignore[attr-defined]
        cls = super().__new__(mcls, name, bases, space)
        fields: dict[str, Any] = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(base.__dict__.get("_own_fields", {}))
        fields.update(own)
        cls._own_fields = own  # type: ignore[attr-defined]
        cls._defaults = {k: v for k, v in fields.items() if v is not _MISSING}  # type: ignore[attr-defined]
        cls._factories = tuple(k for k, v in fields.items() if type(v) is _Default)  # type: ignore[attr-defined]
        cls.fields = tuple(fields)  # type: ignore[attr-defined]
        cls._uses = [0]  # type: ignore[attr-defined]
        cls._setters = {k: getattr(cls, k).__set__ for k in fields}  # type: ignore[attr-defined]
        return cls


class Record(metaclass=_RecordType):
    """Base of frozen values. Fields are the annotated names; all are given by keyword.

    Two records are equal when they are of the same class and all fields are equal. `TypeError` for a
    field that is missing or unknown; `AttributeError` for an attempt to assign.
    """

    fields: ClassVar[tuple[str, ...]]
    _own_fields: ClassVar[dict[str, Any]]
    _defaults: ClassVar[dict[str, Any]]
    _factories: ClassVar[tuple[str, ...]]
    _uses: ClassVar[list[int]]
    _setters: ClassVar[dict[str, Callable[[Any, Any], None]]]

    def __init__(self, **given: Any) -> None:
        cls = type(self)
        uses = cls._uses
        uses[0] += 1
        if uses[0] == _OFTEN:
            cls.__init__ = _quick_init(cls)  # type: ignore[method-assign]
        values = {**cls._defaults, **given}
        setters = cls._setters
        if len(values) != len(setters) or values.keys() != setters.keys():
            raise TypeError(_wrong_fields(cls, given))
        for name in cls._factories:
            if name not in given:
                values[name] = values[name].factory()
        for name, value in values.items():
            setters[name](self, value)

    # What a subclass begins with: the compiled one of its base knows other fields.
    _general_init = __init__

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: use replace({name}=...)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.fields)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self.fields)))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.fields)
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, values as they are (nested records stay records)."""
        return {name: getattr(self, name) for name in self.fields}

    def replace(self, **changes: Any) -> Self:
        """The same value with some fields changed. `TypeError` for an unknown field."""
        return type(self)(**{**self.as_dict(), **changes})


def _quick_init(cls: type[Record]) -> Any:
    """`__init__` of a class with its fields as keywords, compiled."""
    slots: dict[str, Any] = {f"set_{name}": setter for name, setter in cls._setters.items()}
    arguments = ", ".join(name if name not in cls._defaults else f"{name}=missing" for name in cls.fields)
    lines = []
    for name in cls.fields:
        default = cls._defaults.get(name, _MISSING)
        if type(default) is _Default:
            slots[f"make_{name}"] = default.factory
            lines.append(f" set_{name}(self, make_{name}() if {name} is missing else {name})")
        elif name in cls._defaults:
            slots[f"default_{name}"] = default
            lines.append(f" set_{name}(self, default_{name} if {name} is missing else {name})")
        else:
            lines.append(f" set_{name}(self, {name})")
    space = {**slots, "missing": _MISSING}
    exec(f"def __init__(self, *, {arguments}):\n" + "\n".join(lines), space)
    return space["__init__"]


def _rebuild(cls: type[Record], values: dict[str, Any]) -> Record:
    return cls(**values)


def _wrong_fields(cls: type[Record], given: dict[str, Any]) -> str:
    missing = [name for name in cls.fields if name not in given and name not in cls._defaults]
    unknown = [name for name in given if name not in cls.fields]
    parts = [f"missing {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(unknown)}"] * bool(unknown)
    return f"{cls.__name__}(): {'; '.join(parts)} (fields: {', '.join(map(sys.intern, cls.fields))})"
