"""The kernel contract over IRkernel, where R and IRkernel are installed (Debian: r-cran-irkernel)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import ClassVar

import pytest
from verso_jupyter.kernelspecs import find

from tests.kernels.jupyter.conftest import install
from verso.api.errors import VariableError
from verso.api.kernel import Kernel, Kernelspec
from verso.testing.kernel_contract import KernelContract
from verso.testing.kernel_samples import UNICODE
from verso.testing.typed_values import KINDS, SAMPLES

ARGV = ("R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}")


def _is_there() -> bool:
    if shutil.which("Rscript") is None:
        return False
    return subprocess.run(["Rscript", "-e", "library(IRkernel)"], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not _is_there(), reason="R with IRkernel is not installed")


@pytest.fixture(autouse=True)
def ir(kernelspecs: Path) -> Kernelspec:
    install(kernelspecs, "ir-test", "R", "R", ARGV)
    spec = find("ir-test")
    assert spec is not None
    TestIRkernel.kernelspec = spec
    return spec


class TestIRkernel(KernelContract):
    """`jupyter:ir`."""

    kernelspec: ClassVar[Kernelspec] = Kernelspec(name="jupyter:ir-test", title="R")
    prints_hello = "cat('hello\\n')"
    prints_to_stderr = "message('careful')"
    prints_unicode = f"cat('{UNICODE}\\n')"
    result = ("print(2L)", "[1] 2")
    silent = "x <- 1"
    shows_html = "IRdisplay::display_html('<b>bold</b>')"
    fails = ("cat('before\\n')\nstop('on purpose')", "on purpose")
    cannot_be_parsed = "cat('never')\n1 +* 2"
    loops_forever = "cat('started\\n'); flush.console()\nrepeat {}"
    waits_forever = "cat('started\\n'); flush.console()\nSys.sleep(100)"
    dies = "tools::pskill(Sys.getpid(), 9); Sys.sleep(10)"
    assigns = "answer <- 42L"
    prints_answer = "cat(answer, '\\n')"
    changes_answer = "answer <- 'other'"
    removes_answer = "rm(answer)"
    untransferable = ("stuck <- quote(a + b)", "call")
    kinds = KINDS - {"table", "big", "decimal", "uuid", "time", "utf16", "set", "int", "string", "duration", "date"}
    asks = "name <- readline('name? ')\ncat('hello', name, '\\n')"
    completes = ("alphabet <- 1", "alphab", "alphabet")
    inspects = ("", "median", "Median Value")
    diagnoses = ("x <- 1\ny <- )", 1)

    @pytest.mark.skip(reason="R has other types than those that travel: what is kept is tested kind by kind")
    def test_random_values_come_back(self) -> None:  # type: ignore[override]
        pass

    @pytest.mark.parametrize("text", ["0", "-1", "42", str(2**31 - 1)])
    async def test_integers_of_32_bits_come_back(self, kernel: Kernel, text: str) -> None:
        await kernel.set_variable("value", {"t": "int", "v": text})
        assert await kernel.get_variable("value") == {"t": "int", "v": text}

    @pytest.mark.parametrize("kind", ["big", "decimal", "uuid", "time"])
    async def test_what_r_has_not_is_refused_by_name(self, kernel: Kernel, kind: str) -> None:
        with pytest.raises(VariableError, match="R has no"):
            await kernel.set_variable("value", SAMPLES[kind][0])

    async def test_strings_dates_durations_and_tables_come_back(self, kernel: Kernel) -> None:
        table = SAMPLES["table"][0]
        values = (
            {"t": "string", "v": "žluťoučký 日本 😀 \r\n\t\"'\\$`"},
            {"t": "date", "v": "2024-02-29"},
            {"t": "duration", "v": "86400"},
            {"t": "duration", "v": "-1.500000"},
        )
        for value in values:
            await kernel.set_variable("value", value)
            assert await kernel.get_variable("value") == value
        await kernel.set_variable("value", table)
        back = await kernel.get_variable("value")
        assert back["v"]["rows"] == table["v"]["rows"]
        assert [column["type"] for column in back["v"]["columns"]] == ["character", "integer"]

    async def test_missing_values_of_a_data_frame_are_null(self, kernel: Kernel) -> None:
        await self.run(kernel, "frame <- data.frame(a = c(1L, NA), b = c(NA, 'x'))")
        value = await kernel.get_variable("frame")
        null, one, text = {"t": "null"}, {"t": "int", "v": "1"}, {"t": "string", "v": "x"}
        assert value["v"]["rows"] == [[one, null], [null, text]]
        await kernel.set_variable("copy", value)
        _, sink = await self.run(kernel, "cat(identical(frame, copy))")
        assert sink.text() == "TRUE"
