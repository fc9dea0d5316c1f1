"""Texts that must be neither shown nor saved, and how they are masked."""

from __future__ import annotations

import base64
import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

MASK: Final = "***"
"""What stands in the place of a secret."""

SHORTEST: Final = 4
"""Characters of the shortest text that is masked: shorter ones are part of too many words to hide anything."""

_SHORTEST_ENCODED: Final = 6
"""Bytes of the shortest secret that is looked for within base64: the few letters of a shorter one come up by chance."""

_ESCAPES: Final = r"\\{1,127}"
"""The backslashes of an escape within escapes within escapes. Not any number: where no secret follows, each of a long
row of them would be looked at as often as there are others."""

_OTHER_WAYS: Final = {" ": r"\+", "\n": f"{_ESCAPES}n", "\r": f"{_ESCAPES}r", "\t": f"{_ESCAPES}t"}

_PICTURE: Final = r"data:(?:image|font|audio|video)/[\w.+-]+;base64,[A-Za-z0-9+/=]+"
"""Bytes within text, which hold no words though they may look so."""


class Secrets:
    """Texts that a notebook must neither show nor save. True when there are any.

    A secret is found in whatever spelling it comes back: upper or lower case, percent-encoded (also twice), with the
    escapes of JSON, HTML and programming languages, and within base64.
    """

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        return bool(self._texts)

    def __contains__(self, text: object) -> bool:
        return text in self._texts

    def add(self, text: str) -> None:
        """From now on `text` is a secret; a text of fewer than `SHORTEST` characters is not taken."""
        if len(text) >= SHORTEST and text not in self._texts:
            self._texts[text] = None
            self._pattern = None

    def clear(self) -> None:
        """Forgets all."""
        self._texts.clear()
        self._pattern = None

    def mask(self, text: str) -> str:
        """`text` with every secret replaced by `MASK`."""
        if not self._texts:
            return text
        if self._pattern is None:
            longest_first = sorted(self._texts, key=len, reverse=True)
            ways = "|".join(way for secret in longest_first for way in _spellings(secret))
            self._pattern = re.compile(f"({_PICTURE})|{ways}")
        return self._pattern.sub(lambda found: found[1] or MASK, text)

    def mask_cut(self, text: str) -> str:
        """As `mask`, for a text that was cut where it has a `…`: what a cut left of a secret is masked too."""
        *cut, rest = self.mask(text).split("…")
        return "…".join((*map(self._without_end, cut), rest))

    def mask_value(self, value: Any) -> Any:
        """A JSON value with the secrets in its texts masked, also in the keys of its objects."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.mask(key): self.mask_value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.mask_value(item) for item in value]
        return value

    def begun(self, text: str, least: int = 1) -> int:
        """How many characters at the end of `text` may be the beginning (`least` or more) of a secret."""
        return max((_begun(secret, text, least) for secret in self._texts), default=0)

    def _without_end(self, text: str) -> str:
        begun = self.begun(text, SHORTEST)
        return f"{text[:-begun]}{MASK}" if begun else text


def _begun(secret: str, text: str, least: int) -> int:
    for length in range(min(len(secret) - 1, len(text)), least - 1, -1):
        if text.endswith(secret[:length]):
            return length
    return 0


def _spellings(secret: str) -> Iterator[str]:
    """Patterns of all that a secret may look like."""
    yield f"(?i:{''.join(map(_spellings_of_character, secret))})"
    content = secret.encode("utf-8", "surrogatepass")
    if len(content) < _SHORTEST_ENCODED:
        return
    for before in range(3):  # bytes that share the first group of four letters with it
        letters = base64.b64encode(b"\0" * before + content).decode().rstrip("=")
        first = (before * 8 + 5) // 6
        last = (before + len(content)) * 8 // 6
        known = re.escape(letters[first:last]).replace(r"\+", "[+-]").replace("/", "[/_]")
        yield rf"[\w+/-]?{known}[\w+/-]?={{0,2}}"


def _spellings_of_character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    code = ord(character)
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(rf"{_ESCAPES}u{units[place : place + 4]}" for place in range(0, len(units), 4))
    ways = [rf"(?:{_ESCAPES})?{re.escape(character)}", percent, escaped, f"&#(?:{code}|x0*{code:x});"]
    ways.append(rf"{_ESCAPES}(?:x{code:02x}|U{code:08x}|u\{{{code:x}\}})")
    name = "apos" if character == "'" else importlib.import_module("html.entities").codepoint2name.get(code)
    if name:
        ways.append(f"&{name};")
    if character in _OTHER_WAYS:
        ways.append(_OTHER_WAYS[character])
    return f"(?:{'|'.join(ways)})"
