"""What could stand at a position of a SQL cell: tables, columns, `@variables`, functions, keywords, options."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

from verso.api.errors import VersoError
from verso.api.messages import CompleteReply, Completion
from verso_sql.connection import Connection
from verso_sql.connections import Connections
from verso_sql.options import OPTIONS, CellOptions, read_options
from verso_sql.schema import Schema, SchemaTable
from verso_sql.variables import Variables

MAX_PROPOSALS = 200

_WORD = re.compile(r"[\w$]*\Z")
_TABLE_PLACE = re.compile(r"\b(?:from|join|into|update|table|describe|summarize)\s+[\w$]*\Z", re.IGNORECASE)
_QUALIFIER = re.compile(r"([\w$]+)\.\Z")
_SOURCE = re.compile(
    r"\b(?:from|join|update|into)\s+([\w$.]+)(?:\s+(?:as\s+)?(?!on\b|using\b|where\b|set\b|join\b|left\b|right\b|inner"
    r"\b|full\b|cross\b|natural\b|group\b|order\b|limit\b|having\b|union\b|values\b|select\b)([^\W\d][\w$]*))?",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*\n|/\*.*?\*/|\$(\w*)\$.*?\$\1\$""",
    re.DOTALL,
)
"""Strings, quoted names and comments that end."""

_OPEN = re.compile(r"'|--|/\*|\$\w*\$")
_NAMED = re.compile(r"\b([^\W\d]\w*)\s+as\s*\(|\bas\s+([^\W\d]\w*)", re.IGNORECASE)
_COMMA_SOURCE = re.compile(r"\bfrom\s+((?:[\w$.]+(?:\s+(?:as\s+)?\w+)?\s*,\s*)+[\w$.]+(?:\s+\w+)?)", re.IGNORECASE)


def complete(code: str, position: int, connections: Connections, variables: Variables) -> CompleteReply:
    """Proposals at a position, best first. Called in the worker thread."""
    before = code[:position]
    option = _option_at(before, connections)
    if option is not None:
        return option
    if _OPEN.search(_CLOSED.sub(" ", before)):
        return CompleteReply(start=position, end=position)  # in a string or a comment
    found = _WORD.search(before)
    word = found[0] if found else ""
    start = position - len(word)
    if code[start - 1 : start] == "@" and start:
        named = [
            Completion(text=f"@{name}", kind="variable", detail=_detail(variables, name)) for name in variables.names()
        ]
        return _reply(named, f"@{word}", start - 1, position)
    connection = connection_of(code, connections)
    schema = connections.schema(connection)
    qualifier = _QUALIFIER.search(before[:start])
    if qualifier:
        proposals = list(_qualified(qualifier[1], code, schema, variables))
    elif _TABLE_PLACE.search(before):
        proposals = [*_tables(schema, connection, variables), *_own(code, word), *_keywords(connection)]
    else:
        proposals = [
            *_columns(code, schema, variables),
            *_tables(schema, connection, variables),
            *_own(code, word),
            *(Completion(text=name, kind="function") for name in schema.functions if word),
            *_keywords(connection),
        ]
    return _reply(proposals, word, start, position)


def _own(code: str, word: str) -> Iterator[Completion]:
    """The names that the cell itself gives: of its WITH queries, and aliases."""
    for found in _NAMED.finditer(_CLOSED.sub(" ", code)):
        name = found[1] or found[2]
        if name != word:
            yield Completion(text=name, kind="text")


def connection_of(code: str, connections: Connections) -> Connection:
    """The connection that a cell runs on; the default one while its option line is being written."""
    try:
        options, _ = read_options(code)
        return connections.find(options.connection)
    except VersoError:
        return connections.find(CellOptions().connection)


def sources(code: str) -> dict[str, str]:
    """The tables that code reads, by the name or alias under which it calls them, in lower case."""
    found: dict[str, str] = {}
    pairs = [(match[1], match[2] or "") for match in _SOURCE.finditer(code)]
    for listed in _COMMA_SOURCE.finditer(code):
        for item in listed[1].split(","):
            name, _, alias = item.strip().partition(" ")
            pairs.append((name, alias.removeprefix("as ").removeprefix("AS ").strip()))
    for table, alias in pairs:
        name = table.rpartition(".")[2]
        found[name.lower()] = table
        if alias:
            found[alias.lower()] = table
    return found


def find_table(name: str, schema: Schema) -> SchemaTable | None:
    """The table of a name as it is written, with or without its schema."""
    prefix, _, last = name.rpartition(".")
    return schema.find(last, prefix)


def _option_at(before: str, connections: Connections) -> CompleteReply | None:
    if "\n" in before or not before.lstrip().startswith("--"):
        return None
    words = before.split(" ")
    word = words[-1]
    if len(words) > 1 and words[-2] == "--connection":
        names = [Completion(text=name, kind="module") for name in connections.names()]
        return _reply(names, word, len(before) - len(word), len(before))
    if word.startswith("--"):
        options = [Completion(text=option, kind="property") for option in OPTIONS if option not in words[:-1]]
        return _reply(options, word, len(before) - len(word), len(before))
    return None


def _reply(proposals: list[Completion], word: str, start: int, end: int) -> CompleteReply:
    wanted = word.lower()
    matching: dict[str, Completion] = {}
    for proposal in proposals:
        text = proposal.text.lower().lstrip('"')
        if text.startswith(wanted) and proposal.text not in matching:
            matching[proposal.text] = proposal
    listed = tuple(matching.values())
    return CompleteReply(start=start, end=end, completions=listed[:MAX_PROPOSALS], more=len(listed) > MAX_PROPOSALS)


def _tables(schema: Schema, connection: Connection, variables: Variables) -> Iterator[Completion]:
    if connection.reads_shared_tables:
        for name in variables.table_names():
            yield Completion(text=name, kind="variable", detail=_detail(variables, name))
    for table in schema.tables:
        other = table.schema and table.schema != schema.default
        text = f"{quoted(table.schema)}.{quoted(table.name)}" if other else quoted(table.name)
        yield Completion(text=text, kind="class", detail=table.kind)
    for name in schema.schemas():
        yield Completion(text=name, kind="module", detail="schema")


def _qualified(qualifier: str, code: str, schema: Schema, variables: Variables) -> Iterator[Completion]:
    source = sources(code).get(qualifier.lower(), qualifier)
    table = find_table(source, schema)
    if table is not None:
        yield from _table_columns(table)
    elif source in variables.table_names():
        yield from _variable_columns(source, variables)
    for other in schema.tables:
        if other.schema.lower() == qualifier.lower():
            yield Completion(text=quoted(other.name), kind="class", detail=other.kind)


def _columns(code: str, schema: Schema, variables: Variables) -> Iterator[Completion]:
    for source in dict.fromkeys(sources(code).values()):
        table = find_table(source, schema)
        if table is not None:
            yield from _table_columns(table)
        elif source in variables.table_names():
            yield from _variable_columns(source, variables)


def _table_columns(table: SchemaTable) -> Iterator[Completion]:
    for column in table.columns:
        key = ", primary key" if column.key else ""
        yield Completion(text=quoted(column.name), kind="field", detail=f"{column.type} ({table.name}{key})")


def _variable_columns(name: str, variables: Variables) -> Iterator[Completion]:
    for column in variables.columns(name):
        yield Completion(text=quoted(column.name), kind="field", detail=f"{column.type} ({name})".strip())


def _keywords(connection: Connection) -> Iterator[Completion]:
    for word in importlib.import_module("verso_sql.tokens").keywords(connection.dialect):
        yield Completion(text=word, kind="keyword")


def quoted(name: str) -> str:
    """A name as it must be written: in quotes unless it is a plain word."""
    if re.fullmatch(r"[^\W\d][\w$]*", name):
        return name
    return '"' + name.replace('"', '""') + '"'


def _detail(variables: Variables, name: str) -> str:
    info = variables.info(name)
    return f"{info.type} {info.shape or info.preview}".strip()
