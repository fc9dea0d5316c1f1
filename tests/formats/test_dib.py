"""Every case of the `.dib` grammar."""

from __future__ import annotations

import pytest

from tests.formats.notebooks import READ, WRITE
from verso.api.errors import FormatError
from verso.api.notebook import Cell, Notebook
from verso.formats import dib


def parsed(text: str) -> list[tuple[str, str]]:
    return [(cell.language or cell.type, cell.source) for cell in dib.read(text, READ).cells]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", [("csharp", "")]),
        ("\n\n", [("csharp", "")]),
        ("#!fsharp\n", [("csharp", "")]),
        ("var x = 1;", [("csharp", "var x = 1;")]),
        ("#!probably-a-magic\nvar x = 1;", [("csharp", "#!probably-a-magic\nvar x = 1;")]),
        ("#!fsharp\n#!time\nlet x = 1", [("fsharp", "#!time\nlet x = 1")]),
        ("#!csharp\n//\n\n#!fsharp\n\n#!pwsh\nGet-Item\n\n#!fsharp\n", [("csharp", "//"), ("pwsh", "Get-Item")]),
        ("\n\n#!csharp\na\n\n\n\nb\n\n\n#!fsharp\n\nc\n\n", [("csharp", "a\n\n\n\nb"), ("fsharp", "c")]),
        ("#! csharp\nx", [("csharp", "#! csharp\nx")]),
        ("#!csharp \nx", [("csharp", "#!csharp \nx")]),
        ("#!CSharp\nx", [("csharp", "#!CSharp\nx")]),
        ("  #!fsharp\nx", [("csharp", "  #!fsharp\nx")]),
        ("#!fsharp --arg\nx", [("csharp", "#!fsharp --arg\nx")]),
        ("#!csharp\n \n1\n\t\n", [("csharp", " \n1\n\t")]),
        ("#!markdown\na\n#!csharp\nb", [("markdown", "a"), ("csharp", "b")]),
        ("#!fsharp\r\nlet x = 1\r\nx\r\n", [("fsharp", "let x = 1\nx")]),
    ],
)
def test_cells(text: str, cells: list[tuple[str, str]]) -> None:
    assert parsed(text) == cells


@pytest.mark.parametrize(
    ("alias", "kernel"),
    [
        ("c#", "csharp"), ("C#", "csharp"), ("cs", "csharp"), ("f#", "fsharp"), ("F#", "fsharp"), ("fs", "fsharp"),
        ("powershell", "pwsh"), ("js", "javascript"), ("md", "markdown"), ("kql", "kql"), ("value", "value"),
        ("python", "python"), ("html", "html"), ("http", "http"), ("mermaid", "mermaid"), ("sql", "sql"),
        ("bash", "bash"), ("py", "python"),
    ],
)  # fmt: skip
def test_aliases_become_the_kernels_name(alias: str, kernel: str) -> None:
    assert parsed(f"#!{alias}\nx\n") == [(kernel, "x")]


def test_a_name_that_only_other_installations_know_is_text() -> None:
    assert parsed("#!ruby\nx") == [("csharp", "#!ruby\nx")]
    assert parsed('#!meta\n{"kernelInfo":{"items":[{"name":"ruby","aliases":["rb"]}]}}\n#!rb\nx') == [("ruby", "x")]


def test_cell_types_are_told_from_languages() -> None:
    cells = dib.read("#!md\na\n#!sql\nselect 1\n#!pwsh\nb", READ).cells
    assert [(cell.type, cell.language) for cell in cells] == [("markdown", None), ("sql", "sql"), ("code", "pwsh")]


def test_metadata_is_kept() -> None:
    notebook = dib.read('#!meta\n{"theAnswer":42}\n#!csharp\nvar x = 1;', READ)
    assert notebook.metadata == {"theAnswer": 42}
    assert [(cell.language, cell.source) for cell in notebook.cells] == [("csharp", "var x = 1;")]


def test_metadata_spans_lines_and_names_the_default_kernel() -> None:
    notebook = dib.read('#!meta\n\n{\n "kernelInfo":\n {"defaultKernelName": "fsharp"}}\n\n#!time\nlet x = 1', READ)
    assert notebook.default_kernel == "fsharp"
    assert [(cell.language, cell.source) for cell in notebook.cells] == [("fsharp", "#!time\nlet x = 1")]


def test_metadata_alone_makes_no_cell() -> None:
    assert dib.read('#!meta\n\n{"a":1}\n', READ).cells == ()
    assert dib.read("#!meta\n", READ).cells == ()


def test_writing() -> None:
    notebook = Notebook(
        cells=(
            Cell(language="csharp", source="\n\n// c\n\n"),
            Cell(language="fsharp", source=""),
            Cell(type="markdown", source="m"),
        )
    )
    assert dib.write(notebook, WRITE) == "#!csharp\n\n// c\n\n#!markdown\n\nm\n"


def test_writing_normalises_aliases_and_labels_unlabelled_cells() -> None:
    cells = (Cell(language="c#", source="a"), Cell(language="powershell", source="b"), Cell(source="c"))
    assert dib.write(Notebook(cells=cells), WRITE) == "#!csharp\n\na\n\n#!pwsh\n\nb\n\n#!csharp\n\nc\n"


SAVED = (
    "#!meta\n\n"
    '{"kernelInfo":{"defaultKernelName":"csharp","items":[{"name":"csharp","languageName":"C#","aliases":["c#","cs"]},'
    '{"name":"mine","aliases":[]}]},"other":{"a":[1,2.5,null]}}\n\n'
    "#!csharp\n\n#!time\nvar x = 1;\n\n\nx\n\n#!mine\n\n  é\n\n#!markdown\n\n# Title\n"
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_saved_file_is_written_byte_for_byte(newline: str) -> None:
    text = SAVED.replace("\n", newline)
    assert dib.write(dib.read(text, READ), WRITE) == text


def test_a_kernel_that_a_reader_can_not_know_is_declared() -> None:
    notebook = Notebook(cells=(Cell(language="ruby", source="a"), Cell(type="raw", source="b")))
    text = dib.write(notebook, WRITE)
    assert text.startswith('#!meta\n\n{"kernelInfo":{"items":[{"name":"ruby"},{"name":"raw"}]}}\n')
    back = dib.read(text, READ)
    assert [(cell.type, cell.language) for cell in back.cells] == [("code", "ruby"), ("raw", None)]


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ('x\n#!meta\n{"a": }\n#!csharp\n', "a notebook:3:7", "expecting value"),
        ("#!meta\n[1]\n#!csharp\n", "a notebook:1", "expected the metadata as a JSON object, found a list"),
        ("#!meta\n{}\n#!csharp\nx\n#!meta\n{}\n", "a notebook:5", "comes twice"),
        ('#!meta\n{"kernelInfo": 1}\n', "$.kernelInfo", "expected an object, found a number"),
        (
            '#!meta\n{"kernelInfo":{"items":[{"aliases":[]}]}}\n',
            "$.kernelInfo.items[0].name",
            "expected a kernel's name",
        ),
    ],
)
def test_wrong_metadata(text: str, where: str, said: str) -> None:
    with pytest.raises(FormatError) as caught:
        dib.read(text, READ)
    assert where in caught.value.where
    assert said in caught.value.what


def test_colliding_aliases_name_both_kernels() -> None:
    items = '[{"name":"one","aliases":["x"]},{"name":"two","aliases":["x"]}]'
    with pytest.raises(FormatError, match="'one' and 'two' both claim the name 'x'"):
        dib.read(f'#!meta\n{{"kernelInfo":{{"items":{items}}}}}\n', READ)


def test_reading_twice_gives_the_same_ids() -> None:
    assert dib.read(SAVED, READ) == dib.read(SAVED, READ)
    ids = [cell.id for cell in dib.read("#!csharp\nx\n#!csharp\nx\n", READ).cells]
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    "kernels", [5, {"items": 1}, {"items": [{"name": {}}]}, {"items": [{"name": "a", "aliases": 1}]}]
)
def test_what_another_format_keeps_as_kernel_info_leaves_a_file_that_can_be_read(kernels: object) -> None:
    notebook = Notebook(metadata={"kernelInfo": kernels, "kept": 1}, cells=(Cell(source="x", language="python"),))
    back = dib.read(dib.write(notebook, WRITE), READ)
    assert [cell.source for cell in back.cells] == ["x"]
    assert back.metadata["kept"] == 1


def test_an_empty_default_kernel_is_none() -> None:
    text = dib.write(Notebook(default_kernel="", cells=(Cell(source="x", language="python"),)), WRITE)
    assert [cell.language for cell in dib.read(text, READ).cells] == ["python"]
