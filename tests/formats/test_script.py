"""Percent scripts: what editors and people write, and that what is written still runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.formats.notebooks import READ, WRITE
from verso.api.notebook import Cell, Notebook
from verso.formats import script


def read(text: str, suffix: str = ".py") -> Notebook:
    return script.read(text, READ.replace(suffix=suffix))


def write(*cells: Cell, suffix: str = ".py", kernel: str = "python") -> str:
    return script.write(Notebook(default_kernel=kernel, cells=cells), WRITE.replace(suffix=suffix))


def seen(text: str, suffix: str = ".py") -> list[tuple[str, str | None, str]]:
    return [(cell.type, cell.language, cell.source) for cell in read(text, suffix).cells]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", [("code", None, "")]),
        ("x = 1\n", [("code", None, "x = 1")]),
        ("x = 1", [("code", None, "x = 1")]),
        ("x = 1\n\n\n", [("code", None, "x = 1\n\n")]),
        ("# %%\nx\n\n# %%\ny\n", [("code", None, "x"), ("code", None, "y")]),
        ("#%%\nx\n#%% [md]\n# y\n", [("code", None, "x"), ("markdown", None, "y")]),
        ("# %%\nx\n\n\n# %%\n", [("code", None, "x\n"), ("code", None, "")]),
        ("import os\n\n# %%\nx\n", [("code", None, "import os"), ("code", None, "x")]),
        ("#!/usr/bin/env python\n\n# %%\nx\n", [("code", None, "x")]),
        ("# %% [markdown]\n# # A\n#\n# b\n#c\n", [("markdown", None, "# A\n\nb\nc")]),
        ('# %% [markdown]\n"""\n# A\n"""\n\n# %%\n', [("markdown", None, "# A"), ("code", None, "")]),
        ("# %% [markdown]\nnot\n# commented\n", [("markdown", None, "not\n# commented")]),
        ("# %% [markdown] A title\n# b\n", [("markdown", None, "b")]),
        ("# %% [sql]\n# select 1\n", [("sql", "sql", "select 1")]),
        ("# %% [pwsh]\n# Get-Item\n", [("code", "pwsh", "Get-Item")]),
        ("# %% [python]\n# a comment\nx\n", [("code", "python", "# a comment\nx")]),
        ("# %% [todo] later\nx\n", [("code", None, "x")]),
        ("# %%\n# %matplotlib inline\n# !ls\n", [("code", None, "%matplotlib inline\n!ls")]),
        ("# %%\n# %d items\n# !!! careful\n# ! no\n", [("code", None, "# %d items\n# !!! careful\n# ! no")]),
        ("# %%\n# %%bash\n# ls\n", [("code", None, "%%bash\nls")]),
        ("# %%\n%matplotlib inline\n", [("code", None, "%matplotlib inline")]),
        ("# %%\n# # %%\n# # # %% x\n", [("code", None, "# %%\n# # %% x")]),
        ("# %matplotlib inline\n", [("code", None, "# %matplotlib inline")]),
        ("# %%\r\nx\r\ny\r\n", [("code", None, "x\ny")]),
        ("# %%x\n#%%x\n%%\n", [("code", None, "# %%x\n#%%x\n%%")]),
    ],
)
def test_reading(text: str, cells: list[tuple[str, str | None, str]]) -> None:
    assert seen(text) == cells


def test_what_an_execution_left_is_not_written() -> None:
    ran = {"verso:execution": {"status": "ok", "elapsed": 0.1}}
    assert write(Cell(source="x", metadata=ran)) == "# %%\nx\n"
    assert write(Cell(source="x", metadata={**ran, "verso:unmarked": True})) == "x\n"


@pytest.mark.parametrize(
    ("marker", "metadata"),
    [
        ("# %%", {}),
        ("# %% Load the data", {"title": "Load the data"}),
        ("# %% A [markdown] b", {"title": "A [markdown] b"}),
        ("# %% Why [x]?", {"title": "Why [x]?"}),
        ('# %% tags=["a", "b"]', {"tags": ["a", "b"]}),
        ('# %% A title tags=["a"] n=1 jupyter={"x": null}', {"title": "A title", "tags": ["a"], "n": 1,
          "jupyter": {"x": None}}),
        ('# %% A title {"tags": ["a"]}', {"title": "A title", "tags": ["a"]}),
        ("# %% [python] A title", {"title": "A title"}),
        ("# %% [python] A title n=1", {"title": "A title", "n": 1}),
        ("# %% x=1 y", {"title": "x=1 y"}),
        ("# %% n=oops", {"title": "n=oops"}),
        ("# %% {not json}", {"title": "{not json}"}),
    ],
)  # fmt: skip
def test_markers(marker: str, metadata: dict[str, object]) -> None:
    (cell,) = read(f"{marker}\nx\n").cells
    assert (cell.type, cell.source, cell.metadata) == ("code", "x", metadata)


def test_the_suffix_says_the_language() -> None:
    assert read("x", ".py").default_kernel == "python"
    assert read("x", ".ps1").default_kernel == "powershell"
    assert read("x", ".js").default_kernel == "javascript"
    assert read("x", ".jl").default_kernel == "julia"
    assert read("x", ".PS1").default_kernel == "powershell"
    assert read("x", ".unknown").default_kernel is None
    options = READ.replace(suffix=".zz", suffixes={".zz": "zig", ".zzz": "zig"}, comments={"zig": "//"})
    assert script.read("// %% [md]\n// a\n", options).default_kernel == "zig"
    assert script.read("// %% [md]\n// a\n", options).cells[0].source == "a"
    assert script.read("x", options.replace(suffix=".zzz")).default_kernel == "zig"


def test_without_suffix_and_default_kernel_a_script_is_in_python() -> None:
    cells = (Cell(language="python", source="x"), Cell(source="y"), Cell(language="sql", source="z"))
    written = script.write(Notebook(cells=cells), WRITE.replace(suffix=""))
    assert written == "# %%\nx\n\n# %%\ny\n\n# %% [sql]\n# z\n"
    header = "#!/usr/bin/env python\n\n# %%\nx\n"
    assert script.write(read(header, ""), WRITE.replace(suffix="")) == header


def test_other_comment_signs() -> None:
    cells = (Cell(source="#!time\nx"), Cell(language="python", source="y"), Cell(type="markdown", source="z"))
    assert write(*cells, suffix=".js", kernel="javascript") == (
        "// %%\n// #!time\nx\n\n// %% [python]\n// y\n\n// %% [markdown]\n// z\n"
    )
    assert write(*cells[1:], suffix=".sql", kernel="javascript") == "-- %% [python]\n-- y\n\n-- %% [markdown]\n-- z\n"


def test_the_header_is_kept_and_its_lines_are_no_cell() -> None:
    text = "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# ---\n# jupyter: {}\n# ---\n\n# %%\nx\n"
    notebook = read(text)
    assert [cell.source for cell in notebook.cells] == ["x"]
    assert script.write(notebook, WRITE.replace(suffix=".py")) == text
    assert "env python" not in script.write(notebook, WRITE.replace(suffix=".ps1"))


def test_inline_dependencies_are_in_a_cell() -> None:
    text = '# /// script\n# dependencies = ["rich"]\n# ///\n\n# %%\nimport rich\n'
    assert read(text).cells[0].source.startswith("# /// script")
    assert script.write(read(text), WRITE.replace(suffix=".py")) == text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_newlines_are_kept(newline: str) -> None:
    text = "# %%\nx\n\n# %% [markdown]\n# y\n".replace("\n", newline)
    assert script.write(read(text), WRITE.replace(suffix=".py")) == text


def test_what_is_written_runs(tmp_path: Path) -> None:
    cells = (
        Cell(type="markdown", source="# Title\n\nIt's text."),
        Cell(source="%matplotlib inline\n!ls\n#!time\nprint('one')"),
        Cell(type="sql", language="sql", source="select 'it''s'"),
        Cell(source="%%bash\nexit 1"),
        Cell(language="powershell", source="Get-Item |\n  Out-Null"),
        Cell(type="raw", source="'''"),
        Cell(language="python", source="print('''\n# %%\ntwo''')", metadata={"title": "A [title]", "tags": ["x"]}),
    )
    path = tmp_path / "script.py"
    path.write_text(write(*cells))
    result = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
    assert result.stdout == "one\n\n# # %%\ntwo\n"
    back = read(path.read_text())
    assert [cell.source for cell in back.cells] == [cell.source for cell in cells]
    assert back.cells[-1].metadata == cells[-1].metadata


def test_a_powershell_script() -> None:
    text = "# %% [markdown]\n# # Title\n\n# %% One\n#!time\nGet-Item .\n\n# %% [python]\n# print(1)\n"
    assert seen(text, ".ps1") == [
        ("markdown", None, "# Title"),
        ("code", None, "#!time\nGet-Item ."),
        ("code", "python", "print(1)"),
    ]
    assert script.write(read(text, ".ps1"), WRITE.replace(suffix=".ps1")) == text


def test_reading_twice_gives_the_same_ids() -> None:
    text = "# %%\nx\n\n# %%\nx\n"
    assert read(text) == read(text)
    assert len({cell.id for cell in read(text).cells}) == 2
