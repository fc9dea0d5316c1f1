"""Reading the keys of a wire message: each function returns the key's value, checked, or raises `ProtocolError`.

A key that is missing or null has its default; where there is none it is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from verso.api.errors import ProtocolError

Message = Mapping[str, Any]
T = TypeVar("T")


def text(message: Message, key: str, default: str | None = None) -> str:
    value = message.get(key)
    if type(value) is str:
        return value
    if value is None and default is not None:
        return default
    raise wrong(message, key, "a string")


def whole(message: Message, key: str, default: int | None = None) -> int:
    value = message.get(key)
    if type(value) is int:
        return value
    if value is None and default is not None:
        return default
    raise wrong(message, key, "a whole number")


def real(message: Message, key: str, default: float) -> float:
    value = message.get(key)
    if value is None:
        return default
    if type(value) in (int, float):
        return float(value)
    raise wrong(message, key, "a number")


def truth(message: Message, key: str, default: bool) -> bool:
    value = message.get(key)
    if value is None:
        return default
    if type(value) is bool:
        return value
    raise wrong(message, key, "true or false")


def optional(message: Message, key: str, kind: type[T]) -> T | None:
    """None where the key is missing or null."""
    value = message.get(key)
    if value is None or type(value) is kind:
        return value
    raise wrong(message, key, f"of type {kind.__name__}, or null")


def mapping(message: Message, key: str, *, required: bool = False) -> dict[str, Any]:
    value = message.get(key)
    if type(value) is dict:
        return value
    if value is None and not required:
        return {}
    raise wrong(message, key, "an object")


def mappings(message: Message, key: str, *, required: bool = False) -> list[dict[str, Any]]:
    return list(_array(message, key, dict, "an array of objects", required))


def texts(message: Message, key: str) -> tuple[str, ...]:
    return tuple(_array(message, key, str, "an array of strings", False))


def wrong(message: Message, key: str, expected: str) -> ProtocolError:
    """The error for a key whose value is not as `expected`."""
    given = repr(message[key]) if key in message else "missing"
    shown = given if len(given) <= 80 else given[:79] + "…"
    kind = message.get("type")
    return ProtocolError(f"{key!r} must be {expected}; it is {shown}", where=f"message {kind!r}" if kind else "")


def _array(message: Message, key: str, kind: type, expected: str, required: bool) -> list[Any]:
    value = message.get(key)
    if value is None and not required:
        return []
    if type(value) is list and all(type(item) is kind for item in value):
        return value
    raise wrong(message, key, expected)
