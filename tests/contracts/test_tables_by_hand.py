"""Tables that are shared by hand: in one file for who reads Arrow, as rows for who does not, and gone when unused."""

from __future__ import annotations

import pytest

from verso import open_session
from verso.api.mime import PLAIN
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import DisplayData, Error, Stream
from verso.engine.plugins import Plugins

pytest.importorskip("pyarrow")


def notebook(*cells: tuple[str, str], **more: object) -> Notebook:
    made = [
        Cell(id=CellId(str(place)), language=language, source=source) for place, (language, source) in enumerate(cells)
    ]
    return Notebook(cells=tuple(made), **more)  # type: ignore[arg-type]


def shown(cell: Cell) -> str:
    errors = [output.evalue for output in cell.outputs if isinstance(output, Error)]
    assert not errors, errors
    texts = [output.text if isinstance(output, Stream) else "" for output in cell.outputs]
    texts += [str(output.data.get(PLAIN, "")) for output in cell.outputs if isinstance(output, DisplayData)]
    return "".join(texts)


MAKE = ("sql", "--name q --no-display\nselect i, 'n' || i as name from range(3) t(i)")


@pytest.mark.parametrize("magic", ["#!share --from sql q --as taken", "#!set --name taken --value @sql:q"])
async def test_every_kernel_takes_a_table(magic: str) -> None:
    book = notebook(
        MAKE,
        ("python", f"{magic}\nprint(len(taken), taken['name'][2])"),
        ("javascript", f"{magic}\nconsole.log(taken.length, taken[2].name)"),
        ("markdown", f"{magic}\n@taken"),
        ("javascript", "console.log(taken[1].name)"),
    )
    plugins = Plugins.load()
    if plugins.find_kernelspec("javascript") is None:
        pytest.skip("there is no kernel 'javascript' here")
    async with open_session(book, plugins=plugins) as session:
        result = await session.run()
    python, javascript, markdown, again = (shown(done.cell) for done in result.cells[1:])
    assert python == "3 n2\n"
    assert javascript == "3 n2\n"
    assert "n2" in markdown
    assert again == "n1\n"


async def test_a_copy_keeps_its_file_when_the_original_changes(tmp_path) -> None:  # type: ignore[no-untyped-def]
    book = notebook(
        MAKE,
        ("python", "#!share --from sql q --as taken\nlen(taken)"),
        ("sql", "--name q --no-display\nselect 1 as other"),
        ("python", "print(len(q))"),
        ("sql", "--name n --no-display\nselect count(*) from taken"),
    )
    async with open_session(book, directory=tmp_path) as session:
        result = await session.run()
        assert [done.status.value for done in result.cells] == ["ok"] * 5
        assert (await session.variables["n"]).iloc[0, 0] == 3
        assert sorted(session.variables) == ["n", "q", "taken"]


async def test_a_table_shared_again_and_again_is_one_file() -> None:
    book = notebook(
        MAKE,
        ("python", "\n".join(f"#!share --from sql q --as copy{n}" for n in range(5))),
    )
    async with open_session(book) as session:
        await session.run()
        paths = {(await session._sharing.value(f"copy{n}", arrow=True))["v"]["arrow"] for n in range(5)}
        assert len(paths) == 1


async def test_explicit_sharing_takes_tables_that_then_change() -> None:
    settings = {"verso.engine": {"sharing": "explicit"}}
    book = notebook(
        ("python", "import pyarrow\ndf = pyarrow.table({'a': [1, 2]})"),
        ("sql", "#!share --from python df\nselect 'nothing of it is read yet' as note"),
        ("python", "df = pyarrow.table({'a': [1, 2, 3]})"),
        ("python", "#!share --from sql df --as back\nprint(len(back))"),
        ("sql", "select count(*) as n from df as d"),
        extension_settings=settings,
    )
    async with open_session(book) as session:
        result = await session.run()
    assert [done.status.value for done in result.cells] == ["ok"] * 5
    assert shown(result.cells[3].cell) == "2\n"
