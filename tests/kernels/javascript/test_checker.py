"""Type errors, with a stand-in for `tsc` that shows how it is asked and answers as it does."""

from __future__ import annotations

from pathlib import Path

from tests.kernels.javascript.conftest import Runner
from verso.api.messages import DiagnoseRequest

ANSWERS = """#!/bin/sh
for file; do :; done
echo "asked with $#" >> "{log}"
echo "$(basename "$file")(1,7): error TS2322: Type 'number' is not assignable to type 'string'."
echo "$(basename "$file")(1,18): error TS2304: Cannot find name 'live'."
echo "$(basename "$file")(1,18): error TS2304: Cannot find name 'missing'."
echo "$(basename "$file")(1,1): error TS2307: Cannot find module 'node:fs' or its type declarations."
echo "before-1.ts(1,1): error TS2322: not of this cell."
exit 2
"""


def install(folder: Path, log: Path) -> None:
    """Puts the stand-in where npm would put the real one."""
    program = folder / "node_modules" / ".bin" / "tsc"
    program.parent.mkdir(parents=True)
    program.write_text(ANSWERS.replace("{log}", str(log)))
    program.chmod(0o755)


async def test_type_errors_are_diagnostics_of_the_cell(js: Runner, tmp_path: Path) -> None:
    install(js.folder, tmp_path / "log")
    await js.run("const live = 1")
    reply = await js.kernel.diagnose(DiagnoseRequest(code="const wrong: string = 1", language="typescript"))
    found = [(one.code, one.line, one.column, one.end_column) for one in reply.diagnostics]
    assert found == [("TS2322", 1, 7, 12), ("TS2304", 1, 18, 20)]
    assert "missing" in reply.diagnostics[1].message


async def test_javascript_is_not_checked_and_broken_code_is_not_either(js: Runner, tmp_path: Path) -> None:
    install(js.folder, tmp_path / "log")
    assert (await js.kernel.diagnose(DiagnoseRequest(code="const a = 1", language="javascript"))).diagnostics == ()
    broken = await js.kernel.diagnose(DiagnoseRequest(code="const a: = ;", language="typescript"))
    assert [one.source for one in broken.diagnostics] == ["javascript"]
    assert not (tmp_path / "log").exists()
