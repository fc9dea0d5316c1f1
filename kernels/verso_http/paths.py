"""Parts of a body: by a path or a JSONPath into JSON data, by an XPath into XML.

As in editors, a path that finds several things stands for the first. Plain paths (`a.b[0]['c']`) are walked here;
the libraries that know the rest are imported when a cell first needs them.
"""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

from verso.api.errors import VariableError
from verso_http.xml_text import inner_xml, read_xml

_STEP = re.compile(r"\.?([^.\[\]]+)|\[\s*(-?\d+|\*)\s*\]|\[\s*(?:'([^']*)'|\"([^\"]*)\")\s*\]")
_NOT_PLAIN = re.compile(r"\.\.|\[\s*[?(]|\[[^\]'\"]*[:,]|\[[^\]]*['\"]\s*,")
"""Descendants, filters, slices, and several names or indexes at once."""


class PathError(VariableError):
    """A path can't be read, or there is nothing where it leads."""


def part_of_body(body: Any, path: str, content_type: str) -> Any:
    """What a path finds in a body (as `verso_http.responses` reads it): JSON data or text. `#json.` or `#xml.` before
    the path says what the body is, where its type does not. `PathError`."""
    try:
        return _part_of_body(body, path, content_type)
    except RecursionError:
        raise PathError(f"the body is nested too deeply for {path!r}") from None


def _part_of_body(body: Any, path: str, content_type: str) -> Any:
    kind = re.match(r"#(json|xml)\.", path)
    if kind is not None:
        path = path[kind.end() :]
    if isinstance(body, str):
        is_xml = kind[1] == "xml" if kind else content_type.endswith(("/xml", "+xml")) or path.startswith("/")
        if is_xml:
            return _by_xpath(body, path)
        body = _as_json(body, path)
    elif isinstance(body, bytes):
        raise PathError(f"the body is bytes ({content_type or 'of no type'}), so {path!r} finds nothing in it")
    return part_of_data(body, path.removeprefix("$"))


def part_of_data(value: Any, path: str) -> Any:
    """What a path (`a.b[0]['c']`, `.a..b`, `[?@.a > 1].b`) finds in JSON data. `PathError`."""
    return _by_jsonpath(value, path) if _NOT_PLAIN.search(path) else _by_steps(value, path)


def _as_json(text: str, path: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise PathError(
            f"the body is no JSON ({error}), so {path!r} finds nothing in it",
            next_step="`*` is the whole body, and a path that begins with / is an XPath into XML",
        ) from None


def _by_steps(value: Any, path: str) -> Any:
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None or found.end() == at:
            raise PathError(f"the path {path!r} can't be read from {path[at:]!r} on")
        key = next(group for group in found.groups() if group is not None)
        if key == "*" and isinstance(value, (dict, list)) and value:
            value = next(iter(value.values() if isinstance(value, dict) else value))
        elif isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and re.fullmatch(r"-?\d+", key) and -len(value) <= int(key) < len(value):
            value = value[int(key)]
        else:
            raise PathError(f"there is nothing at {path[: found.end()]!r}", next_step=_what_is_there(value))
        at = found.end()
    return value


def _what_is_there(value: Any) -> str:
    if isinstance(value, dict):
        names = ", ".join(map(str, list(value)[:20])) or "nothing"
        return f"there is: {names}{', …' if len(value) > 20 else ''}"
    if isinstance(value, list):
        return f"there is a list of {len(value)}"
    return f"there is {type(value).__name__} and nothing within it" if value is not None else "there is null"


def _library(name: str, path: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PathError(
            f"the path {path!r} needs a library: {error}", next_step='pip install "verso-notebook[http]"'
        ) from None


def _by_jsonpath(value: Any, path: str) -> Any:
    jsonpath = _library("jsonpath", path)
    path = f"${path}" if path.startswith((".", "[")) else f"$.{path}"
    try:
        found = jsonpath.match(path, value)
    except jsonpath.JSONPathError as error:
        raise PathError(f"the JSONPath {path!r} can't be read: {error}") from None
    if found is None:
        raise PathError(f"there is nothing at {path!r}")
    return found.value


def _by_xpath(text: str, path: str) -> Any:
    elementpath = _library("elementpath", path)
    try:
        document, names = read_xml(text)
    except ValueError as error:
        raise PathError(f"the body is no XML that is read here: {error}") from None
    try:
        # With the document's own prefixes; names without one are in its default namespace, as in XPath 2.
        found = elementpath.select(
            document,
            path,
            namespaces={prefix: name for prefix, name in names.items() if prefix},
            parser=elementpath.XPath2Parser,
            default_namespace=names.get(""),
            compatibility_mode=True,
        )
    except elementpath.ElementPathError as error:
        raise PathError(f"the XPath {path!r} can't be read: {error}") from None
    if found == []:
        raise PathError(f"there is nothing at {path!r}")
    first = found[0] if isinstance(found, list) else found
    if isinstance(first, float) and first.is_integer():
        return int(first)
    return first if isinstance(first, (str, int, float, bool)) else inner_xml(first, names)
