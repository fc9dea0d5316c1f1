"""jupyter_client's own suite for kernels (jupyter_kernel_test) over Verso."""

from __future__ import annotations

from typing import Any

import jupyter_kernel_test
import pytest


@pytest.mark.usefixtures("jupyter_finds_verso")
class TestVersoKernel(jupyter_kernel_test.KernelTests):
    """Python as the default language; one sample in another."""

    kernel_name = "verso"
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "#!javascript\nconsole.log('hello, world')"
    code_stderr = "import sys; print('careful', file=sys.stderr)"
    completion_samples: list[dict[str, Any]] = [  # noqa: RUF012
        {"text": "#!sql-disc", "matches": {"sql-disconnect"}},
        {"text": "zi", "matches": {"zip"}},
    ]
    complete_code_samples = ["1", "print('hello')", "def f(x):\n    return x\n\n\n", "#!sql\nselect 1"]  # noqa: RUF012
    incomplete_code_samples = ["for x in y:", "print('''hello", "#!python\nf("]  # noqa: RUF012
    invalid_code_samples = ["import = 7q", "#!nobody-knows-this"]  # noqa: RUF012
    code_generate_error = "raise ValueError('on purpose')"
    code_execute_result = [  # noqa: RUF012
        {"code": "6 * 7", "result": "42"},
        {"code": "'a' + 'b'", "result": "'ab'"},
        {"code": "6 * 7", "result": "42"},
        {"code": "#!sql\nselect 42 as answer", "mime": "text/html"},
    ]
    code_display_data = [  # noqa: RUF012
        {"code": "#!html\n<b>bold</b>", "mime": "text/html"},
        {"code": "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))", "mime": "text/html"},
    ]
    code_history_pattern = "6*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "#!set"
    code_clear_output = "from IPython.display import clear_output\nclear_output()"
