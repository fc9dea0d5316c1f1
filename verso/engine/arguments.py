"""The argument grammar of magics.

A line is words separated by spaces. A word may be quoted with `'…'` (as it is) or `"…"` (with `\\"`, `\\\\`,
`\\n`, `\\t`); one that begins with `{` or `[` is a JSON value to its closing bracket. `--name value`, `--name=value`,
`-n value`, flags without a value, positional words; `@kernel:name` is a word like any other. `--` ends the options.
"""

from __future__ import annotations

import json
from typing import Any, Final

from verso.api.errors import MagicError
from verso.api.magics import MagicOption
from verso.api.record import Record

_ESCAPES: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Word(Record):
    """One word of a line. `column` counts from 1; `end` is after its last character. `quoted`: never an option."""

    text: str
    column: int
    end: int
    quoted: bool = False


def split_words(line: str, number: int, start: int = 0) -> list[Word]:
    """The words of a line from `start` on. `MagicError` for a quote or JSON value that is not closed."""
    words: list[Word] = []
    place = start
    while place < len(line):
        if line[place].isspace():
            place += 1
            continue
        word, place = _read_word(line, place, number)
        words.append(word)
    return words


def parse_arguments(line: str, number: int, start: int, magic: str, options: tuple[MagicOption, ...]) -> dict[str, Any]:
    """What a line gives for a magic's options: name without dashes → text, True for a flag, a tuple when repeatable.

    `MagicError` with line and column for an unknown option, a missing value, a word too many, or a required one
    that is not there.
    """
    named = {name: option for option in options if option.name.startswith("-") for name in (option.name, option.short)}
    positional = [option for option in options if not option.name.startswith("-")]
    given: dict[str, Any] = {}
    words = split_words(line, number, start)
    only_positional = False
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word.text == "--" and not word.quoted and not only_positional:
            only_positional = True
            continue
        if word.text.startswith("-") and len(word.text) > 1 and not word.quoted and not only_positional:
            name, equals, value = word.text.partition("=")
            option = named.get(name)
            if option is None and positional and (positional[0].rest or _is_number(word.text)):
                place = _take_positional(line, words, place - 1, positional, given)
                continue
            if option is None:
                raise _unknown_option(name, word, number, magic, options)
            if option.flag:
                _give(given, option, True)
                continue
            if not equals:
                if place >= len(words):
                    raise MagicError(f"{name} of #!{magic} needs a value", line=number, column=word.column)
                value = words[place].text
                place += 1
            _give(given, option, value)
        elif positional:
            place = _take_positional(line, words, place - 1, positional, given)
        else:
            raise MagicError(
                f"#!{magic} does not take {word.text!r}",
                line=number,
                column=word.column,
                next_step=usage(magic, options),
            )
    for option in options:
        if option.required and key(option) not in given:
            raise MagicError(
                f"#!{magic} needs {option.name}", line=number, column=len(line) + 1, next_step=usage(magic, options)
            )
    return given


def key(option: MagicOption) -> str:
    """The name under which an option's value is given."""
    return option.name.lstrip("-").replace("-", "_")


def usage(magic: str, options: tuple[MagicOption, ...]) -> str:
    """One line that shows how a magic is called."""
    parts = [f"usage: #!{magic}"]
    for option in options:
        label = option.name if option.name.startswith("-") else f"<{option.name}>"
        if option.name.startswith("-") and not option.flag:
            label += f" <{option.name.lstrip('-')}>"
        if option.repeatable or option.rest:
            label += " …"
        parts.append(label if option.required else f"[{label}]")
    return " ".join(parts)


def _take_positional(line: str, words: list[Word], place: int, left: list[MagicOption], given: dict[str, Any]) -> int:
    option = left[0]
    if option.rest:
        given[key(option)] = line[words[place].column - 1 :].strip()
        return len(words)
    _give(given, option, words[place].text)
    if not option.repeatable:
        left.pop(0)
    return place + 1


def _give(given: dict[str, Any], option: MagicOption, value: Any) -> None:
    given[key(option)] = (*given.get(key(option), ()), value) if option.repeatable else value


def _is_number(text: str) -> bool:
    return text[1:2].isdigit()


def _unknown_option(name: str, word: Word, number: int, magic: str, options: tuple[MagicOption, ...]) -> MagicError:
    known = ", ".join(option.name for option in options if option.name.startswith("-")) or "none"
    return MagicError(
        f"#!{magic} has no option {name}", line=number, column=word.column, next_step=f"its options: {known}"
    )


def _read_word(line: str, start: int, number: int) -> tuple[Word, int]:
    if line[start] in "{[" and not line.startswith("{{", start):  # `{{name}}` of a template is no JSON
        try:
            _, end = json.JSONDecoder().raw_decode(line, start)
        except ValueError as error:
            column = getattr(error, "pos", start) + 1
            raise MagicError(f"this JSON value is not complete: {error}", line=number, column=column) from None
        return Word(text=line[start:end], column=start + 1, end=end, quoted=True), end
    parts: list[str] = []
    place = start
    quoted = line[start] in "'\""
    while place < len(line) and not line[place].isspace():
        character = line[place]
        if character in "'\"":
            text, place = _read_quoted(line, place, number)
            parts.append(text)
        else:
            parts.append(character)
            place += 1
    return Word(text="".join(parts), column=start + 1, end=place, quoted=quoted), place


def _read_quoted(line: str, start: int, number: int) -> tuple[str, int]:
    quote = line[start]
    parts: list[str] = []
    place = start + 1
    while place < len(line):
        character = line[place]
        if character == quote:
            return "".join(parts), place + 1
        if character == "\\" and quote == '"' and line[place + 1 : place + 2] in _ESCAPES:
            parts.append(_ESCAPES[line[place + 1]])
            place += 2
        else:
            parts.append(character)
            place += 1
    raise MagicError(
        f"the quote {quote} is not closed", line=number, column=start + 1, next_step="add the closing quote"
    )
