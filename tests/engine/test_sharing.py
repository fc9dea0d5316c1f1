"""One space of variables: what is sent to whom, when, and who becomes stale."""

from __future__ import annotations

from verso.api.edits import ChangeCell
from verso.api.events import CellStale, VariableChanged
from verso.api.notebook import Cell, CellId, CellStatus
from verso.api.outputs import Stream
from verso.engine.session import open_session


def cell(name: str, language: str, source: str) -> Cell:
    return Cell(id=CellId(name), language=language, source=source)


def texts(cell: Cell) -> str:
    return "".join(output.text for output in cell.outputs if isinstance(output, Stream))


async def test_a_value_made_in_one_kernel_is_there_in_the_next(notebook, plugins):
    book = notebook(cell("a", "one", "let x hello"), cell("b", "two", "show x"))
    async with open_session(book, plugins=plugins) as session:
        result = await session.run()
        assert texts(result.cells[1].cell) == "hello\n"
        assert await session.variables["x"] == "hello"
        assert session.variables["x"].shared.owner == "one"


async def test_only_what_the_cell_names_and_only_what_changed_is_sent(notebook, plugins, scripted):
    book = notebook(
        cell("a", "one", "let x 1\nlet y 2"),
        cell("b", "two", "show x"),
        cell("c", "two", "show x"),
        cell("d", "one", "let x 3"),
        cell("e", "two", "show x"),
    )
    async with open_session(book, plugins=plugins) as session:
        result = await session.run()
        assert scripted.kernels["two"].given == ["x", "x"]
        assert texts(result.cells[4].cell) == "3\n"


async def test_a_kernel_never_gets_its_own_export_back(notebook, plugins, scripted):
    book = notebook(cell("a", "one", "let x 1"), cell("b", "two", "show x"), cell("c", "one", "show x"))
    async with open_session(book, plugins=plugins) as session:
        await session.run()
        assert scripted.kernels["one"].given == []


async def test_the_last_kernel_to_change_a_name_owns_it(notebook, plugins, scripted):
    book = notebook(cell("a", "one", "let x 1"), cell("b", "two", "show x\nlet x 2"), cell("c", "one", "show x"))
    async with open_session(book, plugins=plugins) as session:
        result = await session.run()
        assert texts(result.cells[2].cell) == "2\n"
        assert session.variables["x"].shared.owner == "two"
        assert session.variables["x"].shared.version == 2


async def test_what_cannot_travel_says_so_and_the_cell_goes_on(notebook, plugins):
    book = notebook(cell("a", "one", "opaque x"), cell("b", "two", "print x\nprint on"))
    async with open_session(book, plugins=plugins) as session:
        result = await session.run()
    assert result.cells[1].status is CellStatus.OK
    shown = texts(result.cells[1].cell)
    assert "variable 'x' of one" in shown
    assert "object" in shown
    assert shown.endswith("on\n")


async def test_removed_variables_leave_the_space(notebook, plugins):
    book = notebook(
        cell("a", "one", "let x 1"),
        cell("b", "one", "del x"),
        cell("c", "one", "let x again"),
        cell("d", "two", "show x"),
    )
    seen = []
    async with open_session(book, plugins=plugins) as session:
        session.subscribe(lambda event: seen.append(event) if isinstance(event, VariableChanged) else None)
        await session.run(cells=["a", "b"])
        assert "x" not in session.variables
        assert [event.removed for event in seen] == [False, True]
        result = await session.run(cells=["c", "d"])
        assert texts(result.cells[1].cell) == "again\n"


async def test_rerunning_a_producer_marks_its_consumers_stale(notebook, plugins):
    book = notebook(cell("a", "one", "let x long text"), cell("b", "two", "show x"), cell("c", "two", "print nothing"))
    stale = []
    async with open_session(book, plugins=plugins) as session:
        session.subscribe(lambda event: stale.append(event) if isinstance(event, CellStale) else None)
        await session.run()
        assert stale == []
        await session.run(cells=["a"])
        assert [(event.cell_id, event.variable) for event in stale] == [("b", "x")]


async def test_sharing_can_be_switched_off_and_done_by_hand(notebook, plugins, scripted):
    settings = {"verso.engine": {"sharing": "explicit"}}
    book = notebook(
        cell("a", "one", "let x 1"),
        cell("b", "two", "show x"),
        cell("c", "two", "#!share --from one x --as y\nshow y"),
        extension_settings=settings,
    )
    async with open_session(book, plugins=plugins) as session:
        result = await session.run()
        assert [texts(done.cell) for done in result.cells[1:]] == ["nothing\n", "1\n"]


async def test_a_restarted_kernel_loses_its_variables_and_gets_others_anew(notebook, plugins, scripted):
    book = notebook(
        cell("a", "one", "let x 1"), cell("b", "two", "let z 1\nshow x"), cell("c", "two", "#!restart\nshow x")
    )
    async with open_session(book, plugins=plugins) as session:
        result = await session.run()
        assert texts(result.cells[2].cell) == "1\n"
        assert "z" not in session.variables
        assert scripted.kernels["two"].started == 2


async def test_the_embedding_program_can_set_and_read(notebook, plugins):
    async with open_session(notebook("show greeting"), plugins=plugins) as session:
        session.variables.set("greeting", "hello")
        assert texts((await session.run()).cells[0].cell) == "hello\n"
        assert dict(session.variables)["greeting"].shared.owner == "notebook"


async def test_sessions_in_one_process_do_not_see_each_other(notebook, plugins):
    async with (
        open_session(notebook("let x 1"), plugins=plugins) as first,
        open_session(notebook("show x"), plugins=plugins) as second,
    ):
        await first.run()
        assert texts((await second.run()).cells[0].cell) == "nothing\n"


async def test_mentions_and_their_case_are_the_languages_own(notebook, plugins, scripted):
    book = notebook(cell("a", "one", "let Total 1\nlet other 2"), cell("b", "three", "print other $TOTAL"))
    async with open_session(book, plugins=plugins) as session:
        await session.run()
        assert scripted.kernels["three"].given == ["Total"]


async def stale_after(book, plugins, rerun):
    stale = []
    async with open_session(book, plugins=plugins) as session:
        session.subscribe(lambda event: stale.append(event) if isinstance(event, CellStale) else None)
        await session.run()
        assert stale == []
        await session.run(cells=[rerun])
    return [(event.cell_id, event.variable) for event in stale]


async def test_every_part_of_a_cell_counts_as_a_reader(notebook, plugins):
    book = notebook(
        cell("a", "one", "let x one"), cell("b", "one", "let y one"), cell("c", "two", "show x\n#!one\nshow y")
    )
    assert await stale_after(book, plugins, "a") == [("c", "x")]
    assert await stale_after(book, plugins, "b") == [("c", "y")]


async def test_a_cell_that_no_longer_reads_a_name_is_not_stale(notebook, plugins):
    book = notebook(cell("a", "one", "let x one"), cell("b", "two", "show x"))
    stale = []
    async with open_session(book, plugins=plugins) as session:
        await session.run()
        session.edit(ChangeCell(cell_id=CellId("b"), changes={"source": "print nothing"}))
        await session.run(cells=["b"])
        session.subscribe(lambda event: stale.append(event) if isinstance(event, CellStale) else None)
        await session.run(cells=["a"])
    assert stale == []


async def test_readers_are_stale_though_another_cell_changed_the_value_between(notebook, plugins):
    book = notebook(cell("a", "one", "let x one"), cell("b", "one", "show x\nlet x two"), cell("c", "two", "show x"))
    assert await stale_after(book, plugins, "a") == [("b", "x"), ("c", "x")]


async def test_running_a_notebook_again_tells_of_a_stale_cell_once(notebook, plugins):
    count = 200
    others = (cell(f"c{number}", "one", f"show x\nlet x {number}") for number in range(1, count))
    book = notebook(cell("c0", "one", "let x 0"), *others)
    stale = []
    async with open_session(book, plugins=plugins) as session:
        session.subscribe(lambda event: stale.append(event.cell_id) if isinstance(event, CellStale) else None)
        await session.run()
        assert stale == []
        await session.run()
        assert sorted(stale) == sorted(f"c{number}" for number in range(1, count))
        await session.run(cells=["c0"])
        assert len(stale) == 2 * (count - 1)


async def test_what_magics_read_and_set_counts(notebook, plugins):
    book = notebook(
        cell("a", "one", "let x one"),
        cell("b", "two", "#!share --from one x --as y"),
        cell("c", "two", "#!set --name z --value @one:x"),
        cell("d", "one", "show z"),
    )
    assert await stale_after(book, plugins, "a") == [("b", "x"), ("c", "x")]
    assert await stale_after(book, plugins, "c") == [("d", "z")]


async def test_sharing_by_hand_leaves_a_name_with_its_owner(notebook, plugins, scripted):
    book = notebook(cell("a", "one", "let x one"), cell("b", "two", "#!share --from one x"), cell("c", "one", "show x"))
    async with open_session(book, plugins=plugins) as session:
        await session.run()
        assert session.variables["x"].shared.owner == "one"
        assert scripted.kernels["two"].given == ["x"]
        assert scripted.kernels["one"].given == []
