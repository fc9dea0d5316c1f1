"""Magics and the language switch: grammar, positions, errors, and each built-in magic."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.test_sharing import cell, texts
from verso import __version__
from verso.api.errors import MagicError
from verso.api.magics import Magic, MagicOption
from verso.api.marks import hookimpl
from verso.api.messages import InputRequest
from verso.api.notebook import Cell, CellStatus, Notebook
from verso.api.outputs import DisplayData, Error
from verso.engine.arguments import parse_arguments, split_words
from verso.engine.segments import CodePart, MagicPart, SwitchPart, split_cell
from verso.engine.session import open_session
from verso.formats import plugin as formats


def parts(source: str) -> list[object]:
    kinds = {"one": "kernel", "time": "magic", "value": "magic"}
    return list(split_cell(source, lambda name: kinds.get(name, "unknown"), lambda name: name == "value"))


def test_code_keeps_its_line_numbers_behind_magics_and_switches():
    assert parts("#!time\na\n#!one\nb\nc") == [
        MagicPart(name="time", text="#!time", line=1, arguments_at=6, known=True, body=""),
        CodePart(source="\na"),
        SwitchPart(language="one", line=3),
        CodePart(source="\n\n\nb\nc"),
    ]


def test_shebangs_and_unknown_names_below_code_are_code():
    assert parts("#!/bin/sh\nx") == [CodePart(source="#!/bin/sh\nx")]
    assert parts("x\n#!whatever\ny") == [CodePart(source="x\n#!whatever\ny")]
    assert [type(part) for part in parts("\n#!whatever\ny")] == [MagicPart, CodePart]


def test_a_magic_with_a_body_takes_all_below_it():
    (part,) = parts("#!value --name x\nline\n#!one\n")
    assert part.body == "line\n#!one\n"


def test_words_quotes_and_json():
    words = split_words("""a 'b c' "d\\"e\\n" --x=f {"k": [1, 2]} @sql:t""", 1)
    assert [word.text for word in words] == ["a", "b c", 'd"e\n', "--x=f", '{"k": [1, 2]}', "@sql:t"]
    assert [word.column for word in words] == [1, 3, 9, 18, 24, 38]


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [("'open", 1, "not closed"), ('a "open', 3, "not closed"), ("{1: 2}", 2, "JSON"), ("x [1, 2", 3, "JSON")],
)
def test_what_is_not_closed_says_where(line, column, message):
    with pytest.raises(MagicError, match=message) as caught:
        split_words(line, 4)
    assert (caught.value.line, caught.value.column >= column) == (4, True)


OPTIONS = (
    MagicOption(name="--name", short="-n", required=True),
    MagicOption(name="--tag", repeatable=True),
    MagicOption(name="--force", flag=True),
    MagicOption(name="file"),
)


def test_options_flags_repeats_and_positionals():
    given_ = parse_arguments("#!m f.txt -n x --tag=a --tag b --force", 1, 3, "m", OPTIONS)
    assert given_ == {"file": "f.txt", "name": "x", "tag": ("a", "b"), "force": True}


@pytest.mark.parametrize(
    ("line", "message", "column"),
    [
        ("#!m --nope 1", "no option --nope", 5),
        ("#!m -n", "needs a value", 5),
        ("#!m -n x a b", "does not take 'b'", 12),
        ("#!m a", "needs --name", 6),
    ],
)
def test_wrong_arguments_say_what_and_where(line, message, column):
    with pytest.raises(MagicError, match=message) as caught:
        parse_arguments(line, 7, 3, "m", OPTIONS)
    assert (caught.value.line, caught.value.column) == (7, column)


@given(st.lists(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1), max_size=5))
def test_quoted_words_come_back(words):
    line = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    assert [word.text for word in split_words(line, 1)] == words


@given(st.text(alphabet="#!one time\n x", max_size=60))
def test_no_line_of_code_is_lost(source):
    kept = [part.source for part in parts(source) if isinstance(part, CodePart)]
    for number, line in enumerate(source.split("\n")):
        if line.strip() and not line.startswith("#!"):
            assert any(text.split("\n")[number] == line for text in kept if len(text.split("\n")) > number)


async def run_one(notebook, plugins, *cells, **more):  # type: ignore[no-untyped-def]
    async with open_session(notebook(*cells), plugins=plugins, **more) as session:
        return (await session.run()).cells


def shown(done) -> str:  # type: ignore[no-untyped-def]
    return "\n".join(out.data["text/plain"] for out in done.cell.outputs if isinstance(out, DisplayData))


async def test_the_language_switches_for_the_lines_below(notebook, plugins):
    (done,) = await run_one(notebook, plugins, "let x 1\n#!two\nlet y 2\n#!uno\nshow y")
    assert done.status is CellStatus.OK
    assert texts(done.cell) == "2\n"


async def test_an_unknown_magic_names_the_known_ones_and_no_code_runs(notebook, plugins):
    (done,) = await run_one(notebook, plugins, "#!nope\nprint ran")
    assert done.status is CellStatus.ERROR
    assert texts(done.cell) == ""
    (error,) = [out for out in done.cell.outputs if isinstance(out, Error)]
    assert (error.ename, error.line, error.column) == ("Magic", 1, 1)
    assert "#!share" in error.evalue
    assert "#!two" in error.evalue


async def test_help_of_every_magic(notebook, plugins):
    for magic in plugins.magics:
        (done,) = await run_one(notebook, plugins, f"#!{magic.name} -h")
        assert done.status is CellStatus.OK
        assert f"usage: #!{magic.name}" in shown(done)


async def test_time_shows_after_the_code(notebook, plugins):
    (done,) = await run_one(notebook, plugins, "#!time\nprint a")
    assert shown(done).startswith("Elapsed: ")
    assert isinstance(done.cell.outputs[-1], DisplayData)


async def test_set_takes_text_json_variables_and_answers(notebook, plugins):
    async def answer(request: InputRequest) -> str | None:
        return "typed" if request.kind == "line" else "hidden"

    cells = (
        "#!set --name a --value text\nshow a",
        '#!set --name b --value {"k":[1,2.5,null]}\nshow b',
        "#!set --name c --value @b\nshow c",
        cell("d", "two", "#!set --name d --value @one:a\nshow d"),
        "#!set --name e --value @input:name\nshow e",
        '#!set --name f --value "@password:key please"\nshow f',
        "#!whos",
    )
    done = await run_one(notebook, plugins, *cells, answer=answer)
    assert [texts(each.cell) for each in done[:6]] == [
        "text\n",
        "{'k': [1, 2.5, None]}\n",
        "{'k': [1, 2.5, None]}\n",
        "text\n",
        "typed\n",
        "***\n",
    ]
    assert "hidden" not in shown(done[6])
    assert "***" in shown(done[6])


async def test_who_whos_lsmagic_about(notebook, plugins):
    done = await run_one(notebook, plugins, "#!who", "let x 1", "#!who", "#!whos", "#!lsmagic", "#!about")
    assert shown(done[0]) == "no shared variables"
    assert shown(done[2]) == "x"
    assert "one" in shown(done[3])
    assert "#!share" in shown(done[4])
    name, verso, python, *running = shown(done[5]).splitlines()
    assert name.split() == ["name", "version", "program"]
    assert verso.split() == ["Verso", __version__]
    assert python.split() == ["its", "Python", sys.version.split()[0], sys.executable]
    assert [line.split() for line in running] == [["one", "1.5", "/bin/one"]], "those that run, and no others"


async def test_value_keeps_lines_files_and_text(notebook, plugins, tmp_path: Path):
    (tmp_path / "data.txt").write_text("from file", encoding="utf-8")
    done = await run_one(
        notebook,
        plugins,
        "#!value --name a\nl1\nl2",
        "#!value --name b --from-file data.txt",
        "#!value --name c --from-value x --mime-type text/html",
        "show a\nshow b\nshow c",
        "#!value --name d --from-file missing.txt",
        directory=tmp_path,
    )
    assert texts(done[3].cell) == "l1\nl2\nfrom file\nx\n"
    assert done[2].cell.outputs[0].data["text/html"] == "x"
    assert done[4].status is CellStatus.ERROR


async def test_import_runs_another_notebook_here(notebook, plugins, tmp_path: Path):
    plugins.add("verso-formats", formats)
    other = tmp_path / "other.verso"
    other.write_text(
        '{"verso":"1.0","metadata":{"defaultKernel":"one","parameters":{"n":{"type":"int","default":1}}},'
        '"cells":[{"id":"a","type":"code","source":"show n\\nlet made here"}]}',
        encoding="utf-8",
    )
    done = await run_one(notebook, plugins, "#!import other.verso -p n=5\nshow made", directory=tmp_path)
    assert texts(done[0].cell) == "5\nhere\n"


async def test_a_fault_of_a_magic_is_blamed_on_its_plugin_and_the_notebook_goes_on(notebook, plugins):
    async def broken(call, context):  # type: ignore[no-untyped-def]
        raise KeyError("gone")

    class Plugin:
        @hookimpl
        def verso_magics(self):  # type: ignore[no-untyped-def]
            return (Magic(name="broken", summary="Breaks.", run=broken),)

    plugins.add("breaker", Plugin())
    first, second = await run_one(notebook, plugins, "#!broken\nprint no", "print yes")
    assert first.status is CellStatus.ERROR
    assert "'breaker'" in first.cell.outputs[-1].evalue
    assert texts(second.cell) == "yes\n"


async def test_what_a_magic_does_after_the_cell_may_fail_and_the_notebook_goes_on(notebook, plugins):
    async def later(call, context):  # type: ignore[no-untyped-def]
        context.after(lambda seconds: {}["gone"])

    class Plugin:
        @hookimpl
        def verso_magics(self):  # type: ignore[no-untyped-def]
            return (Magic(name="later", summary="Breaks later.", run=later),)

    plugins.add("breaker", Plugin())
    first, second = await run_one(notebook, plugins, "#!later\nprint ran", "print yes")
    assert first.status is CellStatus.ERROR
    assert texts(first.cell) == "ran\n"
    assert "KeyError" in first.cell.outputs[-1].evalue
    assert texts(second.cell) == "yes\n"


async def test_a_notebook_that_imports_itself_is_an_error_of_the_cell(notebook, plugins, tmp_path: Path):
    plugins.add("verso-formats", formats)
    for name, imported in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.verso").write_text(
            '{"verso":"1.0","metadata":{"defaultKernel":"one"},'
            f'"cells":[{{"id":"c","type":"code","source":"#!import {imported}.verso"}}]}}',
            encoding="utf-8",
        )
    first, second = await run_one(notebook, plugins, "#!import a.verso", "print yes", directory=tmp_path)
    assert first.status is CellStatus.ERROR
    assert "a.verso → b.verso → a.verso" in "".join(output.evalue for output in first.cell.outputs)
    assert second.status is CellStatus.OK


async def test_a_switch_takes_nothing_else(notebook, plugins):
    (done,) = await run_one(notebook, plugins, "print on\n#!two   show x\nprint never")
    assert done.status is CellStatus.ERROR
    assert texts(done.cell) == "on\n"
    error = done.cell.outputs[-1]
    assert isinstance(error, Error)
    assert (error.line, error.column) == (2, 9)
    assert "#!two" in error.evalue


async def test_the_help_of_what_a_line_is_handed_to():
    lines = ("#!connect -h", "#!connect jupyter -h", "#!connect repl --help", "#!http-set-header -h")
    book = Notebook(cells=tuple(Cell(language="python", source=line) for line in lines))
    usages = []
    async with open_session(book) as session:
        for cell in session.notebook.cells:
            done = await session.execute(cell)
            usages.append(shown(done).splitlines()[1])
    assert [usage.split()[:3] for usage in usages] == [
        ["usage:", "#!connect", "<connector>"],
        ["usage:", "#!connect", "jupyter"],
        ["usage:", "#!connect", "repl"],
        ["usage:", "#!http-set-header", "<name>"],
    ]
