"""Which interpreter runs the cells: other Pythons, virtual environments, inline dependencies."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from verso_python import environment, interpreter, kernel

from tests.kernels.python.conftest import Make, Runner
from verso.api.errors import KernelStartError
from verso.api.kernel import InterruptPolicy
from verso.api.messages import DiagnoseRequest, InspectRequest
from verso.testing.context import TestKernelContext

FOUND = {
    version: [*Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), shutil.which(f"python{version}")]
    for version in ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
}


@pytest.mark.parametrize("version", FOUND)
async def test_every_python_from_3_9_on(make: Make, version: str) -> None:
    program = next(filter(None, FOUND[version]), None)
    if program is None:
        pytest.skip(f"no Python {version} on this machine")
    started = await make(options={"program": str(program)})
    python = Runner(started)
    assert (await started.start()).version.startswith(version)
    assert await python.show("x = [1]\nx") == "[1]"
    assert [info.name for info in await started.list_variables()] == ["x"]
    assert await python.show("import asyncio\nawait asyncio.sleep(0.001, 'slept')") == "'slept'"
    reply, sink = await python.run("def f():\n    global g\n    g = 1\n    return 1/0\ny = 2\nf()")
    assert (sink.errors[0].ename, sink.errors[0].line) == ("ZeroDivisionError", 4)
    assert {info.name for info in reply.changes.added} == {"y", "g"}
    assert [info.name for info in (await python.run("x.append(2)\ny = 3"))[0].changes.changed] == ["x", "y"]
    assert "f()" in await python.show("import inspect\ninspect.getsource(f)")
    assert await python.show("class K:\n    a = 1\nprint(inspect.getsource(K), end='')") == "class K:\n    a = 1\n"
    diagnosed = await started.diagnose(DiagnoseRequest(code="def f(:"))
    assert diagnosed.diagnostics[0].line == 1
    assert (await started.diagnose(DiagnoseRequest(code="x = (1,"))).incomplete
    assert (await started.inspect(InspectRequest(code="f", position=1))).found
    await python.show("import multiprocessing\ndef double(n): return n * 2")
    assert (
        await python.show("with multiprocessing.get_context('spawn').Pool(1) as p: r = p.map(double, [4])\nr") == "[8]"
    )


async def test_an_older_python_is_refused_with_its_version(make: Make) -> None:
    old = [
        path
        for version in ("3.6", "3.7", "3.8")
        for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    ]
    if not old:
        pytest.skip("no Python older than 3.9 on this machine")
    with pytest.raises(KernelStartError, match=r"need Python 3\.9 or later, and this is 3\."):
        await make(options={"program": str(old[0])})


async def test_the_choice_of_the_reader_comes_before_that_of_the_notebook(make: Make, bare_python: str) -> None:
    python = Runner(await make(options={"program": bare_python}, settings={"program": "/nowhere"}))
    assert await python.value("__import__('sys').executable") == bare_python
    python = Runner(await make(settings={"program": str(Path(bare_python).parent.parent)}))
    assert await python.value("__import__('sys').executable") == bare_python


async def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    context = TestKernelContext(directory=tmp_path, exchange=tmp_path, options={"program": "no-such-python"})
    with pytest.raises(KernelStartError, match="no-such-python"):
        await kernel.create(context)
    found = kernel.probe(context)
    assert not found.found and "no-such-python" in found.how_to_get
    assert kernel.probe(TestKernelContext(directory=tmp_path, exchange=tmp_path)).found


def test_interpreters_are_found_as_paths_and_names(tmp_path: Path, bare_python: str) -> None:
    assert interpreter.find(sys.executable) == sys.executable
    folder = Path(bare_python).parent.parent
    assert interpreter.find(str(folder)) == bare_python
    assert interpreter.find(folder.name, folder.parent) is None  # a bare name is looked for on PATH
    assert interpreter.find(f"./{folder.name}", folder.parent) is not None
    assert interpreter.find(str(tmp_path)) is None


def test_the_worker_gets_the_policy_that_its_signal_handling_needs() -> None:
    assert InterruptPolicy().signal


# --- inline dependencies (PEP 723) ----------------------------------------------------------------------------

BLOCK = '# /// script\n# requires-python = ">=3.9"\n# dependencies = ["{}"]\n# ///\n'


def tiny_package(folder: Path) -> Path:
    """The source of a package that needs no index to be installed: `tinypackage.answer` is 42."""
    package = folder / "dist" / "tinypackage"
    package.mkdir(parents=True)
    (package / "tinypackage.py").write_text("answer = 42")
    (package / "pyproject.toml").write_text(
        '[project]\nname = "tinypackage"\nversion = "1"\n[build-system]\nrequires = []\n'
        'build-backend = "backend"\nbackend-path = ["."]\n'
    )
    (package / "backend.py").write_text(BACKEND)
    return package


async def test_inline_dependencies_make_an_environment(make: Make, tmp_path: Path) -> None:
    if environment.find_uv() is None:
        pytest.skip("uv is not installed")
    package = tiny_package(tmp_path)
    source = BLOCK.format(f"tinypackage @ file://{package}") + "import tinypackage"
    for _ in range(2):
        python = Runner(await make(sources=("x = 1", source)))
        assert await python.show("import tinypackage; tinypackage.answer") == "42"
        assert await python.value("__import__('sys').prefix") != sys.prefix


async def test_uvs_own_words_are_told(tmp_path: Path) -> None:
    if environment.find_uv() is None:
        pytest.skip("uv is not installed")
    source = BLOCK.format(f"gone @ file://{tmp_path}/gone")
    with pytest.raises(KernelStartError, match="gone"):
        await environment.make_environment([source], tmp_path)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# /// script\n# dependencies = [", "end with"),
        (BLOCK.format("a") + "\n" + BLOCK.format("b"), "2 blocks"),
        ("# /// script\n# dependencies = [\n# ///\n", "no TOML"),
    ],
)
async def test_blocks_that_are_wrong(tmp_path: Path, source: str, words: str) -> None:
    with pytest.raises(KernelStartError, match=words):
        await environment.make_environment([source], tmp_path)


async def test_without_uv_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "find_uv", lambda: None)
    with pytest.raises(KernelStartError, match="pip install uv"):
        await environment.make_environment([BLOCK.format("a")], tmp_path)


BACKEND = """
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "tinypackage-1-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.write("tinypackage.py")
        info = "tinypackage-1.dist-info/"
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tinypackage\\nVersion: 1\\n")
        about = ["Wheel-Version: 1.0", "Generator: x", "Root-Is-Purelib: true", "Tag: py3-none-any"]
        wheel.writestr(info + "WHEEL", "\\n".join(about) + "\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""
