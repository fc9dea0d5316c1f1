"""Splitting with sqlglot's tokenizer, which knows the strings, comments and quoted names of each dialect.

Beyond the tokens: the bodies of triggers and routines (`BEGIN … ; END`), `GO` between the batches of SQL Server, and
MySQL's `DELIMITER`, which belongs to its command line client but is what its users paste.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]  # re-exported there in every version

from verso_sql.statement import Reference, Statement, UnfinishedError

_ROUTINES = frozenset({"TRIGGER", "PROCEDURE", "PROC", "FUNCTION", "EVENT", "PACKAGE"})
_OTHER_OBJECTS = frozenset({"TABLE", "VIEW", "INDEX", "SCHEMA", "DATABASE", "TYPE", "SEQUENCE", "USER", "ROLE"})
_HEADS = frozenset({"CREATE", "ALTER", "REPLACE"})
_BLOCK_TAILS = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})
_OWN_VARIABLES = frozenset({"mysql", "tsql", "snowflake", "singlestore", "doris", "starrocks"})
_OPENERS = re.compile(r"'|\"|`|\[|/\*|\$")
_KINDS = {"'": "string", '"': "quoted name", "`": "quoted name", "[": "quoted name", "/*": "comment", "$": "$ string"}
_DELIMITER = re.compile(r"^[ \t]*delimiter[ \t]+(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_MAX_CANDIDATES = 500


def split(code: str, dialect: str) -> tuple[Statement, ...]:
    """See `verso_sql.statements.split`."""
    if dialect == "mysql" and _DELIMITER.search(code):
        return tuple(_split_delimited(code))
    tokens = tokenize(code, dialect)
    parts = _batches(code, tokens) if dialect == "tsql" else _semicolons(tokens)
    own = _own_names(tokens) if dialect in _OWN_VARIABLES else frozenset()
    return tuple(_statement(code, part, dialect, own) for part in parts)


def tokenize(code: str, dialect: str) -> list[Token]:
    """The tokens of `code`; comments are none. `UnfinishedError`."""
    try:
        return list(_tokens(code, dialect))
    except TokenError:
        raise _unfinished(code, dialect) from None


def keywords(dialect: str) -> tuple[str, ...]:
    """The words that mean something in the dialect, in capitals."""
    words = _tokenizer(dialect)[0].KEYWORDS
    return tuple(sorted({word.upper() for word in words if re.fullmatch(r"[A-Za-z_][A-Za-z_ ]*", word)}))


@cache
def _tokenizer(dialect: str) -> tuple[Any, Dialect]:
    chosen = Dialect.get_or_raise(dialect)
    # The parser wants the rest of EXPLAIN, CALL … as one string; we want to see the names in it.
    return type("Tokenizer", (chosen.tokenizer_class,), {"COMMANDS": set()}), chosen


def _tokens(code: str, dialect: str) -> Any:
    kind, chosen = _tokenizer(dialect)
    return kind(dialect=chosen).tokenize(code)


def _unfinished(code: str, dialect: str) -> UnfinishedError:
    """Finds what is not closed: the last opening mark before which the code has only whole tokens."""
    openers = list(_OPENERS.finditer(code))[-_MAX_CANDIDATES:]
    for opener in reversed(openers):
        try:
            _tokens(code[: opener.start()], dialect)
        except TokenError:
            continue
        return UnfinishedError(_KINDS[opener[0]], opener.start())
    return UnfinishedError("string, name or comment", 0)


def _semicolons(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    depth, routine = 0, False
    skip = False
    for place, token in enumerate(tokens):
        if token.token_type is TokenType.SEMICOLON and depth <= 0:
            if part:
                yield part
            part, depth, routine = [], 0, False
            continue
        part.append(token)
        word = token.text.upper()
        routine = routine or (word in _ROUTINES and _begins_routine(part))
        if not routine or skip or not _is_word(token):
            skip = False
            continue
        if word in ("BEGIN", "CASE"):
            depth += 1
        elif word == "END":
            following = tokens[place + 1].text.upper() if place + 1 < len(tokens) else ""
            skip = following == "CASE"
            depth -= following not in _BLOCK_TAILS
    if part:
        yield part


def _begins_routine(part: list[Token]) -> bool:
    return (
        bool(part)
        and part[0].text.upper() in _HEADS
        and not any(token.token_type is TokenType.L_PAREN or token.text.upper() in _OTHER_OBJECTS for token in part)
    )


def _is_word(token: Token) -> bool:
    return token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER)


def _batches(code: str, tokens: list[Token]) -> Iterator[list[Token]]:
    """SQL Server: a batch is what stands between lines that say GO; variables live as long as it."""
    part: list[Token] = []
    for token in tokens:
        line = code[code.rfind("\n", 0, token.start) + 1 :].split("\n", 1)[0].strip().lower()
        if re.fullmatch(r"go(\s+\d+)?;?", line):
            if part:
                yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def _split_delimited(code: str) -> Iterator[Statement]:
    delimiter, at = ";", 0
    for command in [*_DELIMITER.finditer(code), None]:
        piece = code[at : command.start()] if command else code[at:]
        for start, text in _pieces(piece, delimiter):
            tokens = tokenize(text, "mysql")
            parts = _semicolons(tokens) if delimiter == ";" else ([tokens] if tokens else [])
            for part in parts:
                found = _statement(text, part, "mysql", _own_names(tokens))
                yield found.replace(start=found.start + at + start)
        if command:
            delimiter, at = command[1], command.end()


def _pieces(piece: str, delimiter: str) -> Iterator[tuple[int, str]]:
    if delimiter == ";":
        yield 0, piece
        return
    start = 0
    for found in re.finditer(re.escape(delimiter) + r"[ \t]*(?=\n|\Z)", piece):
        yield start, piece[start : found.start()]
        start = found.end()
    yield start, piece[start:]


def _statement(code: str, part: list[Token], dialect: str, own: frozenset[str]) -> Statement:
    start, end = part[0].start, part[-1].end + 1
    routine = any(token.text.upper() in _ROUTINES and _begins_routine(part[:place]) for place, token in _head(part))
    references = () if routine else tuple(_references(code, part, dialect, own))
    return Statement(
        text=code[start:end],
        start=start,
        verb=part[0].text.upper(),
        references=references,
        words=frozenset(token.text for token in part if token.token_type is not TokenType.STRING),
    )


def _head(part: list[Token]) -> list[tuple[int, Token]]:
    return list(enumerate(part))[1:12]


def _references(code: str, part: list[Token], dialect: str, own: frozenset[str]) -> Iterator[Reference]:
    base = part[0].start
    call = part[0].text.upper() in ("EXEC", "EXECUTE")
    for place, mark in enumerate(part[:-1]):
        name = part[place + 1]
        if not _is_reference(code, mark, name):
            continue
        before = part[place - 1].text.upper() if place else ""
        listed = before == "(" and place > 1 and part[place - 2].text.upper() == "IN"
        argument = dialect == "tsql" and call and place + 2 < len(part) and part[place + 2].text == "="
        if argument or name.text.lower() in own:
            continue
        yield Reference(
            # The mark is `<@` where a comparison and the name stand together: only the `@` is ours.
            start=mark.end - base,
            end=name.end + 1 - base,
            name=name.text,
            in_list=listed and place + 2 < len(part) and part[place + 2].text == ")",
            own=dialect in _OWN_VARIABLES or mark.token_type is TokenType.LT_AT,
        )


def _is_reference(code: str, mark: Token, name: Token) -> bool:
    if mark.token_type not in (TokenType.PARAMETER, TokenType.LT_AT) or code[mark.end] != "@":
        return False
    written = code[name.start : name.end + 1]
    if name.start != mark.end + 1 or not re.fullmatch(r"[^\W\d]\w*", written):
        return False
    # `@@x`, `user@host` and `'root'@localhost` are the database's own.
    return mark.start == 0 or mark.token_type is TokenType.LT_AT or not re.match(r"[\w@'\"`\]]", code[mark.start - 1])


def _own_names(part: list[Token]) -> frozenset[str]:
    """Variables that the cell itself makes in the database: `DECLARE @x`, `SET @x =`, `@x :=`, `INTO @x`."""
    found = set()
    for place, mark in enumerate(part[:-1]):
        if mark.token_type is not TokenType.PARAMETER:
            continue
        before = part[place - 1].text.upper() if place else ""
        after = part[place + 2].text if place + 2 < len(part) else ""
        if before in ("DECLARE", "INTO") or (before == "SET" and after in ("=", ":=")) or after == ":=":
            found.add(part[place + 1].text.lower())
    if any(token.text.upper() == "DECLARE" for token in part):
        found |= _declared(part)
    return frozenset(found)


def _declared(part: list[Token]) -> set[str]:
    """The further names of `DECLARE @a int, @b int`: a name after a comma and before its type."""
    kinds = (TokenType.COMMA, TokenType.PARAMETER)
    return {
        part[place + 2].text.lower()
        for place in range(len(part) - 3)
        if part[place].token_type is kinds[0]
        and part[place + 1].token_type is kinds[1]
        and part[place + 3].token_type not in (TokenType.COMMA, TokenType.R_PAREN, TokenType.SEMICOLON)
    }
