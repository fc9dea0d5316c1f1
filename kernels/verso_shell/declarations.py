"""Reads what a shell says of its variables: `declare -p` of bash, `typeset -p` of zsh, `set` of any other.

The text is one assignment a line, quoted so that the shell itself could read it back; a quoted value may hold newlines.
It is read as Latin-1, one character a byte, because a shell's values are bytes; `Variable` has them as text where they
are UTF-8, and with surrogate escapes (PEP 383) where they are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from verso.api.record import Record

Value = str | list[str] | dict[str, str] | None


class Variable(Record):
    """A shell variable. `kind`: string, integer, float, array, association or nameref. `value`: None where it is
    declared and not set. `exported`, `readonly`: its attributes, where the shell tells them."""

    name: str
    value: Value
    kind: str = "string"
    exported: bool = False
    readonly: bool = False


def read_declarations(text: bytes) -> dict[str, Variable]:
    """The variables by name, in the shell's order. What can't be read as a declaration is passed over: a shell may
    print more than variables (functions, say)."""
    found = {}
    for variable in _Scanner(text.decode("latin-1")).variables():
        found[variable.name] = variable
    return found


_HEAD: Final = re.compile(
    r"(?P<verb>declare|typeset|export|readonly|local)?(?P<options>(?:\s+-[-A-Za-z]\w*|\s+\+\w+)*)[ \t]*"
    r"(?:(?<=[ \t])[A-Za-z_]\w*[ \t]+(?=[A-Za-z_]\w*=\())?(?P<name>[A-Za-z_]\w*)(?P<set>=)?",
    re.ASCII,
)
_PIECE: Final = re.compile(
    r"'(?P<single>[^']*)'|\$'(?P<ansi>(?:[^'\\]|\\.)*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\"|\\(?P<escaped>.)"
    r"|(?P<plain>[^\s'\"\\()]+)",
    re.DOTALL,
)
_KEY: Final = re.compile(
    r"\[(?P<key>(?:'[^']*'|\$'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\\.|[^\]'\"\\])*)\]=", re.DOTALL
)
_ESCAPE: Final = re.compile(
    r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|(M-C-.|M-\\?C-.|M-.|C-.|c.)|(.))",
    re.DOTALL,
)
_NAMED: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}
_SPACE: Final = re.compile(r"[ \t\r\n]*")


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def variables(self) -> Iterator[Variable]:
        text = self._text
        while self._at < len(text):
            head = _HEAD.match(text, self._at)
            if head is None or not (head["verb"] or head["set"]):
                self._next_line()
                continue
            self._at = head.end()
            options = "".join(word.lstrip("-") for word in head["options"].split() if word.startswith("-"))
            is_list, value = self._value() if head["set"] else (False, None)
            yield _variable(head["verb"] or "", options, _text(head["name"]), is_list, value)
            self._next_line()

    def _next_line(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end + 1

    def _value(self) -> tuple[bool, list[tuple[str | None, str]]]:
        if not self._text.startswith("(", self._at):
            return False, [(None, self._word())]
        self._at += 1
        items: list[tuple[str | None, str]] = []
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at >= len(self._text) or self._text[self._at] == ")":
                self._at += 1
                return True, items
            key = _KEY.match(self._text, self._at)
            if key:
                self._at = key.end()
            before = self._at
            items.append((_unquoted(key["key"]) if key else None, self._word()))
            if self._at == before and key is None:  # nothing a word begins with: not a list after all
                return True, items

    def _word(self) -> str:
        parts = []
        while piece := _PIECE.match(self._text, self._at):
            self._at = piece.end()
            parts.append(_piece(piece))
        return "".join(parts)


def _variable(
    verb: str, options: str, name: str, is_list: bool, items: list[tuple[str | None, str]] | None
) -> Variable:
    kind = "nameref" if "n" in options and verb == "declare" else _kind(options, is_list)
    value: Value
    if items is None:
        value = None
    elif kind == "association":
        value = _pairs(items)
    elif is_list:
        value = [_text(word) for _, word in items]
    else:
        value = _text(items[0][1])
    return Variable(
        name=name,
        value=value,
        kind=kind,
        exported="x" in options or verb == "export",
        readonly="r" in options or verb == "readonly",
    )


def _kind(options: str, is_list: bool) -> str:
    if "A" in options:
        return "association"
    if is_list or "a" in options:
        return "array"
    if "i" in options:
        return "integer"
    return "float" if "F" in options or "E" in options else "string"


def _pairs(items: list[tuple[str | None, str]]) -> dict[str, str]:
    """Both forms: `[key]=value`, and key and value in turn (zsh before 5.5)."""
    if any(key is None for key, _ in items):
        words = [_text(word) for _, word in items]
        return dict(zip(words[::2], words[1::2], strict=False))
    return {_text(key or ""): _text(word) for key, word in items}


def _unquoted(text: str) -> str:
    return "".join(_piece(piece) for piece in _PIECE.finditer(text)) if any(c in text for c in "'\"\\") else text


def _piece(piece: re.Match[str]) -> str:
    groups: Mapping[str, str | None] = piece.groupdict()
    if groups["ansi"] is not None:
        return _ESCAPE.sub(_escape, groups["ansi"])
    if groups["double"] is not None:
        return re.sub(r'\\(["\\$`!])|\\\n', lambda found: found[1] or "", groups["double"])
    return next(text for text in (groups["single"], groups["escaped"], groups["plain"]) if text is not None)


def _escape(found: re.Match[str]) -> str:
    octal, hexadecimal, short, long, control, other = found.groups()
    if octal or hexadecimal:
        return chr(int(octal, 8) & 255 if octal else int(hexadecimal, 16))
    if short or long:
        return chr(int(short or long, 16)).encode("utf-8", "surrogatepass").decode("latin-1")
    if control:  # zsh: \C-x, \M-x, \M-\C-x
        code = ord(control[-1])
        if "C-" in control or control[0] == "c":
            code = 127 if code == 63 else code & 31
        return chr(code | 128 if control[0] == "M" else code)
    return _NAMED.get(other, other)


def _text(latin: str) -> str:
    return latin.encode("latin-1").decode("utf-8", "surrogateescape")
