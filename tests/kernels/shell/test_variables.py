"""Values into shells and out of them."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kernels.shell.conftest import SHELLS, SPECS, Start, out, run
from verso.api.errors import VariableError
from verso.api.notebook import Cell, Notebook
from verso.api.values import TypedValue, decode, encode
from verso.engine.session import open_session
from verso.testing.context import TestKernelContext, make_kernel
from verso.testing.typed_values import SAMPLES

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
_VALUES = {
    "bash": st.one_of(_TEXT, st.lists(_TEXT), st.dictionaries(_TEXT.filter(bool), _TEXT), st.binary(max_size=20)),
    "zsh": st.one_of(_TEXT, st.lists(_TEXT), st.dictionaries(_TEXT, _TEXT), st.binary(max_size=20)),
    "sh": _TEXT,
}


def as_text(value: Any) -> Any:
    """A value as a shell has it: bytes that are text are text."""
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value


@pytest.mark.parametrize("name", SHELLS)
def test_texts_lists_and_maps_come_back(name: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        kernel = runner.run(make_kernel(SPECS[name], TestKernelContext(directory=tmp_path, exchange=tmp_path)))
        runner.run(kernel.start())

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(_VALUES[name])
        def comes_back(value: Any) -> None:
            if isinstance(value, bytes) and b"\0" in value:
                return
            runner.run(kernel.set_variable("value", encode(value)))
            back = decode(runner.run(kernel.get_variable("value")))
            assert back == as_text(value)
            if isinstance(value, dict):
                assert sorted(back) == sorted(value)

        try:
            comes_back()
        finally:
            runner.run(kernel.shutdown())


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize(
    "kind", ["bool", "int", "big", "float", "special", "decimal", "date", "time", "datetime", "uuid"]
)
async def test_single_values_arrive_as_their_text(start: Start, name: str, kind: str) -> None:
    kernel = await start(name)
    for value in SAMPLES[kind]:
        await kernel.set_variable("value", value)
        expected = {True: "true", False: "false"}.get(value["v"], value["v"])  # type: ignore[call-overload]
        assert await out(kernel, 'printf "%s" "$value"') == expected


async def test_null_is_unset(start: Start) -> None:
    kernel = await start("bash")
    await kernel.set_variable("value", encode("x"))
    await kernel.set_variable("value", {"t": "null"})
    assert await out(kernel, "echo ${value-not set}") == "not set\n"


async def test_a_table_arrives_as_the_path_of_a_csv_file(start: Start) -> None:
    kernel = await start("bash")
    rows = [[encode('a "b", c'), encode(1)], [{"t": "null"}, encode(-2.5)]]
    columns = [{"name": "name", "type": "string"}, {"name": "size", "type": "int"}]
    await kernel.set_variable("sizes", {"t": "table", "v": {"columns": columns, "count": 2, "rows": rows}})
    text = await out(kernel, 'cat "$sizes"')
    assert list(csv.reader(text.splitlines())) == [["name", "size"], ['a "b", c', "1"], ["", "-2.5"]]


@pytest.mark.parametrize(
    ("shell", "name", "value", "words"),
    [
        ("bash", "x", [[1]], r"x\[0\] of type list"),
        ("bash", "x", {"a": {"b": 1}}, r"x\.a of type map"),
        ("bash", "x", "a\0b", "zero byte"),
        ("bash", "x", {"": 1}, "empty key"),
        ("bash", "x", "\ud800", "half a surrogate"),
        ("sh", "x", [1], "no arrays"),
        ("sh", "x", {"a": 1}, "no associative arrays"),
        ("bash", "naïve", 1, "no name that bash allows"),
        ("bash", "PATH", 1, "itself uses the name"),
        ("zsh", "path", 1, "itself uses the name"),
        ("bash", "UID", 1, "itself uses the name"),
    ],
)
async def test_what_does_not_fit_says_so(start: Start, shell: str, name: str, value: Any, words: str) -> None:
    kernel = await start(shell)
    with pytest.raises(VariableError, match=words):
        await kernel.set_variable(name, encode(value))


async def test_a_readonly_variable_is_not_set(start: Start) -> None:
    kernel = await start("bash")
    await out(kernel, "readonly fixed=1")
    with pytest.raises(VariableError, match="readonly"):
        await kernel.set_variable("fixed", encode(2))


async def test_kinds_of_bash(start: Start) -> None:
    kernel = await start("bash")
    code = (
        "declare -i n=-5\nexport e='x y'\na=(1 'b c')\n"
        "declare -A m=([k]=v ['a]b']='\"q\"')\ns=$'tab\\t\\xff'\ndeclare -n r=n"
    )
    reply, _ = await run(kernel, code)
    assert {info.name: info.type for info in reply.changes.added} == {
        "n": "integer",
        "e": "string",
        "a": "array",
        "m": "association",
        "s": "string",
        "r": "nameref",
    }
    values: dict[str, TypedValue] = {name: await kernel.get_variable(name) for name in "neams"}
    assert decode(values["n"]) == -5 and decode(values["e"]) == "x y" and decode(values["a"]) == ["1", "b c"]
    assert decode(values["m"]) == {"k": "v", "a]b": '"q"'} and decode(values["s"]) == b"tab\t\xff"


async def test_functions_and_the_environment_are_no_variables(start: Start) -> None:
    kernel = await start("bash")
    reply, _ = await run(kernel, "f() { local inner=1; }; f; cd /; echo $HOME >/dev/null")
    assert not reply.changes.added and not reply.changes.changed


async def test_values_move_between_python_and_shells() -> None:
    notebook = Notebook(
        cells=(
            Cell(language="python", source="files = ['a b', 'c']\ncount = 3\npath = 'mine'"),
            Cell(
                language="bash",
                source='for f in "${files[@]}"; do echo "<$f>"; done\nanswer=$((count + 1)); echo $count',
            ),
            Cell(language="zsh", source='print -l $files "$answer" ; [[ -n $path[1] ]] && ls -d /'),
            Cell(language="python", source="print(answer, type(answer).__name__)"),
        )
    )
    async with open_session(notebook) as session:
        result = await session.run()
        texts = ["".join(getattr(out, "text", "") for out in done.cell.outputs) for done in result.cells]
        assert [done.status for done in result.cells] == ["ok"] * 4, texts
        assert texts[1] == "<a b>\n<c>\n3\n"
        assert texts[2].endswith("a b\nc\n4\n/\n") and "zsh itself uses the name" in texts[2]
        assert texts[3] == "4 str\n"
