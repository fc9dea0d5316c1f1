"""A cell's source, made ready for an engine that evaluates scripts (docs/adr/0005-javascript-worker.md).

What changes: top-level `const`, `let` and `class` become `var`, so that any cell can declare the name anew; static
imports and exports become expressions; dynamic imports go through the worker, which knows the notebook's folder;
TypeScript's types become blanks. The parser is tree-sitter, which gets through unfinished code as well; what is
no JavaScript is left as it is, and the engine says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from verso.api.record import Record, field
from verso_javascript.edits import Edits, Move, units
from verso_javascript.modules import rewrite_export, rewrite_import
from verso_javascript.typescript import TYPES_QUERY, refused, strip

IMPORT = "$$load"
"""The worker's name for `import`: as long as the word itself, so that no column moves."""

META = "$$meta"

_QUERY = """
(call_expression function: (import) @import)
(member_expression object: (meta_property) @meta)
(assignment_expression left: (identifier) @assigned)
(augmented_assignment_expression left: (identifier) @assigned)
(update_expression argument: (identifier) @assigned)
(decorator) @decorator
"""

_VARIABLES = frozenset({"lexical_declaration", "variable_declaration"})
_WORD = r"(?<![\w$])%s(?![\w$])"

_DECLARATIONS = {
    "lexical_declaration": "let",
    "variable_declaration": "var",
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "function_declaration": "function",
    "generator_function_declaration": "function",
}


class Prepared(Record):
    """A cell's source as it is evaluated.

    `declares`: names of its top level → `const let var class function import`. `assigns`: names that it assigns to
    anywhere. `replaces`: names that it declares with a value and does not mention before. `shows`: it ends in an
    expression, whose value is shown. `moves`: see `verso_javascript.edits`. `refused`: line and column (from 1, in
    UTF-16 code units) of what can't run, and why; the code is then as it was.
    """

    code: str
    moves: tuple[Move, ...] = ()
    declares: Mapping[str, str] = field(default_factory=dict)
    assigns: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    shows: bool = False
    refused: tuple[int, int, str] | None = None


class Grammar:
    """The parser and queries of one language."""

    def __init__(self, language: object, query: str) -> None:
        self._language = Language(language)
        self._query = Query(self._language, query)

    def parse(self, source: bytes) -> Node:
        """The root of the syntax tree."""
        return Parser(self._language).parse(source).root_node

    def captures(self, node: Node) -> dict[str, list[Node]]:
        """The nodes that the queries find, by capture."""
        return QueryCursor(self._query).captures(node)


@cache
def grammar(language: str) -> Grammar:
    """The grammar of `javascript` or `typescript`; loaded once."""
    if language == "typescript":
        return Grammar(tree_sitter_typescript.language_typescript(), _QUERY + TYPES_QUERY)
    return Grammar(tree_sitter_javascript.language(), _QUERY)


def prepare(code: str, language: str) -> Prepared:
    """The source of a cell in `javascript` or `typescript`, ready to be evaluated."""
    source = code.encode("utf-8", "replace")
    parser = grammar(language)
    root = parser.parse(source)
    if _is_object_literal(root, parser):
        inner = prepare_tree(b"(" + source + b")", parser, language)
        moves = tuple((new, length, old - 1, was) for new, length, old, was in inner.moves)
        return inner.replace(moves=((0, 1, 0, 0), *moves))
    return prepare_tree(source, parser, language)


def prepare_tree(source: bytes, parser: Grammar, language: str) -> Prepared:
    """As `prepare`, for a text that is taken as it is."""
    root = parser.parse(source)
    edits = Edits(source)
    found = parser.captures(root)
    refusal = refused(found)
    if refusal is not None:
        node, why = refusal
        lines = source[: node.start_byte].decode().split("\n")
        return Prepared(code=source.decode(), refused=(len(lines), units(lines[-1]) + 1, why))
    if language == "typescript":
        strip(found, edits)
    for node in found.get("import", ()):
        edits.replace(node.start_byte, node.end_byte, IMPORT)
    for node in found.get("meta", ()):
        if node.text == b"import.meta":
            edits.blank(node.start_byte, node.end_byte, META)
    assigns = {_text(node) for node in found.get("assigned", ())}
    declares: dict[str, str] = {}
    last: Node | None = None
    for node in root.children:
        if node.type in ("comment", "hash_bang_line", "empty_statement", ";"):
            continue
        last = node
        declares.update(_statement(node, edits, assigns))
    edited = edits.apply()
    return Prepared(
        code=edited.text,
        moves=edited.moves,
        declares=declares,
        assigns=tuple(sorted(assigns)),
        replaces=_replaced(root),
        shows=_is_shown(last),
    )


def _is_shown(last: Node | None) -> bool:
    if last is None:
        return False
    exported = last.type == "export_statement" and last.child_by_field_name("value") is not None
    return last.type == "expression_statement" or exported


def _statement(node: Node, edits: Edits, assigns: set[str]) -> dict[str, str]:
    """Edits a statement of the top level; the names that it declares, with their kinds."""
    if node.type == "import_statement":
        return dict.fromkeys(rewrite_import(node, edits, IMPORT), "import")
    if node.type == "export_statement":
        inner = rewrite_export(node, edits, IMPORT)
        return {} if inner is None else _statement(inner, edits, assigns)
    if node.type == "enum_declaration":
        name = node.child_by_field_name("name")
        return {} if name is None else {_text(name): "var"}
    kind = _DECLARATIONS.get(node.type)
    if kind is None:
        return {}
    if kind in ("class", "function"):
        name = node.child_by_field_name("name")
        if name is None:
            return {}
        if kind == "class":
            edits.insert(node.start_byte, f"var {_text(name)} = ")
            edits.insert(node.end_byte, ";")
        return {_text(name): kind}
    return _variables(node, edits, assigns)


def _variables(node: Node, edits: Edits, assigns: set[str]) -> dict[str, str]:
    word = node.children[0]
    kind = _text(word)
    if kind in ("const", "let"):
        edits.replace(word.start_byte, word.end_byte, "var".ljust(len(kind)))
    declares: dict[str, str] = {}
    for declarator in node.named_children:
        if declarator.type != "variable_declarator":
            continue
        target = declarator.child_by_field_name("name")
        if target is None:
            continue
        declares.update(dict.fromkeys(_bound(target), kind))
        if kind == "let" and declarator.child_by_field_name("value") is None:
            edits.insert(declarator.end_byte, " = undefined")
    guarded = [name for name in declares if name in assigns] if kind == "const" else []
    if guarded:
        names = ", ".join(f'"{name}"' for name in guarded)
        edits.insert(node.end_byte, f";$$const({names});")
    return declares


def _replaced(root: Node) -> tuple[str, ...]:
    """The names that the top level declares with a value, where nothing up to there mentions them otherwise: not the
    value itself, and no function above, which may have run."""
    source = root.text or b""
    found = []
    for statement in root.children:
        for declarator in statement.named_children if statement.type in _VARIABLES else ():
            target, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
            if target is not None and value is not None:
                before = source[: value.end_byte].decode()
                found += [name for name in _bound(target) if len(re.findall(_WORD % re.escape(name), before)) == 1]
    return tuple(found)


def _bound(pattern: Node) -> Iterator[str]:
    """The names that a binding pattern declares."""
    match pattern.type:
        case "identifier" | "shorthand_property_identifier_pattern":
            yield _text(pattern)
        case "pair_pattern":
            value = pattern.child_by_field_name("value")
            if value is not None:
                yield from _bound(value)
        case "assignment_pattern" | "object_assignment_pattern":
            left = pattern.child_by_field_name("left")
            if left is not None:
                yield from _bound(left)
        case "object_pattern" | "array_pattern" | "rest_pattern":
            for child in pattern.named_children:
                yield from _bound(child)


def _is_object_literal(root: Node, parser: Grammar) -> bool:
    """Whether the text is one `{…}` that reads as an object: what people type to see an object."""
    if not root.text or not root.text.lstrip().startswith(b"{"):
        return False
    first = next((child for child in root.named_children if child.type != "comment"), None)
    if first is None or not root.text.rstrip().endswith(b"}"):
        return False
    if first.type == "statement_block" and (first.named_children or first.has_error):
        return False
    again = parser.parse(b"(" + root.text + b")")
    return not again.has_error and len(again.named_children) == 1


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def wire(prepared: Prepared, original: str) -> dict[str, Any]:
    """What the worker is told of it: the code only where it differs."""
    told: dict[str, Any] = {"shows": prepared.shows, "declares": dict(prepared.declares)}
    if prepared.replaces:
        told["replaces"] = list(prepared.replaces)
    if prepared.assigns:
        told["assigns"] = list(prepared.assigns)
    if prepared.code != original:
        told["code"] = prepared.code
    if prepared.refused is not None:
        told["refused"] = dict(zip(("line", "column", "message"), prepared.refused, strict=True))
    if prepared.moves:
        told["moves"] = [list(move) for move in prepared.moves]
    return told
