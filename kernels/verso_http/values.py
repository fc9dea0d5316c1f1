"""What `{{…}}` stands for: the cell's and the notebook's variables, earlier responses, and values made on the spot."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from verso.api.errors import VariableError
from verso.api.secrets import Secrets
from verso.api.values import TypedValue, decode
from verso_http.moments import moment, shown
from verso_http.paths import PathError, part_of_body, part_of_data

PLACE = re.compile(r"(?<!\\)\{\{[ \t]*([$\w][^{}\n]*?)[ \t]*\}\}")
"""One `{{…}}`. Braces around anything but a name, and behind a backslash, are text."""

_PLACE_OR_TEXT = re.compile(rf"\\(\{{\{{)|{PLACE.pattern}")

DYNAMIC = ("$guid", "$uuid", "$timestamp", "$randomInt", "$datetime", "$localDatetime", "$processEnv", "$dotenv")

_DOTENV = r"^[ \t]*(?:export[ \t]+)?{}[ \t]*=[ \t]*(?:(['\"])(.*?)\1|([^\n]*?))[ \t\r]*(?:(?<=\s)#.*)?$"
"""A line of `.env`: quoted text, or text up to a comment."""

_MAX_NESTING = 20


class UnresolvedError(VariableError):
    """A `{{…}}` has no value. `expression`: what stands between the braces."""

    def __init__(self, what: str, expression: str, *, next_step: str = "") -> None:
        super().__init__(what, next_step=next_step)
        self.expression = expression


class Values:
    """All that `{{…}}` may name. `responses`: name → response as plain data (`verso_http.responses`)."""

    def __init__(self, directory: Path, responses: Mapping[str, Mapping[str, Any]]) -> None:
        self._directory = directory
        self._responses = responses
        self._own: dict[str, str] = {}
        self._shared: dict[str, TypedValue] = {}
        self.secrets = Secrets()
        """Texts that came from the environment and are not to be shown."""

    def define(self, name: str, text: str) -> None:
        """`@name = text`; what it names is looked up when it is used."""
        self._own[name] = text

    def share(self, name: str, value: TypedValue) -> None:
        """A value of another kernel."""
        self._own.pop(name, None)
        self._shared[name] = value

    def shared(self, name: str) -> TypedValue | None:
        """The value that another kernel gave."""
        return self._shared.get(name)

    def names(self) -> tuple[str, ...]:
        """The names of variables and responses."""
        return tuple(dict.fromkeys((*self._own, *self._shared, *self._responses)))

    def clear(self) -> None:
        """Forgets all."""
        self._own.clear()
        self._shared.clear()
        self.secrets.clear()

    def fill(self, text: str, *, depth: int = 0) -> str:
        """`text` with every `{{…}}` filled in, and `\\{{` as `{{`. `UnresolvedError`."""
        return _PLACE_OR_TEXT.sub(lambda found: found[1] or self._value(found[2], depth), text)

    def _value(self, expression: str, depth: int) -> str:
        if depth > _MAX_NESTING:
            raise UnresolvedError(f"{{{{{expression}}}}} is defined by itself", expression)
        if expression.startswith("$"):
            return self._dynamic(expression)
        if expression in self._own:
            return self.fill(self._own[expression], depth=depth + 1)
        if expression in self._shared:
            return as_text(decode(self._shared[expression], _records))
        if re.match(r"[^\W\d]\w*\.(?:response|request)\b", expression):
            return self._of_response(expression)
        name, _, path = expression.partition(".")
        if path and name in self._shared:
            return _part(part_of_data, decode(self._shared[name], _records), path, expression=expression)
        known = ", ".join(self.names()) or "none"
        raise UnresolvedError(
            f"{{{{{expression}}}}} has no value",
            expression,
            next_step=f"known: {known}; @{name or 'name'} = … makes one",
        )

    def _of_response(self, expression: str) -> str:
        name, _, rest = expression.partition(".")
        side, _, rest = rest.partition(".")
        part, _, path = rest.partition(".")
        found = self._responses.get(name)
        if found is None:
            raise UnresolvedError(
                f"no request named {name!r} was sent",
                expression,
                next_step=f"write # @name {name} above one, and run it",
            )
        data: Any = found if side == "response" else found["request"]
        if part == "headers":
            return _header(data["headers"], path, expression)
        if part in ("status", "reason", "url"):
            return as_text(data.get(part))
        if part != "body":
            raise UnresolvedError(f"{expression!r}: after {side} comes body or headers", expression)
        if path in ("", "*"):
            return as_text(data["body"])
        kind = str(data["headers"].get("content-type", "")).partition(";")[0].strip().lower()
        return _part(part_of_body, data["body"], path, kind, expression=expression)

    def _dynamic(self, expression: str) -> str:
        name, *words = _words(expression)
        makers: dict[str, Callable[[list[str]], str]] = {
            "$guid": lambda words: str(uuid.uuid4()),
            "$uuid": lambda words: str(uuid.uuid4()),
            "$timestamp": lambda words: str(int(moment(words).timestamp())),
            "$randomInt": _random,
            "$datetime": lambda words: shown(moment(words[1:]), words[0] if words else "iso8601"),
            "$localDatetime": lambda words: shown(moment(words[1:]).astimezone(), words[0] if words else "iso8601"),
            "$processEnv": self._environment,
            "$dotenv": self._dotenv,
        }
        if name not in makers:
            raise UnresolvedError(f"there is no {name}", expression, next_step=f"known: {', '.join(DYNAMIC)}")
        try:
            return makers[name](words)
        except (ValueError, KeyError, IndexError, OverflowError):
            raise UnresolvedError(
                f"{{{{{expression}}}}} can't be read", expression, next_step=_USAGE.get(name, "")
            ) from None

    def _environment(self, words: list[str]) -> str:
        name = self._name(words)
        value = os.environ.get(name)
        if value is None:
            raise UnresolvedError(
                f"there is no environment variable {name!r}",
                f"$processEnv {words[0]}",
                next_step="set it where verso is started",
            )
        self.secrets.add(value)
        return value

    def _name(self, words: list[str]) -> str:
        """The name that a `$processEnv NAME` asks for; `%name` is that of a variable which holds it."""
        (name,) = words
        return self.fill(f"{{{{{name[1:]}}}}}") if name.startswith("%") else name

    def _dotenv(self, words: list[str]) -> str:
        name = self._name(words)
        file = self._directory / ".env"
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            text = ""
        found = re.findall(_DOTENV.format(re.escape(name)), text, re.MULTILINE)
        if not found:
            raise UnresolvedError(
                f"there is no {name!r} in the file .env", f"$dotenv {words[0]}", next_step=f"write {name}=… in {file}"
            )
        quoted, plain = found[-1][1:]
        value: str = quoted or plain
        self.secrets.add(value)
        return value


_USAGE = {
    "$randomInt": "{{$randomInt min max}}",
    "$timestamp": "{{$timestamp [offset ms|s|m|h|d|w|M|Q|y]}}",
    "$datetime": '{{$datetime rfc1123|iso8601|"format" [offset unit]}}',
    "$localDatetime": '{{$localDatetime rfc1123|iso8601|"format" [offset unit]}}',
    "$processEnv": "{{$processEnv NAME}}",
    "$dotenv": "{{$dotenv NAME}}",
}


def as_text(value: Any) -> str:
    """A value as it stands in a URL, header or body: text as it is, everything else as JSON has it."""
    if isinstance(value, str):
        return value
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None or isinstance(value, (bool, int, float, dict, list, set, frozenset, tuple)):
        return json.dumps(value, ensure_ascii=False, default=_json)
    return str(value)


def _json(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return list(value)
    return as_text(value)


def _part(find: Callable[..., Any], *arguments: Any, expression: str) -> str:
    try:
        return as_text(find(*arguments))
    except PathError as error:
        raise UnresolvedError(
            f"{{{{{expression}}}}} has no value: {error.what}", expression, next_step=error.next_step
        ) from None


def _records(value: TypedValue) -> list[dict[str, Any]]:
    content = value["v"]
    names = [column["name"] for column in content["columns"]]
    return [dict(zip(names, map(decode, row), strict=True)) for row in content["rows"]]


def _header(headers: Mapping[str, Any], name: str, expression: str) -> str:
    for key, value in headers.items():
        if key.lower() == name.lower():
            return ", ".join(value) if isinstance(value, list) else str(value)
    raise UnresolvedError(f"there is no header {name!r}", expression, next_step=f"headers: {', '.join(headers)}")


def _words(expression: str) -> list[str]:
    return [
        first or second or third for first, second, third in re.findall(r"\"([^\"]*)\"|'([^']*)'|(\S+)", expression)
    ]


def _random(words: list[str]) -> str:
    low, high = (int(words[0]), int(words[1])) if words else (0, 1000)
    return str(random.randrange(low, high))
