"""What a notebook's PowerShell does beyond the contract of every kernel, on a real one. Each line was observed
(docs/kernels/powershell.md)."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from verso_powershell import kernel

from tests.powershell.real import PowerShell
from verso.api.errors import KernelDiedError
from verso.api.messages import CompleteRequest, DiagnoseRequest, InputRequest, InspectRequest, Progress
from verso.api.outputs import DisplayData, ExecuteResult
from verso.api.values import decode

pytestmark = pytest.mark.powershell

ROOT = Path(__file__).parent.parent.parent


# --- state ----------------------------------------------------------------------------------------------


async def test_state_lasts_from_cell_to_cell(shell: PowerShell) -> None:
    await shell.run("$x = 41; function inc($n) { $n + 1 }; Set-Alias up inc; $script:s = 1; $global:g = 2")
    assert (await shell.run("inc $x; up 1; $s + $g")).text() == "42\n2\n3\n"
    await shell.run("class P { [int]$v; P([int]$v) { $this.v = $v } }")
    assert (await shell.run("[P]::new(3).v")).text() == "3\n"
    await shell.run("class P { [string]$name }")
    assert (await shell.run('([P]@{ name = "q" }).name')).text() == "q\n"
    await shell.run("using namespace System.Collections.Generic\n$l = [List[int]]::new()")
    await shell.run('using namespace System.Text\n[StringBuilder]::new("a").Length')
    assert (await shell.run('[Queue[int]]::new().Count; [StringBuilder]::new("ab").Length')).text() == "0\n2\n"
    await shell.run("Get-Item nope")
    assert (await shell.run("$?")).text() == "False\n"
    await shell.run("bash -c 'exit 7'")
    assert (await shell.run("$LASTEXITCODE")).text() == "7\n"


async def test_scripts_beside_the_notebook(shell: PowerShell) -> None:
    library = shell.folder / "lib"
    library.mkdir()
    (library / "tool.ps1").write_text('$fromTool = "tool"\nfunction Get-Root { "root=$PSScriptRoot" }\n')
    (library / "M.psm1").write_text("class MC { [int]$v = 7 }\nfunction Get-M { 'm' }\n")
    cell = await shell.run(". ./lib/tool.ps1; $fromTool; Get-Root")
    assert cell.text() == f"tool\nroot={library}\n"
    assert (await shell.run("using module ./lib/M.psm1\n[MC]::new().v; Get-M")).text() == "7\nm\n"
    moved = await shell.run("Set-Location lib; $PWD.Path; (bash -c pwd)")
    assert moved.text() == f"{library}\n" * 2 and moved.reply.detail["cwd"] == str(library)


# --- output ---------------------------------------------------------------------------------------------


async def test_all_streams_in_the_order_of_the_program(shell: PowerShell) -> None:
    cell = await shell.run(
        '"one"; Write-Host two; Write-Warning three; Write-Verbose four -Verbose; Write-Debug five -Debug; '
        "Write-Information six -InformationAction Continue; Write-Information no; "
        '[Console]::WriteLine("seven"); [Console]::Error.WriteLine("eight"); Write-Error nine; "ten"'
    )
    assert cell.order == [
        "stdout:one\ntwo",
        "warning:WARNING: three",
        "verbose:VERBOSE: four",
        "debug:DEBUG: five",
        "information:six",
        "stdout:seven",
        "stderr:eight",
        "Error",
        "stdout:ten",
    ]
    assert cell.status == "error"


async def test_colours_of_the_host(shell: PowerShell) -> None:
    cell = await shell.run("[Enum]::GetValues([ConsoleColor]) | % { Write-Host x -NoNewline -ForegroundColor $_ }")
    codes = (30, 34, 32, 36, 31, 35, 33, 37, 90, 94, 92, 96, 91, 95, 93, 97)
    assert cell.text() == "".join(f"\x1b[{code}mx\x1b[0m" for code in codes)


async def test_native_output_is_in_order_and_live(shell: PowerShell) -> None:
    cell = await shell.run(
        'Write-Host 1; bash -c "echo 2; sleep 0.1; echo 3 >&2; sleep 0.1; echo 4"; Write-Host 5; '
        '[pscustomobject]@{ n = 6 }; bash -c "echo 7"'
    )
    assert cell.order == ["stdout:1\n2", "stderr:3", "stdout:4\n5", "ExecuteResult", "stdout:7"]


async def test_runs_of_like_objects_are_one_bundle_each(shell: PowerShell) -> None:
    cell = await shell.run(
        '"before"; [pscustomobject]@{ a = 1; b = "x<y" }; [pscustomobject]@{ a = 2; b = "z" }; "between"; '
        '[version]"1.2"; [version]"3.4"; "after"'
    )
    assert cell.order == ["stdout:before", "ExecuteResult", "stdout:between", "ExecuteResult", "stdout:after"]
    bundle = cell.sink.bundles[0]
    assert bundle["text/plain"] == "a b\n- -\n1 x<y\n2 z\n"
    assert '<td style="text-align:left">x&lt;y</td>' in bundle["text/html"]
    assert bundle["application/vnd.dataresource+json"]["data"] == [{"a": 1, "b": "x<y"}, {"a": 2, "b": "z"}]


async def test_slow_objects_show_as_a_growing_table(shell: PowerShell) -> None:
    cell = await shell.run("1..4 | % { Start-Sleep -Milliseconds 400; [pscustomobject]@{ i = $_ } }; 'end'")
    assert cell.order[0] == "ExecuteResult" and cell.order[1] == "UpdateDisplayData" and cell.order[-1] == "stdout:end"
    shown = cell.sink.outputs[0]
    assert isinstance(shown, ExecuteResult) and shown.metadata["partial"] is True
    assert len(cell.sink.bundles[-1]["application/vnd.dataresource+json"]["data"]) == 4


async def test_displays_with_mime_types(shell: PowerShell) -> None:
    cell = await shell.run(
        "Display '<svg/>' 'image/svg+xml'; Display ([byte[]](1,2,250)) image/png; "
        "Display @{ a = @(1, $null) } application/json; Display 7; 'p','q' | Out-Display"
    )
    assert all(isinstance(output, DisplayData) for output in cell.sink.outputs)
    assert all(bundle["text/plain"] for bundle in cell.sink.bundles)
    svg, png, data, seven, lines = cell.sink.bundles
    assert svg["image/svg+xml"] == "<svg/>" and png["image/png"] == "AQL6"
    assert data["application/json"] == {"a": [1, None]}
    assert (seven["text/plain"], lines["text/plain"]) == ("7", "p\nq")


# --- errors ---------------------------------------------------------------------------------------------

STATUSES = [
    ("1/0", "error", "error", "RuntimeException"),
    ('throw "boom"', "error", "error", "boom"),
    ("Get-Item nope", "error", "ok", "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand"),
    ("Get-Item nope -ErrorAction Stop", "error", "error", "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand"),
    ("no-such-command", "error", "error", "CommandNotFoundException"),
    ('[int]"x"', "error", "error", "InvalidCastFromStringToInteger"),
    ("Write-Error bad", "error", "ok", "Microsoft.PowerShell.Commands.WriteErrorException"),
    ("Write-Error bad -ErrorId Mine -Category InvalidData", "error", "ok", "Mine"),
    ('try { 1/0 } catch { "caught" }', "ok", "ok", None),
    ("Get-Item nope -ErrorAction Ignore", "ok", "ok", None),
    ("Get-Item nope 2>$null", "ok", "ok", None),
    ("exit 3", "ok", "ok", None),
    ("bash -c 'exit 3'", "ok", "ok", None),
]


@pytest.mark.parametrize(("code", "strict", "relaxed", "ename"), STATUSES, ids=[case[0] for case in STATUSES])
async def test_the_status_of_a_cell(code: str, strict: str, relaxed: str, ename: str | None, shell: PowerShell) -> None:
    cell = await shell.run(code)
    assert (cell.status, [error.ename for error in cell.sink.errors]) == (strict, [ename] if ename else [])
    again = await shell.run(code, **{"verso.powershell": {"errors": "terminating"}})
    assert again.status == relaxed


async def test_the_session_goes_on_after_exit(shell: PowerShell) -> None:
    cell = await shell.run('"a"; exit 3; "b"')
    assert (cell.text(), cell.reply.detail["exit_code"]) == ("a\n", 3)
    assert (await shell.run('"alive"')).text() == "alive\n"


async def test_a_failed_statement_lets_the_cell_go_on(shell: PowerShell) -> None:
    cell = await shell.run('1/0; "after"; Get-Item nope; "end"')
    assert cell.text() == "after\nend\n" and [error.fatal for error in cell.sink.errors] == [True, False]


async def test_an_error_says_where_it_was_raised_and_where_called(shell: PowerShell) -> None:
    await shell.run('function deep($n) {\n  if ($n) { deep ($n - 1) }\n  else { throw "at the bottom" }\n}')
    cell = await shell.run('"x"\n\ndeep 2')
    error = cell.error
    assert (error.detail["cell"], error.detail["line"], error.detail["column"]) == ("cell-1", 3, 10)
    assert (error.line, error.fatal) == (3, True)
    assert error.detail["stack"][0] == "at deep, cell-1: line 3"
    assert error.detail["stack"][-1] == "at <ScriptBlock>, cell-2: line 3"


async def test_columns_count_code_points(shell: PowerShell) -> None:
    cell = await shell.run("$s = '😀'; Get-Item nope")
    assert (cell.error.line, cell.error.column) == (1, 11)


async def test_parse_errors_are_all_listed_and_nothing_runs(shell: PowerShell) -> None:
    cell = await shell.run('"not run"\nif (1) {\n  foo bar )\n$x = = 2')
    assert cell.status == "error" and not cell.text()
    assert len(cell.error.detail["parse_errors"]) >= 2 and cell.error.detail["category"] == "ParserError"


# --- progress and questions -----------------------------------------------------------------------------


async def test_progress(shell: PowerShell) -> None:
    cell = await shell.run(
        "1..50 | % { Write-Progress -Activity A -Status s$_ -PercentComplete ($_ * 2) -Id 4 -ParentId 2 }; "
        "Write-Progress -Activity A -Id 4 -Completed"
    )
    bars = [output for output in cell.sink.outputs if isinstance(output, Progress)]
    assert bars[0].activity == "A" and bars[0].id.endswith(".4") and bars[0].parent.endswith(".2")
    assert bars[-1].completed and len(bars) < 50


async def test_questions(shell: PowerShell) -> None:
    cell = await shell.run('$n = Read-Host "your name"; "hi $n"', "Bob")
    assert cell.text() == "hi Bob\n" and cell.sink.questions[0].prompt == "your name: "
    cell = await shell.run(
        '$s = Read-Host pw -AsSecureString; [Net.NetworkCredential]::new("", $s).Password; Read-Host pw -MaskInput',
        "s3cret",
        "m4sk",
    )
    assert cell.text() == "s3cret\nm4sk\n" and {question.kind for question in cell.sink.questions} == {"secret"}
    cell = await shell.run("$c = Get-Credential; $c.UserName; $c.GetNetworkCredential().Password", "ann", "pw1")
    assert cell.text() == "ann\npw1\n"
    choice = '$host.UI.PromptForChoice("Title", "Sure?", @("&Yes", "&No", "&Maybe"), 1)'
    cell = await shell.run(choice, "bad", "m")
    assert cell.text() == "2\n" and len(cell.sink.questions) == 2
    assert (await shell.run(choice, "")).text() == "1\n"
    asking = (
        "function g([Parameter(Mandatory)][int]$m, [Parameter(Mandatory)][string[]]$n) { 'm={0} n={1}' -f $m, \"$n\" }"
    )
    cell = await shell.run(f"{asking}; g", "12", "a", "b", "")
    assert cell.text() == "m=12 n=a b\n"


async def test_an_interrupted_question(shell: PowerShell) -> None:
    async def never(request: InputRequest) -> str | None:
        await asyncio.sleep(60)
        return None

    cell = await shell.run_interrupted('Read-Host a; "after"', answers=[never])
    assert cell.status == "cancelled" and "after" not in cell.text()
    assert (await shell.run('"x" + (Read-Host q)', "fresh")).text() == "xfresh\n"


# --- interrupts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "while ($true) { }",
        "Start-Sleep 30",
        "1..100000000 | % { $_ } | Out-Null",
        "sleep 30; 'next'",
        "sleep 30 | % { $_ }; 'next'",
        "bash -c 'sleep 31; echo no'; 'next'",
        "1..4 | ForEach-Object -Parallel { while ($true) { Start-Sleep -Milliseconds 50 } }; 'next'",
        "Start-Job { Start-Sleep 30 } | Wait-Job; 'next'",
        "try { Start-Sleep 30 } catch { 'caught' }; 'next'",
        '1..1e9 | % { "line $_" }',
        "while ($true) { Get-Item nope }",
        "[Threading.Thread]::Sleep(2500); 'next'",
        "bash -c '(trap \"\" INT; sleep 36; :); echo no'; 'next'",
    ],
)
async def test_an_interrupt_ends_the_cell_and_keeps_the_state(code: str, shell: PowerShell) -> None:
    await shell.run("$keep = 42")
    cell = await shell.run_interrupted(code)
    assert cell.status == "cancelled"
    assert "next" not in cell.text() and "caught" not in cell.text()
    assert (await shell.run("$keep")).text() == "42\n"


async def test_finally_runs_to_its_end(shell: PowerShell) -> None:
    cell = await shell.run_interrupted(
        'try { while ($true) { Start-Sleep -Milliseconds 20 } } finally { Write-Host "cleanup"; '
        'Start-Sleep -Milliseconds 100; Write-Host "done" }'
    )
    assert cell.status == "cancelled" and "cleanup\ndone" in cell.text()


async def test_twenty_races_of_stop_and_signal(shell: PowerShell) -> None:
    for number in range(20):
        cell = await shell.run_interrupted("sleep 5; 'next'", 0.05 + number * 0.004)
        assert cell.status == "cancelled" and "next" not in cell.text()


# --- variables ------------------------------------------------------------------------------------------


async def test_changes_of_variables(shell: PowerShell) -> None:
    first = await shell.run("$a = 1; $b = 'text'; $c = @(1,2,3); $d = @{ k = 1 }; $p = [pscustomobject]@{ q = 1 }")
    added = {info.name: info for info in first.reply.changes.added}
    assert sorted(added) == ["a", "b", "c", "d", "p"]
    assert (added["c"].type, added["c"].count) == ("System.Object[]", 3)
    second = await shell.run("$a = 2; Remove-Variable b; $new = 1; $c[1] = 9; $d.k2 = 5; $p.q = 7")
    changes = second.reply.changes
    assert [info.name for info in changes.added] == ["new"] and changes.removed == ("b",)
    assert sorted(info.name for info in changes.changed) == ["a", "c", "d", "p"]
    third = await shell.run('$null = $a + $c.Count; $ErrorActionPreference = "Continue"')
    assert third.reply.changes.added == () and third.reply.changes.changed == ()


async def test_looking_at_variables_uses_nothing_up(shell: PowerShell) -> None:
    cell = await shell.run(
        "$table = [System.Data.DataTable]::new('t'); $null = $table.Columns.Add('x', [int])\n"
        "1..9 | % { $null = $table.Rows.Add($_) }; $reader = $table.CreateDataReader()\n"
        "$waits = [System.Collections.Concurrent.BlockingCollection[int]]::new().GetConsumingEnumerable()\n"
        "$set = [System.Collections.Generic.HashSet[int]]::new([int[]](1, 2))"
    )
    added = {info.name: info for info in cell.reply.changes.added}
    assert added["reader"].preview == "System.Data.DataTableReader" and added["set"].preview == "{1, 2}"
    await shell.kernel.list_variables()
    assert (await shell.run("while ($reader.Read()) { $reader[0] }")).text() == "".join(f"{n}\n" for n in range(1, 10))


async def test_values_travel(shell: PowerShell) -> None:
    await shell.run(
        '$rows = 1..3 | % { [pscustomobject]@{ n = $_; name = "row $_" } }\n'
        "$long = 1..5000\n"
        "$deep = @(@(@(@(@(@(@(1)))))))\n"
        "$nested = @{ a = @{ b = @{ c = @{ d = @{ e = 5 } } } } }\n"
        "$table = [System.Data.DataTable]::new('t'); $null = $table.Columns.Add('x', [int]); $null = $table.Rows.Add(1)"
    )
    rows = await shell.kernel.get_variable("rows")
    assert rows["t"] == "table" and rows["v"]["count"] == 3
    assert decode(await shell.kernel.get_variable("long")) == list(range(1, 5001))
    nested = {"a": {"b": {"c": {"d": {"e": 5}}}}}
    assert decode(await shell.kernel.get_variable("nested")) == nested
    await shell.kernel.set_variable("back", rows)
    assert (
        await shell.run("$back.GetType().Name; $back.Rows.Count; $back.Rows[1].name")
    ).text() == "DataTable\n3\nrow 2\n"
    await shell.kernel.set_variable("custom", {"t": "map", "v": [["a", {"t": "int", "v": "1"}]]})
    assert (await shell.run("$custom.GetType().Name; $custom.a.GetType().Name")).text() == "PSCustomObject\nInt32\n"
    table = await shell.kernel.get_variable("table")
    assert table["v"]["columns"] == [{"name": "x", "type": "int"}]


# --- knowledge ------------------------------------------------------------------------------------------


async def test_completion_inspection_and_diagnostics(shell: PowerShell) -> None:
    reply = await shell.kernel.complete(CompleteRequest(code="Get-ChildItem -Rec", position=18))
    assert reply.completions[0].text == "-Recurse" and (reply.start, reply.end) == (14, 18)
    await shell.run("<#\n.SYNOPSIS\nAdds one.\n#>\nfunction Add-One([int]$n) { $n + 1 }")
    known = await shell.kernel.inspect(InspectRequest(code="Add-One 3", position=2))
    assert "Adds one." in known.data["text/plain"] and "Add-One [[-n] <int>]" in known.data["text/plain"]
    wrong = await shell.kernel.diagnose(DiagnoseRequest(code="if (1) {\n  foo )\n}\n'open"))
    assert (2, 7) in [(found.line, found.column) for found in wrong.diagnostics] and len(wrong.diagnostics) == 4


# --- ends -----------------------------------------------------------------------------------------------


async def test_two_cold_starts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "a cache [x]"
    monkeypatch.setattr(kernel, "cache_folder", lambda: cache)  # XDG_CACHE_HOME would move pwsh's own cache too
    shells = [PowerShell(tmp_path, tmp_path) for _ in range(2)]
    try:
        await asyncio.gather(*(shell.__aenter__() for shell in shells))
        assert [(await shell.run("1 + 1")).text() for shell in shells] == ["2\n", "2\n"]
    finally:
        await asyncio.gather(*(shell.__aexit__(None, None, None) for shell in shells))
    assert [file.name.startswith("worker-") for file in cache.rglob("*.dll")] == [True]
    async with PowerShell(tmp_path, tmp_path) as shell:
        assert (await shell.kernel.start()).detail["compiled"] == "cache"
    (library,) = cache.rglob("*.dll")
    library.write_bytes(b"damaged")
    async with PowerShell(tmp_path, tmp_path) as shell:
        assert (await shell.kernel.start()).detail["compiled"] == "memory"


async def test_an_unwritable_cache_costs_time_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "cache_folder", lambda: Path("/proc/nowhere"))
    async with PowerShell(tmp_path, tmp_path) as shell:
        assert (await shell.kernel.start()).detail["compiled"] == "memory"
        assert (await shell.run("2 + 2")).text() == "4\n"


async def test_too_deep_a_method_ends_the_kernel_and_is_explained(shell: PowerShell) -> None:
    await shell.run("class R { static [int] Go([int]$n) { return [R]::Go($n + 1) } }")
    with pytest.raises(KernelDiedError, match="calls itself"):
        await shell.run("[R]::Go(0)")


ORPHAN = """
import asyncio, sys
from pathlib import Path
from tests.powershell.real import PowerShell

async def main():
    folder = Path(sys.argv[1])
    async with PowerShell(folder, folder) as shell:
        print((await shell.run("$PID")).text().strip(), flush=True)
        await shell.run(sys.argv[2])

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "code", ["Start-Sleep 100", "[Threading.Thread]::Sleep(100000)", "bash -c 'sleep 200 & sleep 201; true'"]
)
async def test_nothing_is_left_when_the_engine_is_killed(code: str, tmp_path: Path) -> None:
    engine = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ORPHAN, str(tmp_path), code, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert engine.stdout is not None
    group = int(await engine.stdout.readline())
    await asyncio.sleep(1.0)
    engine.kill()
    await engine.wait()
    async with asyncio.timeout(10):
        while group_is_there(group):  # noqa: ASYNC110 (another program's end is no event of ours)
            await asyncio.sleep(0.05)


def group_is_there(group: int) -> bool:
    """Whether a process of the group runs; zombies do not."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False
