"""A secret is neither shown nor saved, whatever a cell does with it."""

from __future__ import annotations

import pytest

from tests.engine.kernels import ScriptedKernel
from tests.engine.test_magics import run_one
from tests.engine.test_sharing import texts
from verso.api.errors import KernelDiedError, VariableError
from verso.api.events import CellOutput, KernelStateChanged, VariableChanged
from verso.api.kernel import Sink
from verso.api.messages import InputRequest, Progress, UpdateDisplayData
from verso.api.notebook import Cell, CellStatus, Notebook
from verso.api.outputs import DisplayData, DisplayId, Error, Stream
from verso.api.variables import VariableInfo
from verso.engine.session import open_session

SECRET = "c0rrect horse"


async def answer(request: InputRequest) -> str | None:
    return SECRET


class Leaking(ScriptedKernel):
    """Shows its variables in all the ways there are."""

    async def _command(self, line: str, sink: Sink) -> str:
        word, _, name = line.partition(" ")
        text = str(self.values.get(name, ""))
        match word:
            case "leak":
                data = {"text/plain": text, "text/html": f"<p>{text}</p>", "application/json": {"deep": [text]}}
                sink.put(DisplayData(data=data, metadata={"note": text}, display_id=DisplayId("d")))
                sink.put(UpdateDisplayData(data=data, display_id=DisplayId("d")))
                sink.put(Progress(activity=text, status=text, operation=text))
                sink.put(Error(ename="Leak", evalue=text, traceback=("at", text), detail={"of": text}))
            case "pieces":
                for character in f"<{text}> {text[:5]}":
                    sink.put(Stream(text=character))
                sink.put(Stream(name="stderr", text=text[:3]))
            case "hush":
                self.values[name] = await sink.ask(InputRequest(prompt="? ", kind="secret"))
            case "perish":
                raise KernelDiedError(f"it said {text}")
            case _:
                return await super()._command(line, sink)
        return "ok"

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        return tuple(VariableInfo(name=name, preview=str(value)) for name, value in self.values.items())


@pytest.fixture
def leaking(scripted):
    scripted.kernel_class = Leaking
    return scripted


async def test_a_secret_is_masked_in_every_output_and_event(plugins, leaking):
    sources = ("#!set --name x --value @password", "leak x", "pieces x", "perish x", "print after")
    events = []
    notebook = Notebook(default_kernel="one", cells=tuple(Cell(id=source, source=source) for source in sources))
    async with open_session(notebook, plugins=plugins, answer=answer) as session:
        session.subscribe(events.append)
        result = await session.run()
        notebook = session.notebook
    kinds = {type(event) for event in events}
    assert {CellOutput, KernelStateChanged, VariableChanged} <= kinds
    assert SECRET not in str(events) and SECRET not in str(notebook) and SECRET not in str(result)
    assert str(notebook).count("***") > 8
    printed = [output for output in notebook.cells[2].outputs if isinstance(output, Stream)]
    assert [(output.name, output.text) for output in printed] == [("stdout", "<***> c0rre"), ("stderr", "c0r")]
    assert "it said ***" in str(result.cells[3].cell.outputs) and "it said ***" in texts(result.cells[4].cell)


async def test_an_answer_to_a_question_that_hides_it_is_a_secret(notebook, plugins, leaking):
    done = await run_one(notebook, plugins, f"print {SECRET}\nhush y\nshow y", answer=answer)
    assert texts(done[0].cell) == f"{SECRET}\n***\n"


async def test_a_secret_stays_one_under_another_name(plugins, leaking):
    sources = (
        "#!set --name x --value @password",
        "#!set --name y --value @x",
        "#!share --from one x --as z",
        f"let copy my {SECRET} indeed",
        "let plain word",
    )
    notebook = Notebook(default_kernel="one", cells=tuple(Cell(source=source) for source in sources))
    async with open_session(notebook, plugins=plugins, answer=answer) as session:
        result = await session.run()
        assert [cell.status for cell in result.cells] == [CellStatus.OK] * 5
        variables = {name: handle.shared for name, handle in session.variables.items()}
        assert [name for name in variables if variables[name].secret] == ["x", "y", "z"]
        assert await session.variables["y"] == SECRET
        with pytest.raises(VariableError, match="it is a secret"):
            await session.variables["y"].showable()
        assert await session.variables["copy"].showable() == {"t": "string", "v": "my *** indeed"}
        assert await session.variables["plain"].showable() == {"t": "string", "v": "word"}


async def test_what_is_within_a_secret_that_a_program_gives_is_one(plugins):
    notebook = Notebook(default_kernel="one", cells=(Cell(source="print t0k-1 123456 login"),))
    async with open_session(notebook, plugins=plugins) as session:
        session.variables.set("access", {"login": ["t0k-1"], "pin": 123456}, secret=True)
        (done,) = (await session.run()).cells
        assert texts(done.cell) == "*** *** login\n"


async def test_a_program_gives_a_secret(plugins):
    notebook = Notebook(default_kernel="one", cells=(Cell(source="show token\nprint t0k-2"),))
    async with open_session(notebook, plugins=plugins) as session:
        session.variables.set("token", "t0k-1", secret=True)
        session.variables.set("nested", {"a": [1, "t0k-1", b"t0k-1!"], "t0k-1": None})
        session.secrets.add("t0k-2")
        (done,) = (await session.run()).cells
        assert texts(done.cell) == "***\n***\n"
        assert "t0k-1" not in str([handle.shared for handle in session.variables.values()])
        shows = str(await session.variables["nested"].showable())
        assert "t0k-1" not in shows and "'v': '1'" in shows
