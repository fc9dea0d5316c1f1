"""SQL cells and their magics in a session, beside Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import verso_python.plugin
import verso_sql.plugin

from verso.api.events import CellStale
from verso.api.notebook import Cell, CellStatus, Notebook
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.engine import plugin as engine_plugin
from verso.engine.plugins import Plugins
from verso.engine.session import open_session


def shown(cell: Cell) -> str:
    parts = []
    for output in cell.outputs:
        if isinstance(output, Stream):
            parts.append(output.text)
        elif isinstance(output, DisplayData | ExecuteResult):
            parts.append(str(output.data["text/plain"]))
        elif isinstance(output, Error):
            parts.append(f"{output.ename}: {output.evalue}")
    return "\n".join(parts)


async def run(folder: Path, *cells: tuple[str, str]) -> list[tuple[CellStatus, str]]:
    notebook = Notebook(cells=tuple(Cell(language=language, source=source) for language, source in cells))
    plugins = Plugins()
    for name, plugin in (("engine", engine_plugin), ("python", verso_python.plugin), ("sql", verso_sql.plugin)):
        plugins.add(name, plugin)
    async with open_session(notebook, directory=folder, plugins=plugins) as session:
        result = await session.run()
    return [(done.status, shown(done.cell)) for done in result.cells]


async def test_python_to_sql_and_back(tmp_path: Path) -> None:
    found = await run(
        tmp_path,
        ("python", "import pandas\ndf = pandas.DataFrame({'city': ['Oslo', 'Brno'], 'n': [1, 2]})\nfactor = 10"),
        ("sql", "--name scaled\nselect city, n * @factor as m from df order by n"),
        ("python", "int(scaled['m'].sum())"),
        ("sql", "select max(m) as largest from scaled"),
    )
    assert [status for status, _ in found] == [CellStatus.OK] * 4
    assert found[2][1] == "30" and "20" in found[3][1]


async def test_connect_schema_disconnect(tmp_path: Path) -> None:
    found = await run(
        tmp_path,
        ("sql", '#!sql-connect --name shop --connection-string "sqlite:///shop.db" --default'),
        ("sql", "create table orders (id integer primary key, name text not null); insert into orders values (1, 'a')"),
        ("sql", "#!sql-schema"),
        ("sql", "#!sql-schema --table orders"),
        ("sql", "select name from orders"),
        ("sql", "#!sql-disconnect --name shop\nselect 1 as back_on_duckdb"),
        ("sql", "--connection shop\nselect 1"),
        ("sql", "#!sql-schema --table nope"),
        ("sql", "#!sql-disconnect --name nope"),
    )
    texts = [text for _, text in found]
    assert texts[0].startswith("connected shop (default): SQLite 3.")
    assert "orders" in texts[2] and "TEXT" in texts[3] and "name" in texts[3]
    assert texts[4].split("\n")[2] == "a" and "back_on_duckdb" in texts[5]
    assert [status for status, _ in found[6:]] == [CellStatus.ERROR] * 3
    assert "no connection 'shop'" in texts[6] and "known: duckdb" in texts[8]
    assert (tmp_path / "shop.db").exists()


async def test_passwords_are_neither_shown_nor_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERSO_TEST_SECRET", "s3cr3t")
    found = await run(
        tmp_path,
        ("python", "host = '127.0.0.1:1'\ntoken = 's3cr3t'"),
        ("sql", '#!sql-connect --name a --connection-string "postgresql://me:$env:VERSO_TEST_SECRET@127.0.0.1:1/x"'),
        ("sql", '#!sql-connect --name b --connection-string "postgresql://me:$var:token@127.0.0.1:1/x"'),
        ("sql", '#!sql-connect --name c --connection-string "postgresql://me:$env:VERSO_TEST_NOTHING@127.0.0.1:1/x"'),
    )
    assert [status for status, _ in found[1:]] == [CellStatus.ERROR] * 3
    for _, text in found:
        assert "s3cr3t" not in text
    assert "me:***@127.0.0.1" in found[1][1] and "me:***@127.0.0.1" in found[2][1]
    assert "VERSO_TEST_NOTHING" in found[3][1]


async def test_a_password_in_the_cell_is_warned_of(tmp_path: Path) -> None:
    ((_, text),) = await run(
        tmp_path, ("sql", '#!sql-connect --name a --connection-string "postgresql://me:s3cr3t@127.0.0.1:1/x"')
    )
    assert "saved with this cell" in text and "s3cr3t" not in text


async def test_what_is_missing_is_named(tmp_path: Path) -> None:
    found = await run(
        tmp_path,
        ("sql", '#!sql-connect --name a --connection-string "oracle://me@host/x"'),
        ("sql", '#!sql-connect --name a --connection-string "nonsense://me@host/x"'),
        ("sql", '#!sql-connect --name a --connection-string "what"'),
        ("sql", "#!sql-connect --name a"),
    )
    assert [status for status, _ in found] == [CellStatus.ERROR] * 4
    assert "oracledb" in found[0][1] and "nonsense" in found[1][1]
    assert "sqlite:///shop.db" in found[2][1] and "--connection-string" in found[3][1]


@pytest.mark.parametrize("rows", [4, 2_000], ids=["few", "many"])
async def test_records_of_another_cell_are_a_table_whose_integers_have_room(tmp_path: Path, rows: int) -> None:
    found = await run(
        tmp_path,
        ("python", f"t = [{{'n': 2_000_000_000, 'ids': [place]}} for place in range({rows})]"),
        ("sql", "select max(n * n) as big, any_value(typeof(ids)) as kind, count(*) as rows from t"),
    )
    assert found[1][1].splitlines()[2].split() == [str(4 * 10**18), "BIGINT[]", str(rows)]


def test_a_few_records_do_not_bring_pandas_into_the_engine(tmp_path: Path) -> None:
    notebook = tmp_path / "few.dib"
    notebook.write_text("#!python\nt = [{'n': 1}]\n#!sql\nfrom t\n")
    code = (
        "import sys\nfrom verso.cli.main import main\n"
        f"try:\n    main(['run', {str(notebook)!r}])\n"
        "except SystemExit as end:\n    sys.exit(end.code or 10 * ('pandas' in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_a_result_is_no_reader_of_what_had_its_name_before(tmp_path: Path) -> None:
    sources = (("python", "t = [{'a': 1}]"), ("sql", "--name t\nselect 2 as a"), ("sql", "--name t\nselect * from t"))
    notebook = Notebook(cells=tuple(Cell(language=language, source=source) for language, source in sources))
    stale: list[int] = []
    async with open_session(notebook, directory=tmp_path) as session:
        session.subscribe(lambda event: stale.append(event.index) if isinstance(event, CellStale) else None)
        for place in (0, 1, 0):
            await session.run([place])
        assert stale == []
        for place in (2, 0):
            await session.run([place])
        assert stale == [2]
