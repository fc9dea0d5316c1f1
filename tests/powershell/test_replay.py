"""The whole kernel against recorded conversations of a real PowerShell: how it starts pwsh, what it asks, what it
makes of the answers. A program in pwsh's place plays them (`standin`) and refuses what was not recorded."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from verso_powershell import kernel as kernel_module
from verso_powershell import tables
from verso_powershell.cache import cache_folder, worker_folder
from verso_powershell.kernel import START_SCRIPT, create

from tests.powershell.standin import asked_by_kernel, install, recorded, report, started
from verso.api.errors import KernelDiedError, KernelStartError, KernelUnresponsiveError, VariableError
from verso.api.kernel import Kernel
from verso.api.messages import (
    CompleteRequest,
    DiagnoseRequest,
    ExecuteReply,
    ExecuteRequest,
    InspectRequest,
    Progress,
    UpdateDisplayData,
)
from verso.api.outputs import DisplayData, ExecuteResult, Stream
from verso.api.variables import VariableChanges, VariableInfo
from verso.testing.context import TestKernelContext
from verso.testing.sinks import Answer, RecordingSink


async def kernel_of(
    tmp_path: Path, steps: list[dict[str, Any]], *, code: int = 0, settings: dict[str, Any] | None = None
) -> Kernel:
    program = install(tmp_path / "bin", steps, code=code)
    context = TestKernelContext(
        directory=tmp_path,
        exchange=tmp_path,
        settings={"program": str(program), **(settings or {})},
        module_paths=(Path("/first"), Path("/second")),
    )
    return await create(context)


async def run(
    kernel: Kernel, code: str, number: int, answers: list[Answer] | None = None, **more: Any
) -> tuple[ExecuteReply, RecordingSink]:
    sink = RecordingSink(answers or [])
    request = ExecuteRequest(code=code, name=f"cell-{number}", allow_input=answers is not None, **more)
    return await kernel.execute(request, sink), sink


def codes(name: str) -> list[str]:
    return [step["to"]["code"] for step in recorded(name) if step.get("to", {}).get("type") == "execute"]


async def replayed(
    name: str, tmp_path: Path, answers: list[Answer] | None = None, **more: Any
) -> list[tuple[ExecuteReply, RecordingSink]]:
    """Runs every cell of a conversation that has nothing but cells."""
    results = []
    async with await kernel_of(tmp_path, asked_by_kernel(recorded(name)), **more) as kernel:
        for number, code in enumerate(codes(name), 1):
            given = None if answers is None else [answers[number - 1]]
            results.append(await run(kernel, code, number, given))
    assert report(tmp_path / "bin") == "complete"
    return results


async def test_pwsh_is_started_as_observed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSModulePath", "/users/own")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kernel = await kernel_of(tmp_path, asked_by_kernel(recorded("hello")))
    async with kernel:
        info = await kernel.start()
        assert (info.language, info.version, info.program) == ("powershell", "7.6.5", str(tmp_path / "bin" / "pwsh"))
        assert info.detail["runtime"] == "10.0.12" and info.detail["compiled"] == "cache"
        reply, sink = await run(kernel, "1 + 1", 1)
    assert (reply.status, sink.outputs) == ("ok", [Stream(name="stdout", text="2\n")])
    assert reply.detail["success"] is True and reply.detail["cwd"] == "/work-folder"
    assert report(tmp_path / "bin") == "complete"
    seen = started(tmp_path / "bin")
    arguments = seen["arguments"]
    assert arguments[:5] == ["-NoLogo", "-NoProfile", "-NonInteractive", "-File", str(START_SCRIPT)]
    assert arguments[5::2] == ["-In", "-Out", "-Cache", "-Width"]
    assert arguments[10:] == [str(worker_folder(cache_folder(), START_SCRIPT.parent)), "-Width", "120"]
    assert seen["folder"] == str(tmp_path)
    environ = seen["environ"]
    assert environ["POWERSHELL_TELEMETRY_OPTOUT"] == "1" and environ["POWERSHELL_UPDATECHECK"] == "Off"
    assert environ["PSModulePath"] == "/users/own:/first:/second"
    assert environ["VERSO_CACHE"] == str(tmp_path / "cache" / "verso" / "powershell")
    assert Path(environ["VERSO_PYTHON"]).is_file()


@pytest.mark.parametrize("name", ["many-lines", "native", "streams", "state", "raw-console"])
async def test_text_comes_out_as_recorded(name: str, tmp_path: Path) -> None:
    results = await replayed(name, tmp_path)
    said = [step["from"] for step in recorded(name) if "from" in step]
    texts: dict[str, str] = {}
    for message in said:
        if message["type"] == "stream":
            texts[message["name"]] = texts.get(message["name"], "") + message["text"]
    for stream, text in texts.items():
        assert "".join(sink.text(stream) for _, sink in results) == text
    recorded_states = [message["status"] for message in said if message["type"] == "reply" and "errors" in message]
    counts = [message["errors"] for message in said if message["type"] == "reply" and "errors" in message]
    assert [reply.status for reply, _ in results] == [
        "error" if errors else status for status, errors in zip(recorded_states, counts, strict=True)
    ]


async def test_streams_keep_their_names_and_order(tmp_path: Path) -> None:
    results = await replayed("streams", tmp_path)
    names = {output.name for _, sink in results for output in sink.outputs if isinstance(output, Stream)}
    assert {"stdout", "warning", "verbose", "debug", "information"} <= names


async def test_errors(tmp_path: Path) -> None:
    results = await replayed("errors", tmp_path)
    not_found, thrown, divided, parsed, _, deep, left, alive = results
    assert [reply.status for reply, _ in results] == ["error", "error", "error", "error", "ok", "error", "ok", "ok"]
    error = not_found[1].errors[0]
    assert error.ename == "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand"
    assert (error.line, error.column, error.fatal) == (1, 1, False)
    assert error.detail["category"] == "ObjectNotFound" and error.detail["cell"] == "cell-1"
    assert error.detail["exception"] == "System.Management.Automation.ItemNotFoundException"
    assert error.traceback[0] == "Get-Item: cell-1:1" and not error.traceback[-1].endswith("\n")
    assert not_found[1].text() == "after\n" and not_found[0].detail["errors"] == 1
    assert thrown[1].errors[0].fatal and thrown[1].errors[0].ename == "boom"
    assert divided[1].errors[0].fatal and divided[1].text() == "on\n"
    problems = parsed[1].errors[0].detail["parse_errors"]
    assert len(problems) == 2 and len(parsed[1].errors) == 1 and not parsed[1].text()
    assert {problem["line"] for problem in problems} == {1, 2}
    # Raised in a function of cell-5, called from cell-6: both places are known.
    error = deep[1].errors[0]
    assert (error.detail["cell"], error.detail["line"], error.detail["column"]) == ("cell-5", 3, 5)
    assert (error.line, error.column) == (1, 0)
    assert error.detail["stack"][0].startswith("at deep, cell-5: line 3")
    assert left[0].detail["exit_code"] == 3 and alive[1].text() == "alive\n"


@pytest.mark.parametrize("where", ["notebook", "cell"])
async def test_only_terminating_errors_when_the_setting_says_so(where: str, tmp_path: Path) -> None:
    steps = asked_by_kernel(recorded("errors"))
    settings = {"errors": "terminating"} if where == "notebook" else {}
    metadata = {"verso.powershell": {"errors": "terminating"}} if where == "cell" else {}
    first, second = codes("errors")[:2]
    async with await kernel_of(tmp_path, steps, settings=settings) as kernel:
        reported, sink = await run(kernel, first, 1, metadata=metadata)
        thrown, _ = await run(kernel, second, 2, metadata=metadata)
    assert (reported.status, len(sink.errors), thrown.status) == ("ok", 1, "error")


async def test_a_cell_may_be_stricter_than_its_notebook(tmp_path: Path) -> None:
    steps = asked_by_kernel(recorded("errors"))
    async with await kernel_of(tmp_path, steps, settings={"errors": "terminating"}) as kernel:
        strict = {"verso.powershell": {"errors": "all"}}
        reply, _ = await run(kernel, codes("errors")[0], 1, metadata=strict)
        wrong, sink = await run(kernel, "1", 2, metadata={"verso.powershell": {"errors": "none"}})
    assert reply.status == "error"
    assert wrong.status == "error" and "'all' or 'terminating'" in sink.errors[0].evalue


async def test_a_wrong_setting_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(KernelStartError, match="'all' or 'terminating'"):
        await kernel_of(tmp_path, [], settings={"errors": "some"})


async def test_objects_become_bundles_with_their_data(tmp_path: Path) -> None:
    (_, first), (_, slow) = await replayed("objects", tmp_path)
    kinds = [type(output) for output in first.outputs]
    assert kinds == [Stream, ExecuteResult, Stream, ExecuteResult, Stream]
    people, hashtable = first.bundles
    assert people["text/plain"] == "Name  N\n----  -\na     1\nb <i> 2\n"
    assert people["text/html"].startswith('<table class="ps-table">')
    assert people["application/vnd.dataresource+json"] == {
        "schema": {"fields": [{"name": "Name", "type": "string"}, {"name": "N", "type": "integer"}]},
        "data": [{"Name": "a", "N": 1}, {"Name": "b <i>", "N": 2}],
    }
    assert hashtable["application/vnd.dataresource+json"]["data"] == [{"Name": "k", "Value": "v"}]
    shown, *updates = slow.outputs
    assert isinstance(shown, ExecuteResult) and shown.display_id and shown.metadata["partial"] is True
    assert all(isinstance(u, UpdateDisplayData) and u.display_id == shown.display_id for u in updates)
    assert "application/vnd.dataresource+json" not in shown.data
    assert len(slow.bundles[-1]["application/vnd.dataresource+json"]["data"]) == 3


async def test_displays_get_a_text_beside_them(tmp_path: Path) -> None:
    results = await replayed("display", tmp_path)
    bundles = [bundle for _, sink in results for bundle in sink.bundles]
    assert bundles == [
        {"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"/>', "text/plain": "SVG picture"},
        {"text/html": "<b>x</b>", "text/plain": "x"},
        {"text/plain": "one"},
        {"text/plain": "two"},
        {"image/png": "iVBORw==", "text/plain": "PNG picture, 4 bytes"},
    ]
    shown, updated = results[2][1].outputs
    assert isinstance(shown, DisplayData) and isinstance(updated, UpdateDisplayData)
    assert shown.display_id == updated.display_id == "ps-3"


async def test_displays_of_two_workers_are_told_apart(tmp_path: Path) -> None:
    """The worker counts its displays from 1 after each start; a notebook keeps those of earlier ones."""
    steps = asked_by_kernel(recorded("display"))
    async with await kernel_of(tmp_path, steps) as kernel:
        ids = []
        for cell_id in ("one", "two"):
            for number, code in enumerate(codes("display"), 1):
                _, sink = await run(kernel, code, number, cell_id=cell_id)
                ids += [output.display_id for output in sink.outputs if isinstance(output, DisplayData)]
            await kernel.restart()
    assert ids == [f"{cell}-ps-{number}" for cell in ("one", "two") for number in (1, 2, 3, 4)]


async def test_progress(tmp_path: Path) -> None:
    ((_, sink),) = await replayed("progress", tmp_path)
    bars = [output for output in sink.outputs if isinstance(output, Progress)]
    assert [bar.percent for bar in bars] == [20, 40, 60, 80, 100, -1]
    assert [bar.completed for bar in bars] == [False] * 5 + [True]
    assert {(bar.id, bar.parent, bar.activity) for bar in bars} == {("0.0", "", "Work")}


async def test_questions(tmp_path: Path) -> None:
    results = await replayed("input", tmp_path, ["ann", "ann", "ann", "y"])
    name, secret, mandatory, choice = [sink.questions[0] for _, sink in results]
    assert (name.kind, name.prompt, name.field, name.field_type) == ("field", "name: ", "name", "String")
    assert (secret.kind, secret.prompt) == ("secret", "pw: ")
    assert mandatory.caption.startswith("cmdlet f") and mandatory.field_type == "Object"
    assert (choice.kind, choice.message, choice.default) == ("choice", "Sure?", 1)
    assert [(item.label, item.key) for item in choice.choices] == [("Yes", "Y"), ("No", "N")]
    assert choice.prompt == 'Choice (default is "N"): '
    assert [sink.text() for _, sink in results] == ["hello ann\n", "3\n", "m=ann\n", "0\n"]
    assert [info.name for info in results[0][0].changes.added] == ["n"]


async def test_a_question_that_nobody_may_answer(tmp_path: Path) -> None:
    ((reply, sink),) = await replayed("input-refused", tmp_path)
    assert reply.status == "error" and "does not allow input" in sink.errors[0].evalue
    assert sink.text() == "after\n"


@pytest.mark.parametrize("name", ["interrupt-loop", "interrupt-native", "interrupt-unstoppable", "interrupt-finally"])
async def test_interrupts_go_as_observed(name: str, tmp_path: Path) -> None:
    """The stand-in waits for the message, says `stopping`, and goes on only when SIGINT came."""
    first, second, third = codes(name)
    async with await kernel_of(tmp_path, asked_by_kernel(recorded(name))) as kernel:
        await run(kernel, first, 1)

        sink = RecordingSink()
        request = ExecuteRequest(code=second, name="cell-2")
        running = asyncio.ensure_future(kernel.execute(request, sink))
        await asyncio.sleep(0.05)
        await kernel.interrupt()
        reply = await running
        assert reply.status == "cancelled" and "next" not in sink.text()
        after, shown = await run(kernel, third, 3)
    assert after.status == "ok" and shown.text() == "still here: 42\n"
    assert report(tmp_path / "bin") == "complete"


async def test_code_that_does_not_stop_is_killed_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = kernel_module.INTERRUPT.replace(await_stopping=0.1, kill_children_after=0.2, kill_after=0.4)
    monkeypatch.setattr(kernel_module, "INTERRUPT", hasty)
    code = "[Threading.Thread]::Sleep(100000)"
    steps = [
        recorded("hello")[0],
        {"to": {"type": "execute", "id": "r1", "code": code, "name": "cell-1", "allow_input": False}},
        {"to": {"type": "interrupt", "id": "r1"}},
        {"from": {"type": "stopping", "id": "r1"}},
        {"signal_group": 2},
        {"to": {"type": "nothing_that_comes"}},
    ]
    async with await kernel_of(tmp_path, steps) as kernel:
        running = asyncio.ensure_future(run(kernel, code, 1))
        await asyncio.sleep(0.05)
        await kernel.interrupt()
        with pytest.raises(KernelUnresponsiveError, match=r"did not stop within 0\.4 seconds") as caught:
            await running
        assert "Restart the kernel" in caught.value.next_step
        assert (await kernel.restart()).version == "7.6.5"


async def test_a_kernel_that_dies_says_so(tmp_path: Path) -> None:
    kernel = await kernel_of(tmp_path, asked_by_kernel(recorded("dies")), code=9)
    await kernel.start()
    with pytest.raises(KernelDiedError, match="exit code 9"):
        await run(kernel, codes("dies")[0], 1)
    await kernel.shutdown()


async def test_too_deep_a_recursion_is_explained(tmp_path: Path) -> None:
    steps = asked_by_kernel(recorded("dies"))
    steps.insert(2, {"raw": "Stack overflow.\n   at System.Management.Automation...\n"})
    kernel = await kernel_of(tmp_path, steps, code=134)
    await kernel.start()
    with pytest.raises(KernelDiedError, match="calls itself") as caught:
        await run(kernel, codes("dies")[0], 1)
    assert "SIGABRT" in str(caught.value) and "Restart the kernel" in str(caught.value)
    await kernel.shutdown()


async def test_an_old_powershell_is_refused(tmp_path: Path) -> None:
    steps = recorded("hello")
    steps[0]["from"]["powershell"] = "7.1.5"
    steps[1:5] = []
    kernel = await kernel_of(tmp_path, [steps[0], {"to": {"type": "shutdown", "id": "r1"}}, *steps[1:]])
    with pytest.raises(KernelStartError, match=r"7\.1\.5.*7\.2 is the oldest") as caught:
        await kernel.start()
    assert "VERSO_PWSH" in caught.value.next_step


async def test_the_start_script_of_an_old_powershell_speaks_for_itself(tmp_path: Path) -> None:
    program = tmp_path / "pwsh"
    program.write_text("#!/bin/sh\necho 'PowerShell 7.0.3 is too old: 7.2 is the oldest that works.' >&2\nexit 3\n")
    program.chmod(0o755)
    context = TestKernelContext(directory=tmp_path, exchange=tmp_path, settings={"program": str(program)})
    kernel = await create(context)
    with pytest.raises(KernelStartError, match="too old") as caught:
        await kernel.start()
    assert "install PowerShell" in caught.value.next_step
    await kernel.shutdown()


async def test_variables(tmp_path: Path) -> None:
    steps = asked_by_kernel(recorded("variables"))
    for step in steps:
        if step.get("to", {}).get("type") == "set_variable":  # recorded with a null type, which the worker refuses
            step["to"]["value"] = {
                "t": "array",
                "of": "System.Object",
                "v": [{"t": "int32", "v": "1"}, {"t": "string", "v": "x"}],
            }
    for step in steps:
        if "elementType" in step.get("from", {}).get("message", ""):
            step["from"] = {"type": "reply", "id": step["from"]["id"], "status": "ok", "variables": {}}
    first, second = codes("variables")
    async with await kernel_of(tmp_path, steps) as kernel:
        reply, _ = await run(kernel, first, 1)
        assert {info.name for info in reply.changes.added} == {"i", "s", "d", "t", "n", "h", "o", "big", "by", "l"}
        listed = {info.name: info for info in await kernel.list_variables()}
        assert (listed["l"].type, listed["l"].count, listed["l"].preview) == ("System.Object[]", 3, "{1, 2, 3}")
        got = {}
        for name in ("i", "s", "d", "t", "n", "h", "o", "big", "by", "l"):
            got[name] = await kernel.get_variable(name)
        with pytest.raises(VariableError, match=r"no variable \$missing"):
            await kernel.get_variable("missing")
        one_two = [{"t": "int", "v": "1"}, {"t": "int", "v": "2"}]
        assert got == {
            "i": one_two[0],
            "s": {"t": "string", "v": "é"},
            "d": {"t": "decimal", "v": "1.1"},
            "t": {"t": "datetime", "v": "2026-01-02T03:04:05+00:00"},
            "n": {"t": "null"},
            "h": {"t": "map", "v": [["k", one_two[0]]]},
            "o": {"t": "map", "v": [["a", one_two[0]], ["b", {"t": "list", "v": one_two}]]},
            "big": {"t": "int", "v": str(2**80)},
            "by": {"t": "bytes", "v": "AQI="},
            "l": {"t": "list", "v": [*one_two, {"t": "int", "v": "3"}]},
        }
        value = {"t": "list", "v": [{"t": "int", "v": "1"}, {"t": "string", "v": "x"}]}
        await kernel.set_variable("fromEngine", value)
        reply, _ = await run(kernel, second, 2)
        assert reply.changes.removed == ("s",) and [info.name for info in reply.changes.changed] == ["i"]
    assert report(tmp_path / "bin") == "complete"


def conversation(*exchanges: tuple[dict[str, Any], dict[str, Any]]) -> list[dict[str, Any]]:
    """A conversation of requests and their replies, without ids."""
    steps = [recorded("hello")[0]]
    for number, (sent, said) in enumerate((*exchanges, ({"type": "shutdown"}, {})), 1):
        steps.append({"to": {**sent, "id": f"r{number}"}})
        steps.append({"from": {"type": "reply", "id": f"r{number}", "status": "ok", **said}})
    return [*steps, {"end": True}]


async def test_what_a_cell_changed_comes_with_its_reply(tmp_path: Path) -> None:
    """A cell is one request: nothing else is asked for after it, so that the next one need not wait."""
    array_of_two = {"name": "a", "net_type": "System.Object[]", "preview": "{1, 2}", "count": 2, "shape": None}
    grid = {"name": "g", "net_type": "System.Int32[,]", "preview": "{0, 0}", "count": 2, "shape": "1x2"}
    changes = {"added": [array_of_two], "changed": [grid], "removed": ["old"]}
    ran = {"errors": 0, "exit_code": None, "success": True, "last_exit_code": None, "cwd": "/", "ms": 1}
    asked = {"type": "execute", "code": "$a = 1, 2", "name": "cell-1", "allow_input": False}
    async with await kernel_of(tmp_path, conversation((asked, {**ran, "variables": changes}))) as kernel:
        reply, _ = await run(kernel, "$a = 1, 2", 1)
    assert reply.changes == VariableChanges(
        added=(VariableInfo(name="a", type="System.Object[]", preview="{1, 2}", count=2),),
        changed=(VariableInfo(name="g", type="System.Int32[,]", preview="{0, 0}", count=2, shape="1 x 2"),),
        removed=("old",),
    )
    assert report(tmp_path / "bin") == "complete"


def look(depth: int, items: int, value: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"type": "get_variable", "name": "v", "depth": depth, "items": items}, {"value": value}


def array(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"t": "array", "of": "System.Object", "v": list(items), **more}


ONE = {"t": "int32", "v": "1"}
ALL = 2**31 - 1


async def test_long_and_deep_values_are_asked_for_until_they_are_whole(tmp_path: Path) -> None:
    below = {"t": "depth", "type": "System.Object[]", "text": "System.Object[]"}
    whole = array(array(array(array(ONE))), ONE)
    steps = conversation(
        look(3, 100, array(array(array(below)), more=1)),
        look(3, ALL, array(array(array(below)), ONE)),
        look(6, ALL, whole),
    )
    async with await kernel_of(tmp_path, steps) as kernel:
        value = await kernel.get_variable("v")
    one = {"t": "int", "v": "1"}
    nested: dict[str, Any] = one
    for _ in range(3):
        nested = {"t": "list", "v": [nested]}
    assert value == {"t": "list", "v": [nested, one]}
    assert report(tmp_path / "bin") == "complete"


async def test_an_object_that_stays_is_found_out_at_the_first_look(tmp_path: Path) -> None:
    process = {"t": "object", "type": "System.Diagnostics.Process", "text": "pwsh", "v": []}
    async with await kernel_of(tmp_path, conversation(look(3, 100, array(process, more=9)))) as kernel:
        with pytest.raises(
            VariableError, match=r"\$v stays in PowerShell: \[0\] is of type System.Diagnostics.Process"
        ):
            await kernel.get_variable("v")
    assert report(tmp_path / "bin") == "complete"


async def test_records_go_to_other_kernels_as_an_arrow_file(tmp_path: Path) -> None:
    rows = array({"t": "custom", "v": [["n", ONE]]}, {"t": "custom", "v": [["n", {"t": "null"}]]})
    async with await kernel_of(tmp_path, conversation(look(3, 100, rows), look(3, 100, rows))) as kernel:
        assert (await kernel.start()).arrow
        inline = await kernel.get_variable("v")
        file = await kernel.get_variable("v", arrow=True)
    one = {"t": "int", "v": "1"}
    assert inline["v"] == {"columns": [{"name": "n", "type": "int"}], "count": 2, "rows": [[one], [{"t": "null"}]]}
    assert tables.with_rows(file)["v"] == inline["v"] and Path(file["v"]["arrow"]).parent == tmp_path


async def test_an_arrow_file_becomes_a_datatable(tmp_path: Path) -> None:
    one = {"t": "int", "v": "1"}
    file = tables.to_arrow(tables.from_rows([("n", "")], [[one]]), tmp_path)
    sent = {"t": "datatable", "name": "v", "columns": [{"name": "n", "type": "System.Int64"}]}
    value = {**sent, "v": [[{"t": "int64", "v": "1"}]]}
    steps = conversation(({"type": "set_variable", "name": "v", "value": value}, {"variables": {}}))
    async with await kernel_of(tmp_path, steps) as kernel:
        await kernel.set_variable("v", file)
    assert report(tmp_path / "bin") == "complete"


@pytest.mark.parametrize("name", ["PWD", "ErrorActionPreference", "null", "a b", "env:PATH", ""])
async def test_powershells_own_variables_are_not_overwritten(name: str, tmp_path: Path) -> None:
    async with await kernel_of(tmp_path, conversation()) as kernel:
        with pytest.raises(VariableError, match="PowerShell"):
            await kernel.set_variable(name, {"t": "null"})


async def test_positions_count_code_points(tmp_path: Path) -> None:
    code = "'😀'; Get-Chi"
    found = {"start": 6, "end": 13, "matches": [{"text": "Get-ChildItem", "kind": "Command"}], "more": False}
    wrong = {"error_id": "X", "message": "m", "line": 1, "column": 7, "end_line": 1, "end_column": 14}
    steps = conversation(
        ({"type": "complete", "code": code, "position": 13}, found),
        ({"type": "inspect", "code": code, "position": 6}, {"found": False}),
        ({"type": "diagnose", "code": code}, {"errors": [wrong]}),
    )
    async with await kernel_of(tmp_path, steps) as kernel:
        completed = await kernel.complete(CompleteRequest(code=code, position=12))
        nothing = await kernel.inspect(InspectRequest(code=code, position=5))
        (diagnostic,) = (await kernel.diagnose(DiagnoseRequest(code=code))).diagnostics
    assert (completed.start, completed.end) == (5, 12) and not nothing.found
    assert (diagnostic.column, diagnostic.end_column) == (6, 13)
    assert report(tmp_path / "bin") == "complete"


async def test_language_services(tmp_path: Path) -> None:
    steps = [
        step
        for step in recorded("language")
        if (step.get("to") or step.get("from") or {}).get("id") not in ("r8", "r9")  # is_complete: never asked
    ]
    first = codes("language")[0]
    async with await kernel_of(tmp_path, asked_by_kernel(steps)) as kernel:
        await run(kernel, first, 1)
        reply = await kernel.complete(CompleteRequest(code="Get-Thi", position=7))
        assert (reply.start, reply.end) == (0, 7)
        assert [(item.text, item.kind) for item in reply.completions] == [("Get-Thing", "function")]
        reply = await kernel.complete(CompleteRequest(code="$col", position=4))
        assert reply.completions[0].kind == "variable" and reply.completions[0].detail == "[string]$colour"
        reply = await kernel.complete(CompleteRequest(code="Get-ChildItem -Rec", position=18))
        assert (reply.start, reply.completions[0].text) == (14, "-Recurse")
        help_ = await kernel.inspect(InspectRequest(code="Get-Item", position=3))
        assert help_.found and "Get-Item [-Path] <string[]>" in help_.data["text/plain"]
        assert "Microsoft.PowerShell.Management" in help_.data["text/plain"]
        about = await kernel.inspect(InspectRequest(code="$colour", position=3))
        assert about.data["text/plain"] == "$colour: System.String\nsize: 3\nred"
        wrong = await kernel.diagnose(DiagnoseRequest(code="if ("))
        assert wrong.incomplete
        assert [(d.code, d.line, d.column, d.source) for d in wrong.diagnostics] == [
            ("IfStatementMissingCondition", 1, 5, "powershell")
        ]
    assert report(tmp_path / "bin") == "complete"
