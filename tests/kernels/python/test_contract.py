"""The contract of kernels, held by the Python kernel."""

from __future__ import annotations

from verso_python.plugin import verso_kernels

from verso.testing.kernel_contract import KernelContract
from verso.testing.kernel_samples import UNICODE
from verso.testing.typed_values import SAMPLES


class TestPython(KernelContract):
    kernelspec = verso_kernels()[0]

    prints_hello = "print('hello')"
    prints_to_stderr = "import sys\nprint('careful', file=sys.stderr)"
    prints_in_order = (
        "import sys\nprint('one')\nprint('two', file=sys.stderr)\ndisplay('three', mime='text/plain')\nprint('four')"
    )
    prints_unicode = f"print({UNICODE!r})"
    prints_many_lines = "for i in range(100_000): print('line', i)"
    prints_bad_utf8 = "import os\nos.write(1, b'<\\xca\\xff\\xfe>');"
    runs_a_program = "import subprocess\nsubprocess.run(['echo', 'from a program']);"

    result = ("[1, 2]", "[1, 2]")
    silent = "x = 1"
    shows_html = "display('<b>bold</b>', mime='text/html')"
    updates_a_display = "handle = display('first', display_id=True)\nhandle.update('second')"

    fails = ("print('before')\nraise ValueError('it broke')", "it broke")
    cannot_be_parsed = "print('never')\nx = = 1"

    loops_forever = "print('started')\nwhile True: pass"
    waits_forever = "import time\nprint('started')\ntime.sleep(100)"
    dies = "import os\nos._exit(3)"
    starts_a_child = "import subprocess\nprint(subprocess.Popen(['sleep', '100']).pid)"

    assigns = "answer = 42"
    prints_answer = "print(answer)"
    changes_answer = "answer = 43"
    removes_answer = "del answer"
    untransferable = ("stuck = object()", "object")
    kinds = tuple(SAMPLES)

    asks = "print('hello', input('name? '))"
    completes = ("answer_of_all = 42", "x = answer_of", "answer_of_all")
    inspects = ("def area(w, h):\n    '''The area.'''", "area", "The area.")
    diagnoses = ("x = 1\ny = = 2", 2)
