"""A file format: text in, notebook out, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verso.api.notebook import Notebook
from verso.api.record import Record, field


class ReadOptions(Record):
    """What a reader is told. `source`: the file's name for error messages. `suffix`: its ending with the dot.

    `languages`: every known kernel name and alias → the kernel's name. `comments`, `suffixes`: as in `WriteOptions`.
    """

    source: str = "<notebook>"
    suffix: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    suffixes: Mapping[str, str] = field(default_factory=dict)


class WriteOptions(Record):
    """What a writer is told. `suffix`: ending of the target. `languages`: as in `ReadOptions`.

    `comments`: kernel name → its line comment. `suffixes`: each ending of scripts that a
    kernel has → the kernel's name."""

    suffix: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    suffixes: Mapping[str, str] = field(default_factory=dict)


Reader = Callable[[str, ReadOptions], Notebook]
Writer = Callable[[Notebook, WriteOptions], str]
PieceWriter = Callable[[Notebook, WriteOptions, Callable[[str], object]], None]


class Format(Record):
    """Describes a format without importing it.

    `name`: what `--to` takes. `suffixes`: file endings with the dot; the first is the usual one. `read` and
    `write`: `package.module:name` of a `Reader` and a `Writer`. A reader raises `FormatError` (file, line or JSON
    path, what was expected) and never guesses; reading what was written gives an equal notebook. `keeps_outputs`:
    whether outputs survive. `sniff`: a text that only this format begins with, white space aside, or empty (for
    standard input). `write_to`: as `write`, but hands the text over piece by piece, for notebooks with outputs too
    large to hold twice; a format without it is written by `write`.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    read: str | Reader
    write: str | Writer
    keeps_outputs: bool = True
    sniff: str = ""
    write_to: str | PieceWriter | None = None
