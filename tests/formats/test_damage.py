"""A damaged file is a `FormatError` that says where, or a notebook that every format can keep and read again."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.notebooks import READ, WRITE
from verso.api.errors import FormatError
from verso.formats import dib, ipynb, verso_file

GOLDEN = Path(__file__).parents[1] / "golden" / "formats"
SETTINGS = {"extensionSettings": {"x": {"y": 1}}}
KERNELS = {"defaultKernelName": "csharp", "items": [{"name": "csharp", "aliases": ["c#"]}]}
CELL = {"id": "a", "type": "code", "outputs": [{"type": "execute_result", "mimeType": "a/b", "executionCount": 1}]}
SMALL: list[tuple[ModuleType, Any]] = [
    (dib, {"kernelInfo": KERNELS, "verso": {"format": 1, **SETTINGS}}),
    (verso_file, {"metadata": {"defaultKernel": "c#", "kernelInfo": KERNELS}, "cells": [CELL], **SETTINGS}),
]
LARGE: list[tuple[ModuleType, Any]] = [
    *((ipynb, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(GOLDEN.rglob("*.ipynb"))),
    *((verso_file, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(GOLDEN.rglob("*.verso"))),
]
ODD = st.sampled_from([None, True, 0, -1, 1.5, "", "x", "code", [], {}, [1], ["a"], [None], {"a": 1}, "\ud800", 10**30])


def _places(value: Any, *above: Any) -> Iterator[tuple[Any, ...]]:
    """The path of every value below this one."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*above, key)
        yield from _places(value[key], *above, key)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[ModuleType, Any]:
    """A file's format, and its JSON with a few values taken out or replaced."""
    files = draw(st.sampled_from([SMALL, LARGE]))
    module, whole = files[draw(st.integers(0, len(files) - 1))]
    value = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(value))
        if places:
            *above, key = places[draw(st.integers(0, len(places) - 1))]
            holder = value
            for step in above:
                holder = holder[step]
            if draw(st.booleans()):
                holder[key] = copy.deepcopy(draw(ODD))
            else:
                del holder[key]
    return module, value


@given(damaged())
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_is_refused_or_kept(file: tuple[ModuleType, Any]) -> None:
    module, value = file
    text = json.dumps(value)
    if module is dib:
        text = f"#!meta\n{text}\n\n#!csharp\n\nx\n"
    try:
        notebook = module.read(text, READ)
    except FormatError as error:
        assert error.where.startswith("a notebook") or error.where.startswith("#!meta")
        assert len(error.what) < 400
        return
    for form in (verso_file, ipynb, dib):
        back = form.read(form.write(notebook, WRITE), READ)
        if form is not dib:
            assert back.replace(warnings=()) == notebook.replace(warnings=())
