"""The kernel contract over ipykernel, and what is particular to it."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
from verso_jupyter.kernelspecs import find

from verso.api.kernel import Kernel, Kernelspec
from verso.api.messages import ClearOutput, CompleteRequest
from verso.api.outputs import DisplayData, ExecuteResult
from verso.testing.kernel_contract import KernelContract
from verso.testing.kernel_samples import MANY_LINES, UNICODE
from verso.testing.typed_values import KINDS

PYTHON = find("python3")
assert PYTHON is not None


class TestIpykernel(KernelContract):
    """`jupyter:python3`."""

    kernelspec: ClassVar[Kernelspec] = PYTHON
    prints_hello = "print('hello')"
    prints_to_stderr = "import sys; print('careful', file=sys.stderr)"
    prints_in_order = (
        "import sys\nprint('one'); sys.stdout.flush(); print('two', file=sys.stderr); sys.stderr.flush()\n"
        "display('three'); print('four')"
    )
    prints_unicode = f"print({UNICODE!r})"
    prints_many_lines = f"for n in range({MANY_LINES}): print('line', n)"
    prints_bad_utf8 = r"import os, sys; sys.stdout.flush(); os.write(1, b'<\xca\xff\xfe>')"
    runs_a_program = "!echo from a program"
    result = ("1 + 1", "2")
    silent = "x = 1"
    shows_html = "from IPython.display import HTML\nHTML('<b>bold</b>')"
    updates_a_display = "shown = display('first', display_id=True)\nshown.update('second')"
    fails = ("print('before')\n1/0", "ZeroDivisionError")
    cannot_be_parsed = "print('never')\n1 +"
    loops_forever = "print('started', flush=True)\nwhile True: pass"
    waits_forever = "import time\nprint('started', flush=True)\ntime.sleep(100)"
    dies = "import os; os.kill(os.getpid(), 9)"
    starts_a_child = "import subprocess; print(subprocess.Popen(['sleep', '100']).pid)"
    assigns = "answer = 42"
    prints_answer = "print(answer)"
    changes_answer = "answer = [answer]"
    removes_answer = "del answer"
    untransferable = ("stuck = object()", "object")
    kinds = KINDS - {"table"}
    asks = "name = input('name? ')\nprint('hello', name)"
    completes = ("alphabet = 1", "alphab", "alphabet")
    inspects = ("def alphabet(): 'All the letters.'", "alphabet", "All the letters.")
    diagnoses = ("x = 1\ny = )", 2)

    async def test_a_line_of_an_error_is_known(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, "def f():\n    1/0\n\nf()")
        assert sink.errors[-1].line == 4

    async def test_what_programs_print_is_shown_once(self, kernel: Kernel) -> None:
        code = "import os, subprocess as s\nos.system('echo one'); s.run(['echo', 'two']); os.write(1, b'three\\n');"
        _, sink = await self.run(kernel, code)
        await sink.until(lambda sink: "three" in sink.text())  # ipykernel may publish it behind its reply
        await asyncio.sleep(0.3)
        assert sink.text() == "one\ntwo\nthree\n"

    async def test_outputs_are_cleared(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, "from IPython.display import clear_output\nclear_output(wait=True)")
        assert sink.outputs == [ClearOutput(wait=True)]

    async def test_the_execution_count_is_the_kernels(self, kernel: Kernel) -> None:
        first, _ = await self.run(kernel, "1")
        second, sink = await self.run(kernel, "2")
        (result,) = sink.outputs
        assert isinstance(result, ExecuteResult)
        assert (first.execution_count, second.execution_count, result.execution_count) == (1, 2, 2)

    async def test_help_that_goes_to_a_pager_is_shown(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, "print?")
        (page,) = sink.outputs
        assert isinstance(page, DisplayData) and "Prints the values" in page.data["text/plain"]

    async def test_a_secret_is_asked_for_as_one(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, "import getpass; len(getpass.getpass('password: '))", "geheim")
        (question,) = sink.questions
        assert (question.kind, question.prompt) == ("secret", "password: ")
        assert sink.bundles[0]["text/plain"] == "6"

    async def test_input_that_ended_is_an_eof(self, kernel: Kernel) -> None:
        reply, sink = await self.run(kernel, "input()", None)
        assert reply.status == "error" and sink.errors[0].ename == "EOFError"

    async def test_late_output_belongs_to_its_cell(self, kernel: Kernel) -> None:
        code = "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.3), print('late'))).start()"
        _, sink = await self.run(kernel, code)
        assert sink.outputs == []
        await sink.until(lambda sink: "late" in sink.text())

    async def test_values_changed_in_place_are_reported(self, kernel: Kernel) -> None:
        await self.run(
            kernel, "import numpy, pandas\nitems, array = [1], numpy.zeros(3)\nframe = pandas.DataFrame({'a': [1]})"
        )
        for code, name in (("items.append(2)", "items"), ("array[1] = 5", "array"), ("frame.loc[0, 'a'] = 7", "frame")):
            reply, _ = await self.run(kernel, code)
            assert [info.name for info in reply.changes.changed] == [name]

    async def test_changes_are_reported_when_the_code_failed(self, kernel: Kernel) -> None:
        reply, _ = await self.run(kernel, "half = 1\n1/0")
        assert reply.status == "error" and [info.name for info in reply.changes.added] == ["half"]

    async def test_assigning_again_is_a_change(self, kernel: Kernel) -> None:
        await self.run(kernel, "x = 1")
        reply, _ = await self.run(kernel, "x = 1")
        assert [info.name for info in reply.changes.changed] == ["x"]

    @pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
    async def test_tables_travel_by_file_and_by_rows(self, kernel: Kernel, library: str) -> None:
        make = {
            "pandas": "import pandas\nt = pandas.DataFrame({'a': [1, 2], 'b': ['x', None]})",
            "polars": "import polars\nt = polars.DataFrame({'a': [1, 2], 'b': ['x', None]})",
            "pyarrow": "import pyarrow\nt = pyarrow.table({'a': [1, 2], 'b': ['x', None]})",
        }
        await self.run(kernel, make[library])
        by_rows = await kernel.get_variable("t")
        one, two = {"t": "int", "v": "1"}, {"t": "int", "v": "2"}
        assert by_rows["v"]["rows"] == [[one, {"t": "string", "v": "x"}], [two, {"t": "null"}]]
        by_file = await kernel.get_variable("t", arrow=True)
        assert by_file["v"]["count"] == 2 and by_file["v"]["arrow"].endswith(".arrow")
        await kernel.set_variable("back", by_file)
        _, sink = await self.run(kernel, "list(back['a']), len(back)")
        assert sink.bundles[0]["text/plain"] == "([1, 2], 2)"

    async def test_the_namespace_holds_nothing_of_ours(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, "[name for name in globals() if 'verso' in name]")
        assert sink.bundles[0]["text/plain"] == "[]"
        assert await kernel.list_variables() == ()

    async def test_completions_have_kinds(self, kernel: Kernel) -> None:
        await self.run(kernel, "def spelling(word): pass")
        reply = await kernel.complete(CompleteRequest(code="spell", position=5))
        (found,) = [each for each in reply.completions if each.text == "spelling"]
        assert found.kind == "function" and "word" in found.detail
