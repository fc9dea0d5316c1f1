"""Typed values (`verso.api.values`) from shell variables and into them.

A shell has text, lists of text and (bash, zsh) maps of text. What comes in keeps its text: numbers, booleans, dates
arrive as they are written, bytes as they are, null as a variable that is not set, a table as the path of a CSV file.
"""

from __future__ import annotations

import base64
import csv
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from verso.api.errors import VariableError
from verso.api.values import TypedValue
from verso_shell.declarations import Variable

_INTEGER_BASE: Final = "0123456789-"


def typed_value(variable: Variable) -> TypedValue:
    """What a variable holds. `declare -i` is an int and zsh's float a float; text that is no UTF-8 is bytes.
    `VariableError` for what has no value."""
    value = variable.value
    if variable.kind == "nameref":
        raise VariableError(
            f"{variable.name!r} of type nameref can't travel: it stands for another variable",
            next_step=f"share that one: {value}" if isinstance(value, str) else "",
        )
    if value is None:
        return {"t": "null"}
    if isinstance(value, dict):
        return {"t": "map", "v": [[_key(variable.name, key), _text(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return {"t": "list", "v": [_text(item) for item in value]}
    if variable.kind == "integer" and value and all(digit in _INTEGER_BASE for digit in value):
        return {"t": "int", "v": value}
    if variable.kind == "float":
        try:
            return {"t": "float", "v": repr(float(value))}
        except ValueError:
            pass
    return _text(value)


def _key(name: str, key: str) -> str:
    try:
        key.encode("utf-8")
    except UnicodeEncodeError:
        raise VariableError(f"{name!r} of type association can't travel: the key {key!r} is no UTF-8") from None
    return key


def _text(value: str) -> TypedValue:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raw = value.encode("utf-8", "surrogateescape")
        return {"t": "bytes", "v": base64.b64encode(raw).decode()}
    return {"t": "string", "v": value}


def assignment(
    name: str, value: TypedValue, *, arrays: bool, maps: bool, bash: bool, renew: bool, table: Path
) -> bytes:
    """The lines by which a shell makes the variable. A table is written to the file `table`, whose path is the value.
    `renew`: the variable is there and more than text, so that it has to go first (which would lose an export).

    `VariableError` for what a shell variable can't hold, naming the place in the value and its type.
    """
    kind, content = value["t"], value.get("v")
    plain = name.encode()
    forget = b"unset -v " + plain if bash else b"unset " + plain
    before = forget + b"\n" if renew else b""
    if kind == "null":
        return forget + b"\n"
    if kind == "table":
        write_csv(name, value["v"], table)
        return before + plain + b"=" + quoted(str(table).encode()) + b"\n"
    if kind in ("list", "set"):
        if not arrays:
            raise _no_room(name, "", kind, "this shell has no arrays; a bash cell does")
        words = b" ".join(quoted(_scalar(name, f"[{place}]", item)) for place, item in enumerate(content or ()))
        flags = b"-ga" if bash else b"-g -a"
        return forget + b"\ndeclare " + flags + b" " + plain + b"=(" + words + b")\n"
    if kind == "map":
        if not maps:
            raise _no_room(name, "", kind, "this shell has no associative arrays; bash has them since version 4")
        pairs = [(key.encode(), _scalar(name, f".{key}", item)) for key, item in content or ()]
        if bash and any(not key for key, _ in pairs):
            raise _no_room(name, "", kind, "bash allows no empty key")
        if bash:
            words = b" ".join(b"[" + quoted(key) + b"]=" + quoted(item) for key, item in pairs)
        else:
            words = b" ".join(quoted(word) for word in itertools.chain.from_iterable(pairs))
        flags = b"-gA" if bash else b"-g -A"
        return forget + b"\ndeclare " + flags + b" " + plain + b"=(" + words + b")\n"
    return before + plain + b"=" + quoted(_scalar(name, "", value)) + b"\n"


def quoted(text: bytes) -> bytes:
    """Bytes as one word of any shell."""
    return b"'" + text.replace(b"'", b"'\\''") + b"'"


def _scalar(name: str, path: str, value: TypedValue) -> bytes:
    kind, content = value["t"], value.get("v")
    if kind == "null":
        return b""
    if kind == "bool":
        return b"true" if content else b"false"
    if kind == "utf16":
        raise _no_room(name, path, "string", "it holds half a surrogate pair, which has no bytes in UTF-8")
    if kind in ("list", "set", "map", "table"):
        raise _no_room(name, path, kind, "a shell's lists and maps hold text only; take it as JSON text, say")
    raw = base64.b64decode(str(content)) if kind == "bytes" else str(content).encode()
    if b"\0" in raw:
        raise _no_room(name, path, kind, "it holds a zero byte, which ends a text in a shell")
    return raw


def _no_room(name: str, path: str, kind: str, why: str) -> VariableError:
    return VariableError(f"{name}{path} of type {kind} can't be a shell variable: {why}")


def write_csv(name: str, content: Mapping[str, Any], target: Path) -> None:
    """Writes a table as CSV (RFC 4180, UTF-8, with a head line, `\\n` line ends as programs of a shell want them). Null
    is an empty field, bytes are base64. `VariableError` when a cell holds a list, a map or a table."""
    columns: Sequence[Mapping[str, Any]] = content["columns"]
    with target.open("w", encoding="utf-8", newline="", errors="surrogatepass") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column["name"] for column in columns])
        for number, row in enumerate(content["rows"]):
            writer.writerow(
                [_field(name, f"[{number}].{column['name']}", cell) for column, cell in zip(columns, row, strict=True)]
            )


def _field(name: str, path: str, value: TypedValue) -> str:
    kind, content = value["t"], value.get("v")
    if kind == "null":
        return ""
    if kind == "bool":
        return "true" if content else "false"
    if kind in ("list", "set", "map", "table", "utf16"):
        raise _no_room(name, path, kind, "a table arrives as a CSV file, whose fields hold text only")
    return str(content)
