"""The kernel contract over bash, zsh and sh."""

from __future__ import annotations

from verso_shell import plugin

from verso.api.kernel import Kernel, Kernelspec
from verso.testing.kernel_contract import KernelContract

SPECS: dict[str, Kernelspec] = {spec.name: spec for spec in plugin.verso_kernels()}


class ShellContract(KernelContract):
    prints_hello = "echo hello"
    prints_to_stderr = "echo careful >&2"
    prints_unicode = "echo 'žluťoučký “日本” 😀 e\N{COMBINING ACUTE ACCENT}'"
    prints_many_lines = "i=0; while [ $i -lt 100000 ]; do echo line $i; i=$((i+1)); done"
    prints_bad_utf8 = r"printf '<\312\377\376>'"
    runs_a_program = "env printf 'from a program\n'"
    silent = "true"
    fails = ("echo before\nno_such_program_here", "exit status 127")
    cannot_be_parsed = "echo never\nif true; then )"
    loops_forever = "echo started\nwhile :; do :; done"
    waits_forever = "echo started\nsleep 100\necho not reached"
    dies = "kill -9 $$"
    starts_a_child = "sleep 100 &\necho $!"
    assigns = "answer=42"
    prints_answer = "echo $answer"
    changes_answer = "answer=43"
    removes_answer = "unset answer"
    asks = "printf 'name? '\nread -r name\necho hello $name"
    completes = ("greeting=1", "echo $greet", "greeting")
    inspects = ("greeting=hallo", "echo $greeting", "hallo")
    diagnoses = ("echo one\nif true; then )", 2)

    async def test_a_variable_is_read(self, kernel: Kernel) -> None:
        """Text: a shell has no integers unless they are declared as such."""
        await self.run(kernel, self.sample("assigns"))
        assert await kernel.get_variable("answer") == {"t": "string", "v": "42"}


class TestBash(ShellContract):
    kernelspec = SPECS["bash"]
    untransferable = ("declare -n stuck=answer", "nameref")
    assigns = "declare -i answer=42"

    async def test_a_variable_is_read(self, kernel: Kernel) -> None:
        await KernelContract.test_a_variable_is_read(self, kernel)


class TestZsh(ShellContract):
    kernelspec = SPECS["zsh"]
    assigns = "integer answer=42"

    async def test_a_variable_is_read(self, kernel: Kernel) -> None:
        await KernelContract.test_a_variable_is_read(self, kernel)


class TestSh(ShellContract):
    kernelspec = SPECS["sh"]


class TestBashOnOneTerminal(ShellContract):
    """stdout and stderr in exact order, as one stream."""

    kernelspec = SPECS["bash"]
    kernel_settings = {"stderr": "terminal"}  # noqa: RUF012 (as the suite declares it)
    prints_to_stderr = None

    async def test_output_is_in_the_order_of_the_program(self, kernel: Kernel) -> None:
        code = "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done"
        for _ in range(5):
            _, sink = await self.run(kernel, code)
            assert sink.text() == "".join(f"out {i}\nerr {i}\n" for i in range(1, 6))
