"""Jupyter notebooks: languages, kernels, versions, what only `.verso` has, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import nbformat
import pytest

from tests.formats.notebooks import READ, WRITE
from verso.api.errors import FormatError
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream
from verso.api.parameters import Parameter
from verso.formats import ipynb

CODE: dict[str, Any] = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "execution_count": None}


def file(*cells: Any, minor: int = 4, **metadata: Any) -> str:
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor})


def read(text: str) -> Notebook:
    return ipynb.read(text, READ)


def write(notebook: Notebook) -> str:
    return ipynb.write(notebook, WRITE)


@pytest.mark.parametrize(
    ("metadata", "kind", "language"),
    [
        ({}, "code", None),
        ({"polyglot_notebook": {"kernelName": "fsharp"}}, "code", "fsharp"),
        ({"dotnet_interactive": {"language": "pwsh"}}, "code", "pwsh"),
        ({"polyglot_notebook": {"kernelName": "b"}, "dotnet_interactive": {"language": "a"}}, "code", "b"),
        ({"vscode": {"languageId": "r"}}, "code", "r"),
        ({"vscode": {"languageId": "shellscript"}}, "code", "bash"),
        ({"vscode": {"languageId": "plaintext"}}, "code", None),
        ({"polyglot_notebook": {"kernelName": "mermaid"}}, "mermaid", None),
        ({"polyglot_notebook": {"kernelName": "sql"}}, "sql", "sql"),
        ({"polyglot_notebook": "odd"}, "code", None),
    ],
)
def test_languages_of_cells(metadata: dict[str, Any], kind: str, language: str | None) -> None:
    notebook = read(file({**CODE, "metadata": metadata}))
    (cell,) = notebook.cells
    assert (cell.type, cell.language) == (kind, language)
    assert json.loads(write(notebook))["cells"][0]["metadata"] == metadata


@pytest.mark.parametrize(
    ("metadata", "kernel"),
    [
        ({}, None),
        ({"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}, "python"),
        ({"kernelspec": {"name": "my-env", "display_name": "x"}, "language_info": {"name": "python"}}, "python"),
        ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "jupyter:ir"),
        ({"kernelspec": {"name": ".net-csharp", "display_name": ".NET (C#)", "language": "C#"}}, "csharp"),
        ({"kernelspec": {"name": ".net-powershell", "display_name": "x", "language": "PowerShell"}}, "pwsh"),
        ({"polyglot_notebook": {"kernelInfo": {"defaultKernelName": "fsharp", "items": []}}}, "fsharp"),
        ({"kernelspec": {"name": "verso", "display_name": "Verso", "language": "powershell"}}, "powershell"),
        ({"language_info": {"name": "javascript"}}, "javascript"),
    ],
)
def test_the_default_kernel(metadata: dict[str, Any], kernel: str | None) -> None:
    notebook = read(file(**metadata))
    assert notebook.default_kernel == kernel
    assert json.loads(write(notebook))["metadata"] == metadata


def test_a_changed_kernel_or_language_is_written() -> None:
    spec = {"name": "ir", "display_name": "R", "language": "R"}
    notebook = read(file({**CODE, "metadata": {"vscode": {"languageId": "r"}, "k": 1}}, kernelspec=spec))
    changed = notebook.replace(default_kernel="python", cells=(notebook.cells[0].replace(language="sql"),))
    written = json.loads(write(changed))
    assert written["metadata"]["kernelspec"]["name"] == "python3"
    assert written["cells"][0]["metadata"]["polyglot_notebook"] == {"kernelName": "sql"}
    assert read(write(changed)).cells[0].metadata["k"] == 1


def test_lines_that_switch_the_language_stay_text() -> None:
    notebook = read(file({**CODE, "source": ["%%bash\n", "ls"]}, {**CODE, "source": "#!sql\nselect 1"}))
    assert [(cell.language, cell.source) for cell in notebook.cells] == [
        (None, "%%bash\nls"),
        (None, "#!sql\nselect 1"),
    ]


def test_what_is_written_is_valid_for_jupyter() -> None:
    notebook = Notebook(
        title="t",
        default_kernel="powershell",
        parameters=(Parameter(name="z"), Parameter(name="a", extra={"k": 1})),
        layouts={"dashboard": {"cells": {}}},
        extension_settings={"x": {"y": 1}},
        metadata={"language_info": "odd", "authors": 5},
        cells=(
            Cell(id=CellId("not a valid id: é" * 9), source="x", metadata={"tags": ["a,b", "a,b"], "collapsed": 3}),
            Cell(id=CellId("not a valid id? é" * 9), type="markdown", outputs=(Stream(text="x"),), execution_count=4),
            Cell(
                id=CellId("c"),
                outputs=(
                    Stream(name="warning", text="careful"),
                    DisplayData(data={"text/plain": {"not": "text"}}, display_id=DisplayId("d")),
                    Error(ename="E", line=3, column=1, fatal=False, detail={"category": "x"}),
                ),
                attachments={"a": {"text/plain": "b"}},
            ),
        ),
    )
    text = write(notebook)
    nbformat.validate(json.loads(text))
    assert read(text) == notebook


def test_what_is_kept_beside_an_output_goes_when_jupyter_ran_the_cell_again() -> None:
    value = json.loads(write(Notebook(cells=(Cell(outputs=(Stream(name="verbose", text="more"),)),))))
    value["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stderr", "text": "new"}]
    assert read(json.dumps(value)).cells[0].outputs == (Stream(name="stderr", text="new"),)


def test_what_is_kept_beside_a_cell_goes_when_its_type_was_changed() -> None:
    value = json.loads(write(Notebook(cells=(Cell(type="parameters", source="x"),))))
    assert read(json.dumps(value)).cells[0].type == "parameters"
    value["cells"][0]["cell_type"] = "markdown"
    assert read(json.dumps(value)).cells[0].type == "markdown"


def test_a_strangers_verso_metadata_is_just_metadata() -> None:
    text = file({**CODE, "metadata": {"verso": {"cell": 5}}}, verso="mine")
    notebook = read(text)
    assert notebook.metadata == {"verso": "mine"}
    assert notebook.cells[0].metadata == {"verso": {"cell": 5}}
    assert read(write(notebook)) == notebook


def test_the_parameters_cell_of_papermill_is_left_as_it_is() -> None:
    cell = {**CODE, "metadata": {"tags": ["parameters"]}, "source": ["alpha = 1"]}
    notebook = read(file(cell))
    assert notebook.parameters == ()
    assert notebook.cells[0].tags == ("parameters",)


def test_ids_are_kept_made_and_mended() -> None:
    text = file({**CODE, "id": "a"}, {**CODE, "id": "a"}, {**CODE}, minor=5)
    notebook = read(text)
    assert notebook.cells[0].id == "a"
    assert len({cell.id for cell in notebook.cells}) == 3
    assert notebook.warnings == ("cell 2 has the id 'a' of another cell: it got a new one",)
    assert read(text) == notebook
    old = file(CODE, CODE)
    assert read(old) == read(old)
    assert read(old).warnings == ()


def test_unknown_keys_are_kept() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x", "later": 1}
    text = json.dumps(
        {
            "cells": [{**CODE, "outputs": [output], "colour": "red"}],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 4,
            "top": [],
        }
    )
    written = json.loads(write(read(text)))
    assert written["top"] == []
    assert written["cells"][0]["colour"] == "red"
    assert written["cells"][0]["outputs"][0]["later"] == 1


def test_an_older_notebook_is_upgraded_and_says_so() -> None:
    old = {
        "metadata": {"name": "Old"},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"metadata": {}, "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["a\n", "b"]}]}],
    }
    notebook = read(json.dumps(old))
    assert notebook.cells[0].source == "a\nb"
    assert notebook.title == "Old"
    assert notebook.warnings == ("the notebook was of nbformat 3: it was upgraded to 4.5",)


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("", ":1:1", "the file is empty"),
        ("{", ":1:2", "found the end of the text"),
        ("[]", ": $", "expected an object, found a list"),
        ("{}", ": $.nbformat", "expected the notebook format's version, a whole number, found null"),
        ('{"nbformat": "4"}', ": $.nbformat", "found text"),
        ('{"nbformat": 5}', ": $.nbformat", "nbformat 5, and this program reads 1 to 4"),
        ('{"nbformat": 4}', ": $.nbformat_minor", "expected a whole number from 0, found null"),
        ('{"nbformat": 4, "nbformat_minor": -1}', ": $.nbformat_minor", "expected a whole number from 0, found -1"),
        ('{"nbformat": 3, "worksheets": 1}', ": $", "can't be upgraded to 4"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', ": $", "expected a key 'cells', found none"),
        (file({**CODE, "id": 3}), ": $.cells[0].id", "expected text, found a number"),
        (file(CODE, 3), ": $.cells[1]", "expected an object, found a number"),
        (file(CODE, {"cell_type": "magic"}), ".cells[1].cell_type", "expected code, markdown or raw, found 'magic'"),
        (file({**CODE, "cell_type": 3}), ".cells[0].cell_type", "expected code, markdown or raw, found a number"),
        (file({**CODE, "source": 3}), ": $.cells[0].source", "expected text or a list of texts, found a number"),
        (file({**CODE, "source": ["a", 3]}), ": $.cells[0].source[1]", "expected text, found a number"),
        (
            file({**CODE, "outputs": [{"output_type": "stream", "name": 1, "text": ""}]}),
            "$.cells[0].outputs[0].name",
            "expected text, found a number",
        ),
        (file({**CODE, "outputs": [{"output_type": "x" * 999}]}), ".outputs[0].output_type", "display_data"),
        (file({**CODE, "outputs": [{"output_type": "stream"}]}), ".cells[0].outputs[0]", "expected a key 'name'"),
        (file({**CODE, "metadata": {"tags": "x"}}), ": $.cells[0].metadata.tags", "expected a list, found text"),
        (file({**CODE, "metadata": {"tags": ["x", "x"]}}), "$.cells[0].metadata.tags", "has non-unique elements"),
        (file({**CODE, "execution_count": "1"}), ".execution_count", "expected a whole number or null, found text"),
        (file(kernelspec={"name": "x"}), ": $.metadata.kernelspec", "expected a key 'display_name', found none"),
        (file(verso={"format": 1, "extensionSettings": {"x": 3}}), ".extensionSettings.x", "expected an object"),
        (file(verso={"format": 1, "document": 3}), "$.metadata.verso.document", "expected an object, found a number"),
        (
            file({**CODE, "metadata": {"verso": {"format": 1, "as": ["code", None], "cell": {"id": 3}}}}),
            "$.cells[0].metadata.verso.cell.id",
            "expected text, found a number",
        ),
    ],
)
def test_wrong_files_say_where_and_what_was_expected(text: str, where: str, said: str) -> None:
    as_4_5 = text.replace('{"cell_type"', '{"id": "an-id", "cell_type"').replace('minor": 4', 'minor": 5')
    for each in (text, as_4_5):
        with pytest.raises(FormatError) as caught:
            read(each)
        assert said in caught.value.what
        assert len(caught.value.what) < 300
        assert caught.value.where.startswith("a notebook")
        assert caught.value.where.endswith(where)


def test_counts_that_jupyter_does_not_take_are_kept_beside() -> None:
    cell = Cell(id=CellId("a"), execution_count=-1, outputs=(ExecuteResult(data={}, execution_count=-2),))
    assert read(write(Notebook(cells=(cell,)))).cells == (cell,)


def test_streams_of_a_shell_are_written_as_jupyter_shows_them() -> None:
    names = ("warning", "stderr", "information", "verbose", "debug", "stdout")
    notebook = Notebook(cells=(Cell(id=CellId("a"), outputs=tuple(Stream(name=name, text=name) for name in names)),))
    written = [output["name"] for output in json.loads(write(notebook))["cells"][0]["outputs"]]
    assert written == ["stderr", "stderr", "stdout", "stdout", "stdout", "stdout"]


def test_nbformat_is_imported_by_this_format_only() -> None:
    program = (
        "import sys, verso.formats.files, verso.formats.plugin, verso.formats.verso_file, verso.formats.dib, "
        "verso.formats.script; sys.exit('nbformat' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
