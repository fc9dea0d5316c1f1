"""What `{{…}}` stands for: the cell's and the notebook's variables, earlier responses, and values made on the spot."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import os
import random
import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from verso.api.errors import VariableError
from verso.api.values import TypedValue, decode

PLACE = re.compile(r"\{\{\s*(.*?)\s*\}\}")
"""One `{{…}}`."""

DYNAMIC = ("$guid", "$uuid", "$timestamp", "$randomInt", "$datetime", "$localDatetime", "$processEnv", "$dotenv")

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_FORMAT = re.compile(r"YYYY|YY|MMMM|MMM|MM|DD|HH|hh|mm|ss|SSS|A|ZZ|Z|dddd|ddd")
_FORMATS = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "DD": "%d", "HH": "%H", "hh": "%I", "mm": "%M",
    "ss": "%S", "A": "%p", "ZZ": "%z", "Z": "%z", "dddd": "%A", "ddd": "%a",
}  # fmt: skip
_STEP = re.compile(r"\.?([^.\[\]]+)|\[\s*(-?\d+|\*)\s*\]|\[\s*(?:'([^']*)'|\"([^\"]*)\")\s*\]")
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
        self.secrets: set[str] = set()
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
        """`text` with every `{{…}}` filled in. `UnresolvedError`."""
        return PLACE.sub(lambda found: self._value(found[1], depth), text)

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
            return as_text(_walk(decode(self._shared[name], _records), path, expression))
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
        return as_text(_walk(data["body"], path.removeprefix("$"), expression))

    def _dynamic(self, expression: str) -> str:
        name, *words = _words(expression)
        makers: dict[str, Callable[[list[str]], str]] = {
            "$guid": lambda words: str(uuid.uuid4()),
            "$uuid": lambda words: str(uuid.uuid4()),
            "$timestamp": lambda words: str(int(_moment(words).timestamp())),
            "$randomInt": _random,
            "$datetime": lambda words: _shown(_moment(words[1:]), words),
            "$localDatetime": lambda words: _shown(_moment(words[1:]).astimezone(), words),
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
        (name,) = words
        if name.startswith("%"):
            name = self.fill(f"{{{{{name[1:]}}}}}")
        value = os.environ.get(name)
        if value is None:
            raise UnresolvedError(f"there is no environment variable {name!r}", f"$processEnv {words[0]}")
        self.secrets.add(value)
        return value

    def _dotenv(self, words: list[str]) -> str:
        (name,) = words
        try:
            text = (self._directory / ".env").read_text(encoding="utf-8")
        except OSError:
            text = ""
        found = re.search(rf"^\s*(?:export\s+)?{re.escape(name)}\s*=\s*(.*?)\s*$", text, re.MULTILINE)
        if found is None:
            raise UnresolvedError(f"there is no {name!r} in the file .env", f"$dotenv {name}")
        value = re.sub(r"^(['\"])(.*)\1$", r"\2", found[1])
        self.secrets.add(value)
        return value


_USAGE = {
    "$randomInt": "{{$randomInt min max}}",
    "$timestamp": "{{$timestamp [offset ms|s|m|h|d|w|M|y]}}",
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


def _records(value: TypedValue) -> list[dict[str, Any]]:
    content = value["v"]
    names = [column["name"] for column in content["columns"]]
    return [dict(zip(names, map(decode, row), strict=True)) for row in content["rows"]]


def _walk(value: Any, path: str, expression: str) -> Any:
    """The part of JSON data that a path (`a.b[0]['c'].*`) names."""
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None or found.end() == at:
            raise UnresolvedError(f"the path {path!r} can't be read", expression)
        key = next(group for group in found.groups() if group is not None)
        if key == "*":
            value = list(value.values()) if isinstance(value, dict) else value
        elif isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and re.fullmatch(r"-?\d+", key) and -len(value) <= int(key) < len(value):
            value = value[int(key)]
        else:
            raise UnresolvedError(f"the body has nothing at {path[: found.end()]!r}", expression)
        at = found.end()
    return value


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


def _moment(words: list[str]) -> dt.datetime:
    now = dt.datetime.now(dt.UTC)
    if not words:
        return now
    amount, unit = int(words[0]), words[1]
    if unit in ("M", "y"):
        months = now.year * 12 + now.month - 1 + amount * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(1)).day
        return now.replace(year=year, month=month + 1, day=min(now.day, last))
    return now + dt.timedelta(seconds=amount * _UNITS[unit])


def _shown(moment: dt.datetime, words: list[str]) -> str:
    style = words[0] if words else "iso8601"
    if style == "rfc1123":
        return email.utils.format_datetime(moment.astimezone(dt.UTC), usegmt=True)
    if style == "iso8601":
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    millis = f"{moment.microsecond // 1000:03d}"
    return _FORMAT.sub(lambda found: millis if found[0] == "SSS" else moment.strftime(_FORMATS[found[0]]), style)
