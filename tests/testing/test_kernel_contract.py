"""The contract suite itself: a sound worker passes it, and a kernel that breaks a promise fails the right test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from verso.api.kernel import Kernel, KernelContext, Kernelspec, WorkerCommand
from verso.testing.kernel_contract import KernelContract
from verso.testing.kernel_samples import MANY_LINES, UNICODE

SCRIPTED = Path(__file__).parent.parent / "host" / "workers" / "scripted.py"


async def create(context: KernelContext) -> Kernel:
    argv = (sys.executable, "-S", str(SCRIPTED), "{read_fd}", "{write_fd}")
    return context.worker(WorkerCommand(argv=argv, language="scripted"))


class TestScriptedWorker(KernelContract):
    """The small worker of the host's tests."""

    kernelspec = Kernelspec(name="scripted", title="Scripted", create=create)
    prints_hello = "print('hello')"
    prints_to_stderr = "print('careful', file=sys.stderr)"
    prints_in_order = (
        "print('one'); settle(); print('two', file=sys.stderr); settle()\n"
        "send('display_data', data={'text/plain': 'three'}); print('four')"
    )
    prints_unicode = f"print({UNICODE!r})"
    prints_many_lines = f"for n in range({MANY_LINES}): print('line', n)"
    prints_bad_utf8 = r"os.write(1, b'<\xca\xff\xfe>')"
    runs_a_program = "os.system('echo from a program')"
    result = ("send('execute_result', data={'text/plain': str(1 + 1)})", "2")
    silent = "x = 1"
    shows_html = "send('display_data', data={'text/html': '<b>bold</b>', 'text/plain': 'bold'})"
    updates_a_display = (
        "send('display_data', data={'text/plain': 'first'}, display_id='d')\n"
        "send('update_display_data', data={'text/plain': 'second'}, display_id='d')"
    )
    fails = ("print('before')\n1/0", "ZeroDivisionError")
    cannot_be_parsed = "print('never')\n1 +"
    loops_forever = "print('started', flush=True)\nwhile True: pass"
    waits_forever = "print('started', flush=True); time.sleep(100)"
    dies = "os.kill(os.getpid(), 9)"
    starts_a_child = "import subprocess; print(subprocess.Popen(['sleep', '100']).pid)"
    assigns = "answer = {'t': 'int', 'v': '42'}"
    prints_answer = "print(answer['v'])"
    kinds = ("int", "big", "string", "list", "map", "float", "special", "table")
    asks = "name = ask(prompt='name? ')\nif name is None: raise EOFError('no input')\nprint('hello', name)"
    completes = ("alpha = 1", "alp", "alpha")
    inspects = ("alpha = 1", "alpha", "1")
    diagnoses = ("x = 1\ny = (", 2)

    async def test_changes_are_reported(self) -> None:  # type: ignore[override]
        """The small worker reports none."""

    async def test_completion_counts_in_code_points(self) -> None:  # type: ignore[override]
        """The small worker completes whole texts only."""


LIAR = '''
from verso.api.kernel import Kernel, KernelInfo, Kernelspec
from verso.api.messages import ExecuteReply
from verso.api.outputs import Stream
from verso.testing.kernel_contract import KernelContract

class Liar(Kernel):
    """Prints what it should, succeeds whatever happens, and forgets all values."""

    async def start(self):
        return KernelInfo(language="liar")

    async def shutdown(self):
        pass

    async def execute(self, request, sink):
        sink.put(Stream(text="hello\\n"))
        return ExecuteReply()

    async def set_variable(self, name, value):
        pass

    async def get_variable(self, name, *, arrow=False):
        return {"t": "null"}

async def create(context):
    return Liar()

class TestLiar(KernelContract):
    kernelspec = Kernelspec(name="liar", title="Liar", create=create)
    prints_hello = "hello"
    silent = "nothing"
    fails = ("fail", "Failure")
    assigns, prints_answer = "a", "b"
    kinds = ("int", "null")
'''


def test_a_broken_promise_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "test_liar.py").write_text(LIAR, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rfp", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    verdicts = {
        line.split("::")[-1].split(" - ")[0]: line.split()[0]
        for line in run.stdout.splitlines()
        if line.startswith(("FAILED", "PASSED"))
    }
    failed = {name for name, verdict in verdicts.items() if verdict == "FAILED"}
    assert failed == {
        "test_what_is_silent_shows_nothing",
        "test_a_failure_is_an_error_output",
        "test_changes_are_reported",
        "test_restart_forgets",
        "test_variables_are_listed",
        "test_a_variable_is_read",
        "test_a_variable_is_set",
        "test_an_unknown_variable_is_an_error",
        "test_values_of_each_kind_come_back[int]",
        "test_random_values_come_back",
    }, run.stdout
    assert verdicts["test_prints"] == verdicts["test_values_of_each_kind_come_back[null]"] == "PASSED"
