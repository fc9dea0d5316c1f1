"""What is wrong with a Jupyter notebook, by the notebook format's own schema: where, and what it asks for there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from nbformat.validator import ValidationError, get_validator

from verso.formats.json_object import kind_of

MAJOR: Final = 4
_MINOR: Final = 4
"""4.4 is 4.5 but for cell ids: checking ids, nbformat mends them on the way, at random. We mend them the same at
every reading and say so."""

_CELL_TYPES: Final = ("code", "markdown", "raw")
_OUTPUT_TYPES: Final = ("stream", "display_data", "execute_result", "error")
_EXPECTED: Final = {
    "object": "an object", "array": "a list", "string": "text", "integer": "a whole number", "boolean": "true or false",
    "null": "null",
}  # fmt: skip
_TEXT: Final = "text or a list of texts"
_SHOWN: Final = 100


def is_valid(found: Mapping[str, Any]) -> bool:
    """Whether a notebook of nbformat 4 is as the format asks for. Keys that the format does not know are no fault."""
    return not any(True for _ in _validator(min(found["nbformat_minor"], _MINOR)).iter_errors(found))


def fault_of(found: Mapping[str, Any]) -> tuple[str, str] | None:
    """The JSON path of the first fault in a notebook of nbformat 4, and what was expected there; None when it is
    valid."""
    if is_valid(found):
        return None
    faults = _faults(found, min(found["nbformat_minor"], _MINOR))
    return next(faults, ("$", "not as the notebook format asks for"))


def _faults(found: Mapping[str, Any], minor: int) -> Iterator[tuple[str, str]]:
    cells = found.get("cells")
    for error in _validator(minor, "jsonschema").iter_errors(found):
        if not (isinstance(cells, list) and error.absolute_path and error.absolute_path[0] == "cells"):
            yield _described("$", error)
    for index, cell in enumerate(cells if isinstance(cells, list) else ()):
        yield from _faults_of_cell(cell, f"$.cells[{index}]", minor)


def _faults_of_cell(cell: Any, path: str, minor: int) -> Iterator[tuple[str, str]]:
    yield from _wrong_type(cell, path, "cell_type", _CELL_TYPES)
    for error in _errors(cell, f"{cell['cell_type']}_cell", minor):
        if list(error.absolute_path)[:1] != ["outputs"] or len(error.absolute_path) < 2:
            yield _described(path, error)
    outputs = cell.get("outputs") if cell["cell_type"] == "code" else ()
    for index, output in enumerate(outputs if isinstance(outputs, list) else ()):
        place = f"{path}.outputs[{index}]"
        yield from _wrong_type(output, place, "output_type", _OUTPUT_TYPES)
        for error in _errors(output, output["output_type"], minor):
            yield _described(place, error)


def _wrong_type(value: Any, path: str, key: str, known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield path, f"expected an object, found {kind_of(value)}"
    elif value.get(key) not in known:
        kind = value.get(key)
        found = _shortened(repr(kind)) if isinstance(kind, str) else kind_of(kind)
        yield f"{path}.{key}", f"expected {', '.join(known[:-1])} or {known[-1]}, found {found}"


def _validator(minor: int, name: str | None = None) -> Any:
    return get_validator(MAJOR, minor, relax_add_props=True, name=name)  # type: ignore[no-untyped-call]


def _errors(value: Any, definition: str, minor: int) -> Any:
    return _validator(minor, "jsonschema").iter_errors(value, {"$ref": f"#/definitions/{definition}"})


def _described(path: str, error: ValidationError) -> tuple[str, str]:
    if error.validator == "oneOf" and isinstance(error.instance, list) and error.context:
        error = max(error.context, key=lambda each: len(each.absolute_path))  # the item of a list of texts
    path += "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return path, _message(error)


def _message(error: ValidationError) -> str:
    match error.validator:
        case "required":
            missing = next(name for name in error.validator_value if name not in error.instance)
            return f"expected a key {missing!r}, found none"
        case "type":
            asked = error.validator_value
            asked = asked if isinstance(asked, list) else [asked]
            expected = " or ".join(_EXPECTED.get(each, str(each)) for each in asked)
            return f"expected {expected}, found {kind_of(error.instance)}"
        case "oneOf" if {"type": "string"} in error.validator_value and not isinstance(error.instance, list):
            return f"expected {_TEXT}, found {kind_of(error.instance)}"
        case _:
            return _shortened(error.message)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
