"""What Verso knows of the languages of Jupyter kernels."""

from __future__ import annotations

from typing import Final

from verso.api.record import Record


class Language(Record):
    """A language: its line comment, and the regular expressions of `Kernelspec` for names of variables.
    `shares`: Verso can list, read and set its variables."""

    comment: str = "#"
    identifier: str = r"[^\W\d]\w*"
    mentions: str = r"[^\W\d]\w*"
    shares: bool = False


_R_NAME: Final = r"(?:[^\W\d_]|\.(?!\d))[\w.]*"
_SLASHES: Final = Language(comment="//")
_DASHES: Final = Language(comment="--")
_SEMICOLONS: Final = Language(comment=";")

_LANGUAGES: Final = {
    "python": Language(shares=True),
    "r": Language(identifier=_R_NAME, mentions=_R_NAME, shares=True),
    **dict.fromkeys(
        (
            "javascript",
            "typescript",
            "java",
            "kotlin",
            "scala",
            "groovy",
            "c",
            "c++",
            "c#",
            "f#",
            "go",
            "rust",
            "swift",
        ),
        _SLASHES,
    ),
    **dict.fromkeys(("sql", "lua", "haskell", "ada"), _DASHES),
    **dict.fromkeys(("scheme", "clojure", "lisp", "common-lisp"), _SEMICOLONS),
    **dict.fromkeys(("octave", "matlab", "prolog", "erlang"), Language(comment="%")),
}


def language(name: str) -> Language:
    """What is known of a language by the name that its kernelspec gives it; `#` comments, no variables for others."""
    return _LANGUAGES.get(name.lower(), Language())
