"""What a contract suite is told of a kernel, and how its tests get at one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
import pytest_asyncio
from hypothesis import strategies as st

from verso.api.kernel import Kernel, Kernelspec
from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.api.values import TypedValue
from verso.testing.context import TestKernelContext, availability, make_kernel
from verso.testing.sinks import Answer, RecordingSink
from verso.testing.typed_values import typed_values

UNICODE = "žluťoučký “日本” 😀 e\N{COMBINING ACUTE ACCENT}"
"""What the sample `prints_unicode` prints, with a newline."""

MANY_LINES = 100_000
"""How many lines the sample `prints_many_lines` prints: `line 0`, `line 1` and so on."""


class KernelSamples:
    """One kernelspec and what to try on it. The attributes are code of its language, or None where the language has
    nothing of the kind. "Prints" means to standard output, a newline included, unless said otherwise.
    """

    kernelspec: ClassVar[Kernelspec]
    """The spec under test."""
    kernel_options: ClassVar[Mapping[str, str]] = {}
    """`KernelContext.options`."""
    kernel_settings: ClassVar[Mapping[str, Any]] = {}
    """`KernelContext.settings`."""
    seconds: ClassVar[float] = 30.0
    """How long one request may take before its test fails."""

    prints_hello: ClassVar[str | None] = None
    """Prints `hello`."""
    prints_to_stderr: ClassVar[str | None] = None
    """Prints `careful` to standard error, or a stream that stands for it."""
    prints_in_order: ClassVar[str | None] = None
    """Prints `one`, prints `two` to standard error, shows (not prints) `three`, prints `four`."""
    prints_unicode: ClassVar[str | None] = None
    """Prints `UNICODE`."""
    prints_many_lines: ClassVar[str | None] = None
    """Prints `MANY_LINES` lines."""
    prints_bad_utf8: ClassVar[str | None] = None
    """Writes the bytes `ca FF fe` between `<` and `>` to its process's standard output, as a program of another
    encoding would."""
    runs_a_program: ClassVar[str | None] = None
    """Runs another program that prints `from a program`."""

    result: ClassVar[tuple[str, str] | None] = None
    """Code with a result, and the `text/plain` of that result."""
    silent: ClassVar[str | None] = None
    """Succeeds and shows nothing."""
    shows_html: ClassVar[str | None] = None
    """Displays the HTML `<b>bold</b>`."""
    updates_a_display: ClassVar[str | None] = None
    """Displays `first`, then makes that display `second`."""

    fails: ClassVar[tuple[str, str] | None] = None
    """Prints `before`, then fails at run time on line 2; and a part of the error's `ename` or `evalue`."""
    cannot_be_parsed: ClassVar[str | None] = None
    """Would print `never` in its first line, and holds a syntax error in its last."""

    loops_forever: ClassVar[str | None] = None
    """Prints `started`, then computes without end."""
    waits_forever: ClassVar[str | None] = None
    """Prints `started`, then waits (sleeps) for a minute at least."""
    dies: ClassVar[str | None] = None
    """Ends the kernel's own process at once."""
    starts_a_child: ClassVar[str | None] = None
    """Starts a program in the background that sleeps for a minute at least, and prints its process id."""

    assigns: ClassVar[str | None] = None
    """Sets the variable `answer` to the integer 42."""
    prints_answer: ClassVar[str | None] = None
    """Prints the variable `answer`; fails, or prints anything but `42`, where there is none."""
    changes_answer: ClassVar[str | None] = None
    """Sets the variable `answer` to another value."""
    removes_answer: ClassVar[str | None] = None
    """Deletes the variable `answer`."""
    untransferable: ClassVar[tuple[str, str] | None] = None
    """Sets the variable `stuck` to what can't travel, and a part of its type's name."""
    kinds: ClassVar[Collection[str]] = ()
    """The kinds of `verso.testing.typed_values.SAMPLES` that come back from `set_variable` and `get_variable` as
    they were."""

    asks: ClassVar[str | None] = None
    """Asks for a line with the prompt `name? ` and prints `hello ` and the answer."""
    completes: ClassVar[tuple[str, str, str] | None] = None
    """Code to run first, code to complete at its end, and a completion that must be among the proposals."""
    inspects: ClassVar[tuple[str, str, str] | None] = None
    """Code to run first, code to inspect at its end, and a text that the answer's `text/plain` must hold."""
    diagnoses: ClassVar[tuple[str, int] | None] = None
    """Code with something wrong, and the line of the first diagnostic."""

    def random_values(self) -> st.SearchStrategy[TypedValue]:
        """Random values that must come back as they were; narrow it where the language has less."""
        return typed_values([kind for kind in self.kinds if kind != "table"])

    def context(self, folder: Path) -> TestKernelContext:
        """What the kernel is handed. The working folder is `folder / "work"`."""
        for name in ("work", "exchange"):
            (folder / name).mkdir(exist_ok=True)
        return TestKernelContext(
            directory=folder / "work",
            exchange=folder / "exchange",
            options=self.kernel_options,
            settings=self.kernel_settings,
        )

    async def new_kernel(self, folder: Path) -> Kernel:
        """A kernel, not started; skips the test where it can't start here."""
        context = self.context(folder)
        found = availability(self.kernelspec, context)
        if not found.found:
            pytest.skip(f"{self.kernelspec.name} is not here: {found.how_to_get}")
        return await make_kernel(self.kernelspec, context)

    @pytest_asyncio.fixture
    async def kernel(self, tmp_path: Path) -> AsyncIterator[Kernel]:
        """A started kernel, shut down afterwards."""
        async with await self.new_kernel(tmp_path) as kernel:
            yield kernel

    def sample(self, name: str) -> Any:
        """The sample of this name; skips the test where there is none."""
        value = getattr(self, name)
        if value is None:
            pytest.skip(f"no sample {name!r} for {self.kernelspec.name}")
        return value

    async def run(self, kernel: Kernel, code: str, *answers: Answer) -> tuple[ExecuteReply, RecordingSink]:
        """Executes `code`; the reply and all that it put out."""
        sink = RecordingSink(answers)
        request = ExecuteRequest(
            code=code, name="cell-1", language=self.kernelspec.name, allow_input=bool(answers), cell_id="cell"
        )
        async with asyncio.timeout(self.seconds):
            return await kernel.execute(request, sink), sink

    async def run_until(self, kernel: Kernel, code: str, text: str) -> tuple[asyncio.Task[ExecuteReply], RecordingSink]:
        """Begins to execute `code` and waits until it printed `text`."""
        sink = RecordingSink()
        request = ExecuteRequest(code=code, name="cell-1", language=self.kernelspec.name)
        running = asyncio.create_task(kernel.execute(request, sink))
        await sink.until(lambda sink: text in sink.text() or running.done(), seconds=self.seconds)
        assert not running.done(), f"it ended by itself: {sink.shown}"
        return running, sink
