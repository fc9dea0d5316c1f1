"""Writing and reading gives the same notebook, whatever is in it, as far as the format keeps it."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.notebooks import READ, WRITE, any_text, cells, json_objects, notebooks, script_lines
from verso.api.notebook import Cell, Notebook
from verso.formats import dib, ipynb, script, verso_file


@given(notebooks)
@settings(deadline=None)
def test_verso_keeps_everything(notebook: Notebook) -> None:
    text = verso_file.write(notebook, WRITE)
    back = verso_file.read(text, READ)
    assert back == notebook
    assert verso_file.write(back, WRITE) == text
    text.encode()
    json.loads(text)


@given(notebooks)
@settings(max_examples=200, deadline=None)
def test_ipynb_keeps_everything(notebook: Notebook) -> None:
    text = ipynb.write(notebook, WRITE)
    back = ipynb.read(text, READ)
    assert back == notebook
    assert ipynb.write(back, WRITE) == text


@given(notebooks)
@settings(max_examples=50, deadline=None)
def test_verso_ipynb_verso_loses_nothing(notebook: Notebook) -> None:
    through = verso_file.read(verso_file.write(notebook, WRITE), READ)
    through = ipynb.read(ipynb.write(through, WRITE), READ)
    assert verso_file.read(verso_file.write(through, WRITE), READ) == notebook


def _meaning(cell: Cell, default: str | None) -> tuple[str, str | None, str]:
    """Type, language (a code cell without one has the default) and source; `sql` code is an `sql` cell."""
    if cell.type == "code" and cell.language in ("sql", "html", "markdown"):
        cell = cell.replace(type=cell.language, language="sql" if cell.language == "sql" else None)
    language = cell.language or (default if cell.type == "code" else None)
    return cell.type, language, cell.source


@given(cells(script_lines, metadata=json_objects), st.sampled_from([".py", ".ps1", ".js", ".sql"]), any_text)
@settings(max_examples=300, deadline=None)
def test_scripts_keep_sources_types_languages_and_metadata(written: tuple[Cell, ...], suffix: str, title: str) -> None:
    written = tuple(cell.replace(metadata={**cell.metadata, "title": title}) for cell in written)
    default = {".py": "python", ".ps1": "powershell", ".js": "javascript", ".sql": "sql"}[suffix]
    notebook = Notebook(default_kernel="python", cells=written)
    text = script.write(notebook, WRITE.replace(suffix=suffix))
    back = script.read(text, READ.replace(suffix=suffix))
    if not written:
        assert [cell.source for cell in back.cells] == [""]
        return
    assert [cell.source for cell in back.cells] == [cell.source for cell in written]
    assert [cell.metadata for cell in back.cells] == [cell.metadata for cell in written]
    for before, after in zip(written, back.cells, strict=True):
        wanted, got = _meaning(before, "python"), _meaning(after, default)
        if after.type == "code" and after.language is None:  # in the script's own language
            assert READ.languages.get(wanted[1] or before.type, wanted[1]) == default
        else:
            assert got == wanted
    assert script.write(back, WRITE.replace(suffix=suffix)) == text


@given(script_lines)
@settings(deadline=None)
def test_any_text_is_a_script_and_settles(text: str) -> None:
    options = READ.replace(suffix=".py")
    once = script.read(text, options)
    written = script.write(once, WRITE.replace(suffix=".py"))
    again = script.read(written, options)
    assert [cell.source for cell in again.cells] == [cell.source for cell in once.cells]
    assert script.write(again, WRITE.replace(suffix=".py")) == written


dib_sources = st.lists(
    st.sampled_from(["", "x", " ", "\t", "#!time", "# a", "  #!csharp", "#!CSharp", "#! csharp", "é"]), max_size=5
).map("\n".join)


@given(cells(dib_sources), st.none() | st.sampled_from(["python", "csharp", "pwsh", "odd"]))
@settings(deadline=None)
def test_dib_keeps_what_it_can(written: tuple[Cell, ...], default: str | None) -> None:
    notebook = Notebook(default_kernel=default, cells=written)
    text = dib.write(notebook, WRITE)
    back = dib.read(text, READ)
    sources = [cell.source.strip("\n") for cell in written if cell.source.strip("\n")]
    if sources or default:
        assert [cell.source for cell in back.cells] == sources
    assert back.default_kernel == default
    assert dib.write(back, WRITE) == text


@given(notebooks)
@settings(max_examples=50, deadline=None)
def test_dib_keeps_the_document(notebook: Notebook) -> None:
    plain = notebook.replace(cells=(), extra={}, default_kernel="python", metadata={})
    back = dib.read(dib.write(plain, WRITE), READ)
    assert back.replace(metadata={}) == plain


@given(st.lists(st.sampled_from(["#!csharp", "#!pwsh", "#!md", "x", "", " ", "#!time", "é"]), max_size=12))
@settings(deadline=None)
def test_any_dib_settles_byte_for_byte(lines: list[str]) -> None:
    for newline in ("\n", "\r\n"):
        written = dib.write(dib.read(newline.join(lines), READ), WRITE)
        assert dib.write(dib.read(written, READ), WRITE) == written
