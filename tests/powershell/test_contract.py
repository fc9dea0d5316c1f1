"""The contract of every kernel, on a real PowerShell."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import strategies as st
from verso_powershell.plugin import verso_kernels

from tests.powershell.values import fits
from verso.api.values import TypedValue
from verso.testing.kernel_contract import KernelContract
from verso.testing.kernel_samples import MANY_LINES, UNICODE
from verso.testing.typed_values import KINDS


@pytest.mark.powershell
class TestPowerShellKernel(KernelContract):
    """PowerShell."""

    (kernelspec,) = verso_kernels()
    seconds: ClassVar[float] = 60.0
    prints_hello = "'hello'"
    prints_to_stderr = "[Console]::Error.WriteLine('careful')"
    prints_in_order = "'one'; [Console]::Error.WriteLine('two'); [pscustomobject]@{ it = 'three' }; 'four'"
    prints_unicode = f"'{UNICODE}'"
    prints_many_lines = f'foreach ($n in 0..{MANY_LINES - 1}) {{ "line $n" }}'
    prints_bad_utf8 = (
        "$out = [Console]::OpenStandardOutput(); $out.Write([byte[]](0x3c, 0xca, 0xff, 0xfe, 0x3e), 0, 5); $out.Flush()"
    )
    runs_a_program = "bash -c 'echo from a program'"
    result = ("1 + 1", "2")
    silent = "$x = 1"
    shows_html = "Display '<b>bold</b>' text/html"
    updates_a_display = "$shown = Display 'first' text/plain -PassThru; $shown.Update('second')"
    fails = ("'before'\nthrow 'boom'", "boom")
    cannot_be_parsed = "'never'\nif (1) {"
    loops_forever = "'started'\nwhile ($true) { }"
    waits_forever = "'started'\nStart-Sleep 100"
    dies = "[Environment]::Exit(9)"
    starts_a_child = "(Start-Process -PassThru sleep 100).Id"
    assigns = "$answer = 42"
    prints_answer = '"$answer"'
    changes_answer = "$answer = 43"
    removes_answer = "Remove-Variable answer"
    untransferable = ("$stuck = Get-Process -Id $PID", "System.Diagnostics.Process")
    kinds = KINDS - {"set"}  # a set comes back as a list
    asks = "$name = Read-Host 'name'; \"hello $name\""
    completes = ("$alpha = 1", "$alp", "$alpha")
    inspects = ("$alpha = 1", "$alpha", "1")
    diagnoses = ("'x'\nif (", 2)

    def random_values(self) -> st.SearchStrategy[TypedValue]:
        """As far as .NET and PowerShell have them."""
        return super().random_values().filter(fits)
