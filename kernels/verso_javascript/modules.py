"""Static imports and exports, which a script can't have, as expressions that it can."""

from __future__ import annotations

from tree_sitter import Node

from verso_javascript.edits import Edits


def rewrite_import(node: Node, edits: Edits, load: str) -> tuple[str, ...]:
    """`import a, {b as c} from "m"` → `var {"default": a, "b": c} = await load("m", …)`; the names it binds.

    The third argument of `load` tells which exports have to be there. Imports of types only are blanked.
    """
    source = node.child_by_field_name("source")
    if source is None:
        return _rewrite_require(node, edits)
    if any(child.type in ("type", "typeof") for child in node.children):
        edits.blank(node.start_byte, node.end_byte, ";")
        return ()
    attributes = next((child for child in node.children if child.type == "import_attribute"), None)
    options = "undefined"
    if attributes is not None:
        literal = next((child for child in attributes.children if child.type == "object"), None)
        options = f"{{with: {_text(literal)}}}" if literal is not None else options
    clause = next((child for child in node.children if child.type == "import_clause"), None)
    namespace, members = ("", []) if clause is None else _bindings(clause)
    wanted = "[" + ", ".join(key for key, _ in members) + "]"
    call = f"await {load}({_text(source)}, {options}, {wanted})"
    pattern = "{" + ", ".join(f"{key}: {name}" for key, name in members) + "}"
    if namespace and members:
        text = f"var {namespace} = {call}, {pattern} = {namespace};"
    elif namespace:
        text = f"var {namespace} = {call};"
    elif members:
        text = f"var {pattern} = {call};"
    else:
        text = f"{call};"
    edits.replace(node.start_byte, node.end_byte, text + "\n" * _text(node).count("\n"))
    return tuple(name for name in (namespace, *(name for _, name in members)) if name)


def rewrite_export(node: Node, edits: Edits, load: str) -> Node | None:
    """A cell exports nothing: the word goes, the declaration stays and is returned."""
    declaration = node.child_by_field_name("declaration")
    if declaration is not None:
        edits.blank(node.start_byte, declaration.start_byte)
        return declaration
    value = node.child_by_field_name("value")
    if value is not None:
        edits.replace(node.start_byte, value.start_byte, "(")
        edits.insert(value.end_byte, ")")
        return None
    source = node.child_by_field_name("source")
    if source is not None and not any(child.type == "type" for child in node.children):
        text = f"await {load}({_text(source)});"
        edits.replace(node.start_byte, node.end_byte, text + "\n" * _text(node).count("\n"))
    else:
        edits.blank(node.start_byte, node.end_byte, ";")
    return None


def _rewrite_require(node: Node, edits: Edits) -> tuple[str, ...]:
    """TypeScript's `import x = require("m")`."""
    clause = next((child for child in node.named_children if child.type == "import_require_clause"), None)
    if clause is None:
        return ()
    edits.replace(node.children[0].start_byte, clause.start_byte, "var ")
    return (_text(clause.named_children[0]),)


def _bindings(clause: Node) -> tuple[str, list[tuple[str, str]]]:
    """The namespace's name or empty, and the (quoted export, local name) pairs of a clause."""
    namespace, members = "", []
    for part in clause.named_children:
        if part.type == "identifier":
            members.append(('"default"', _text(part)))
        elif part.type == "namespace_import":
            namespace = _text(part.named_children[0])
        elif part.type == "named_imports":
            members += [_member(item) for item in part.named_children if _is_value(item)]
    return namespace, members


def _is_value(item: Node) -> bool:
    return item.type == "import_specifier" and not any(child.type in ("type", "typeof") for child in item.children)


def _member(item: Node) -> tuple[str, str]:
    name = item.child_by_field_name("name")
    alias = item.child_by_field_name("alias")
    key = _text(name)
    return (key if key.startswith(('"', "'")) else f'"{key}"', _text(alias or name))


def _text(node: Node | None) -> str:
    return "" if node is None else (node.text or b"").decode()
