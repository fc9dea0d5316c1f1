"""Completion, inspection and diagnostics over cells of several languages, on real kernels."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from verso import open_session
from verso.api.notebook import Cell, Notebook
from verso.engine.session import Session

SOURCE = "alphabet = 1\n#!sql\nselect * from numbers\n#!python\n\nalphab"


@pytest_asyncio.fixture
async def session() -> AsyncIterator[Session]:
    cell = Cell(source="alphabet = 1\ndef f(): 'What f does.'")
    async with open_session(Notebook(default_kernel="python", cells=(cell,))) as session:
        await session.run()
        yield session


async def test_completion_in_the_language_at_the_place(session: Session):
    reply = await session.questions.complete(SOURCE, len(SOURCE), "python")
    assert "alphabet" in [each.text for each in reply.completions]
    assert SOURCE[reply.start : reply.end] == "alphab"


async def test_completion_of_magics_kernels_and_options(session: Session):
    async def proposals(text: str) -> list[str]:
        reply = await session.questions.complete(text, len(text), "python")
        assert reply.end == len(text)
        return [each.text for each in reply.completions]

    assert {"sql", "sql-connect", "sql-schema"} <= set(await proposals("#!sq"))
    assert "#!" not in "".join(await proposals("#!"))
    assert await proposals("x = 1\n#!set --na") == ["--name"]
    assert await proposals("#!set --name x") == []
    assert await proposals("#!nobody-knows") == []


async def test_inspection_in_the_language_at_the_place(session: Session):
    source = "#!sql\nselect 1\n#!python\nf"
    assert "What f does." in str((await session.questions.inspect(source, len(source), "sql")).data["text/plain"])
    magic = await session.questions.inspect("#!set --name x", 4, "python")
    assert "--value" in magic.data["text/plain"]


async def test_diagnostics_keep_the_lines_of_the_cell(session: Session):
    reply = await session.questions.diagnose("x = 1\n#!python\ny = )\n", "python")
    assert [each.line for each in reply.diagnostics] == [3]
    reply = await session.questions.diagnose("#!nobody-knows\nx = 1", "python")
    assert [(each.line, each.message) for each in reply.diagnostics] == [
        (1, "there is no magic or kernel #!nobody-knows")
    ]


async def test_code_that_lacks_its_end(session: Session):
    assert (await session.questions.diagnose("#!python\nfor x in y:", "sql")).incomplete
    assert not (await session.questions.diagnose("for x in y: pass", "python")).incomplete
    assert not (await session.questions.diagnose("", "python")).incomplete
