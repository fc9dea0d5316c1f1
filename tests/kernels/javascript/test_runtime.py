"""Which program runs the cells, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from verso_javascript import runtime
from verso_javascript.availability import probe
from verso_javascript.kernel import create

from verso.api.errors import KernelStartError, MissingComponentError
from verso.api.notebook import Cell, Notebook
from verso.engine.session import open_session
from verso.testing.context import TestKernelContext


def program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> str:
    """An executable file."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(text)
    file.chmod(0o755)
    return str(file)


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH without programs, and an environment without the extra; the folder is on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(runtime, "deno_from_extra", lambda: None)
    return tmp_path / "bin"


def test_the_order(nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deno_on_path = program(nothing, "deno")
    assert runtime.find_runtime({}, {}).program == deno_on_path
    extra = program(tmp_path / "extra", "deno")
    monkeypatch.setattr(runtime, "deno_from_extra", lambda: extra)
    assert runtime.find_runtime({}, {}).program == extra
    node = program(nothing, "node")
    assert runtime.find_runtime({}, {}).program == node
    named = program(tmp_path / "own", "node-22")
    assert runtime.find_runtime({}, {"program": named}).program == named
    assert runtime.find_runtime({"program": node}, {"program": named}).program == node


def test_none_says_what_to_install(nothing: Path, tmp_path: Path) -> None:
    found = probe(TestKernelContext(directory=tmp_path, exchange=tmp_path))
    assert not found.found and "Node.js" in found.how_to_get and "verso-notebook[deno]" in found.how_to_get
    with pytest.raises(KernelStartError, match="looked for node on PATH"):
        runtime.find_runtime({}, {})


def test_a_named_program_that_is_not_there(tmp_path: Path) -> None:
    context = TestKernelContext(directory=tmp_path, exchange=tmp_path, settings={"program": "/nowhere/node"})
    found = probe(context)
    assert not found.found and "/nowhere/node" in found.detail


async def test_a_program_that_is_no_runtime_says_its_last_words(tmp_path: Path) -> None:
    broken = program(tmp_path / "bin", "node", "#!/bin/sh\necho 'Node.js 12 is too old' >&2\nexit 1\n")
    kernel = await create(TestKernelContext(directory=tmp_path, exchange=tmp_path, options={"program": broken}))
    with pytest.raises(KernelStartError, match="too old"):
        await kernel.start()
    await kernel.shutdown()


async def test_a_notebook_names_the_program_in_its_settings() -> None:
    settings = {"verso.javascript": {"program": "/nowhere/node"}}
    cells = (Cell(language="javascript", source="1"), Cell(language="typescript", source="1"))
    for cell in cells:
        async with open_session(Notebook(extension_settings=settings, cells=(cell,))) as session:
            with pytest.raises(MissingComponentError, match="/nowhere/node"):
                await session.run()
