"""Takes TypeScript's types out of a source, leaving blanks where they were.

What is erasable is blanked in the way of TypeScript's own `erasableSyntaxOnly`; enums and parameter properties, which
make code, are written out. Decorators, and namespaces that hold code, are refused: their meaning needs a compiler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tree_sitter import Node

from verso_javascript.edits import Edits

TYPES_QUERY = """
[
  (type_annotation) (type_arguments) (type_parameters) (implements_clause) (accessibility_modifier)
  (override_modifier) (asserts_annotation) (type_predicate_annotation) (index_signature)
  (abstract_method_signature) (method_signature) (opting_type_annotation) (omitting_type_annotation)
] @blank
[
  (interface_declaration) (type_alias_declaration) (ambient_declaration) (function_signature)
] @statement
[(as_expression) (satisfies_expression)] @cast
(type_assertion) @assertion
(non_null_expression) @bang
[(abstract_class_declaration) (public_field_definition) (required_parameter) (optional_parameter)
 (method_definition) (variable_declarator) (class) (class_declaration)] @modified
(enum_declaration) @enum
[(internal_module) (module)] @namespace
(method_definition name: (property_identifier) @constructor)
"""

_TYPES_ONLY = frozenset(
    {"interface_declaration", "type_alias_declaration", "ambient_declaration", "function_signature", "comment", ";"}
)
_WORDS = frozenset({"readonly", "abstract", "declare", "?", "!", "override"})


def strip(found: Mapping[str, Sequence[Node]], edits: Edits) -> None:
    """Edits out what the captures of `TYPES_QUERY` found."""
    for node in found.get("blank", ()):
        if _in_interface(node):
            continue
        semicolon = node.type.endswith("signature")
        edits.blank(node.start_byte, node.end_byte, ";" if semicolon else "")
    for node in found.get("statement", ()):
        whole = node.parent if node.parent is not None and node.parent.type == "export_statement" else node
        edits.blank(whole.start_byte, whole.end_byte, ";")
    for node in found.get("cast", ()):
        expression = node.children[0]
        ends_statement = node.parent is not None and node.parent.type == "expression_statement"
        edits.blank(expression.end_byte, node.end_byte, ";" if ends_statement else "")
    for node in found.get("assertion", ()):
        edits.blank(node.children[0].start_byte, node.children[0].end_byte)
    for node in found.get("bang", ()):
        edits.blank(node.children[-1].start_byte, node.children[-1].end_byte)
    for node in found.get("modified", ()):
        _blank_words(node, edits)
    for node in found.get("enum", ()):
        if node.parent is None or node.parent.type != "ambient_declaration":
            _write_enum(node, edits)
    for node in found.get("namespace", ()):
        if node.parent is not None and node.parent.type in ("expression_statement", "export_statement", "program"):
            whole = node if node.parent.type == "program" else node.parent
            edits.blank(whole.start_byte, whole.end_byte, ";")
    for node in found.get("constructor", ()):
        if node.text == b"constructor" and node.parent is not None:
            _write_parameter_properties(node.parent, edits)


def refused(found: Mapping[str, Sequence[Node]]) -> tuple[Node, str] | None:
    """What can't be taken out or written out, and why, or None."""
    for node in found.get("namespace", ()):
        if not _is_ambient(node) and not _holds_types_only(node):
            return node, "a namespace that holds code can't run in a cell; make it an object, a class or a module"
    for node in found.get("decorator", ()):
        return node, "no JavaScript engine knows decorators yet; call the function on the class yourself"
    return None


def _is_ambient(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type != "ambient_declaration":
        above = above.parent
    return above is not None


def _holds_types_only(namespace: Node) -> bool:
    body = namespace.child_by_field_name("body")
    for statement in () if body is None else body.named_children:
        inner = statement.child_by_field_name("declaration") if statement.type == "export_statement" else statement
        if inner is not None and inner.type == "expression_statement":
            inner = inner.named_children[0]
        nested = inner is not None and inner.type in ("internal_module", "module") and _holds_types_only(inner)
        if inner is not None and inner.type not in _TYPES_ONLY and not nested:
            return False
    return True


def _blank_words(node: Node, edits: Edits) -> None:
    children = node.children
    if node.type == "public_field_definition" and any(child.type in ("declare", "abstract") for child in children):
        edits.blank(node.start_byte, node.end_byte, ";")
        return
    for child in children:
        if child.type in _WORDS:
            edits.blank(child.start_byte, child.end_byte)
        elif child.type == "this" and node.type == "required_parameter":
            comma = node.next_sibling
            end = comma.end_byte if comma is not None and comma.type == "," else node.end_byte
            edits.blank(node.start_byte, end)


def _write_enum(node: Node, edits: Edits) -> None:
    """`enum E {A, B = 3}` as the object that TypeScript makes of it, on the same lines."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        return
    label = (name.text or b"").decode()
    edits.replace(node.start_byte, body.start_byte, f"var {label} = (({label}) => ")
    previous = ""
    known: set[str] = set()
    for member in body.named_children:
        if member.type == "comment":
            continue
        key_node = member.child_by_field_name("name") if member.type == "enum_assignment" else member
        value_node = member.child_by_field_name("value") if member.type == "enum_assignment" else None
        if key_node is None:
            continue
        text = (key_node.text or b"").decode()
        key = text if text.startswith(('"', "'")) else f'"{text}"'
        if value_node is None:
            value, is_text = (f"{label}[{previous}] + 1" if previous else "0"), False
        else:
            value = _qualified(value_node, known, label)
            is_text = value_node.type in ("string", "template_string")
        assigned = f"{label}[{key}] = {value}"
        statement = f"{assigned};" if is_text else f"{label}[{assigned}] = {key};"
        comma = member.next_sibling
        end = comma.end_byte if comma is not None and comma.type == "," else member.end_byte
        edits.replace(member.start_byte, end, statement)
        previous = key
        known.add(text)
    edits.insert(body.end_byte - 1, f"return {label};")
    edits.insert(node.end_byte, ")({});")


def _qualified(value: Node, known: set[str], label: str) -> str:
    """An initialiser's text; names of earlier members are those of the enum."""
    if value.type == "identifier" and (value.text or b"").decode() in known:
        return f"{label}.{(value.text or b'').decode()}"
    if not value.named_children or value.type in ("string", "template_string", "call_expression", "member_expression"):
        return (value.text or b"").decode()
    base, text, shift = value.start_byte, value.text or b"", 0
    for child in value.named_children:
        new = _qualified(child, known, label).encode()
        start, end = child.start_byte - base + shift, child.end_byte - base + shift
        text = text[:start] + new + text[end:]
        shift += len(new) - (child.end_byte - child.start_byte)
    return text.decode()


def _write_parameter_properties(method: Node, edits: Edits) -> None:
    """`constructor(public x)` sets `this.x`, after the call of `super` where there is one."""
    parameters, body = method.child_by_field_name("parameters"), method.child_by_field_name("body")
    if parameters is None or body is None:
        return
    names = []
    for parameter in parameters.named_children:
        if any(
            child.type in ("accessibility_modifier", "readonly", "override_modifier") for child in parameter.children
        ):
            pattern = parameter.child_by_field_name("pattern")
            if pattern is not None and pattern.type == "identifier":
                names.append((pattern.text or b"").decode())
    if not names:
        return
    at = body.start_byte + 1
    for statement in body.named_children:
        call = statement.named_children[0] if statement.type == "expression_statement" else None
        if call is not None and call.type == "call_expression" and call.children[0].type == "super":
            at = statement.end_byte
    edits.insert(at, "".join(f"this.{name} = {name};" for name in names))


def _in_interface(node: Node) -> bool:
    """Whether the node is part of a type, which is blanked as a whole."""
    return node.parent is not None and node.parent.type in ("interface_body", "object_type")
