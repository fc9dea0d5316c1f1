"""Reading values of known types out of JSON, with the path of a mistake."""

from __future__ import annotations

from typing import Any, NoReturn, overload

from verso.api.errors import FormatError
from verso.formats.kept_keys import KeptKeys, KnownKeys

_NAMES = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    return _NAMES.get(type(value), "a number")


class JsonObject:
    """A JSON object whose known keys are asked for by type.

    `path`: where it stands in the file (`$.cells[3]`). `source`: the file's name. Each method returns what the key
    holds, or the type's nothing when it is missing or null, and raises `FormatError` with the path otherwise.
    """

    def __init__(self, value: object, known: KnownKeys, *, path: str, source: str) -> None:
        self.path = path
        self.source = source
        self.fields: dict[str, Any]
        self.kept: KeptKeys
        if type(value) is not dict:
            self.refuse("", "an object", value)
        self.fields, self.kept = known.split(value)

    @overload
    def text(self, key: str) -> str | None: ...
    @overload
    def text(self, key: str, default: str) -> str: ...
    def text(self, key: str, default: str | None = None) -> str | None:
        value = self.fields.get(key)
        if value is None:
            return default
        if type(value) is not str:
            self.refuse(key, "text", value)
        return str(value)

    def number(self, key: str) -> int | None:
        value = self.fields.get(key)
        if value is not None and type(value) is not int:
            self.refuse(key, "a whole number", value)
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.fields.get(key)
        if value is None:
            return default
        if type(value) is not bool:
            self.refuse(key, "true or false", value)
        return value

    def members(self, key: str) -> dict[str, Any]:
        value = self.fields.get(key)
        if value is None:
            return {}
        if type(value) is not dict:
            self.refuse(key, "an object", value)
        return value

    def items(self, key: str) -> list[Any]:
        value = self.fields.get(key)
        if value is None:
            return []
        if type(value) is not list:
            self.refuse(key, "a list", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.items(key)
        for index, value in enumerate(values):
            if type(value) is not str:
                self.refuse(f"{key}[{index}]", "text", value)
        return tuple(values)

    def lines(self, key: str) -> str:
        """Text, or a list of texts that are put together as they are."""
        value = self.fields.get(key)
        if value is None:
            return ""
        if type(value) is list:
            return "".join(self.texts(key))
        if type(value) is not str:
            self.refuse(key, "text or a list of texts", value)
        return str(value)

    def refuse(self, key: str, expected: str, found: object) -> NoReturn:
        path = f"{self.path}.{key}" if key else self.path
        raise FormatError(f"expected {expected}, found {kind_of(found)}", where=f"{self.source}: {path}")
