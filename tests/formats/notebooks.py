"""Strategies for arbitrary notebooks and the parts of them that a format keeps."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from verso.api.formats import ReadOptions, WriteOptions
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream
from verso.api.parameters import Parameter

LANGUAGES = {
    "python": "python",
    "py": "python",
    "powershell": "powershell",
    "pwsh": "powershell",
    "javascript": "javascript",
    "js": "javascript",
    "sql": "sql",
    "markdown": "markdown",
    "html": "html",
    "bash": "bash",
}
READ = ReadOptions(source="a notebook", languages=LANGUAGES, suffixes={".py": "python", ".ps1": "powershell"})
WRITE = WriteOptions(languages=LANGUAGES, suffixes={".py": "python", ".ps1": "powershell"})

any_text = st.text(max_size=40)
unix_text = st.text(st.characters(exclude_characters="\r"), max_size=60)
"""Text with `\\n` newlines; halves of surrogate pairs included."""

utf8_text = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=60)
script_lines = st.lists(
    st.one_of(
        utf8_text,
        st.sampled_from(
            [
                "", "%%", "# %%", "# # %% x", "#%%", "%%bash", "# %%bash", "%time x", "# %time x", "!ls", "  !ls",
                "#!time", "// #!time", "// %%", "-- %%", "x = 1", "# a", "#", "'''", '"""', "# ---", "#!/bin/sh",
                "# -*- coding: utf-8 -*-", "?x", "# # !ls",
            ]
        ),
    ),
    max_size=5,
).map("\n".join)  # fmt: skip

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3), max_leaves=6
)
keys = any_text | st.sampled_from(
    ["id", "Type", "source", "cells", "verso", "extensions", "parameters", "title", "verso:kept", "name", "tags"]
)
json_objects = st.dictionaries(keys, json_values, max_size=3)

mimes = st.sampled_from(
    ["text/plain", "text/html", "image/png", "image/svg+xml", "application/json", "application/geo+json", "text/x"]
)


@st.composite
def bundles(draw: st.DrawFn) -> dict[str, Any]:
    return {
        mime: draw(json_values if mime.endswith("json") else any_text)
        for mime in draw(st.lists(mimes, max_size=3, unique=True))
    }


counts = st.none() | st.integers(0, 10**6)
display_ids = st.none() | any_text.map(DisplayId)
outputs = st.one_of(
    st.builds(
        Stream,
        name=st.sampled_from(["stdout", "stderr", "warning", "verbose"]) | any_text,
        text=any_text,
        extra=json_objects,
    ),
    st.builds(DisplayData, data=bundles(), metadata=json_objects, display_id=display_ids, extra=json_objects),
    st.builds(
        ExecuteResult,
        data=bundles(),
        metadata=json_objects,
        execution_count=counts,
        display_id=display_ids,
        extra=json_objects,
    ),
    st.builds(
        Error,
        ename=any_text,
        evalue=any_text,
        traceback=st.lists(any_text, max_size=3).map(tuple),
        line=st.integers(0, 99),
        column=st.integers(0, 99),
        fatal=st.booleans(),
        detail=json_objects,
        extra=json_objects,
    ),
)
types = st.sampled_from(["code", "markdown", "html", "mermaid", "sql", "http", "parameters", "raw", "x-chart"])
languages = st.none() | st.sampled_from(["python", "pwsh", "sql", "html", "bash", "c#", "r", "markdown"])


@st.composite
def cells(draw: st.DrawFn, /, sources: st.SearchStrategy[str] = unix_text, **more: Any) -> tuple[Cell, ...]:
    ids = draw(st.lists(st.text(min_size=1, max_size=70) | st.uuids().map(str), max_size=4, unique=True))
    return tuple(
        Cell(
            id=CellId(cell_id),
            type=draw(types),
            language=draw(languages),
            source=draw(sources),
            **{name: draw(strategy) for name, strategy in more.items()},
        )
        for cell_id in ids
    )


everything_in_cells = cells(
    outputs=st.lists(outputs, max_size=3).map(tuple),
    execution_count=counts,
    metadata=json_objects,
    attachments=st.dictionaries(any_text, bundles(), max_size=2),
    extra=json_objects,
)
names = st.lists(any_text, max_size=2).map(tuple)
parameters = st.lists(
    st.builds(
        Parameter,
        name=any_text,
        type=st.sampled_from(["string", "int", "date", "odd"]),
        description=st.none() | any_text,
        default=json_values,
        required=st.booleans(),
        order=st.none() | st.integers(),
        extra=json_objects,
    ),
    max_size=3,
    unique_by=lambda parameter: parameter.name,
).map(tuple)
texts = st.none() | any_text

notebooks = st.builds(
    Notebook,
    title=texts,
    created=texts,
    modified=texts,
    default_kernel=st.none() | st.sampled_from(["python", "powershell", "csharp", "jupyter:ir"]) | any_text,
    active_layout=texts,
    preferred_theme=texts,
    required_extensions=names,
    optional_extensions=names,
    parameters=parameters,
    cells=everything_in_cells,
    layouts=st.dictionaries(any_text, json_values, max_size=2),
    extension_settings=st.dictionaries(any_text, json_objects, max_size=2),
    metadata=json_objects,
    extra=json_objects,
)
