"""What every kernel promises, as tests (pytest, pytest-asyncio in auto mode).

Subclass `KernelContract` in a test module, name the kernelspec, and give samples in the kernel's language (they are
described in `KernelSamples`). A test whose sample is missing is skipped and says so; nothing else has to be written.

    class TestDiceKernel(KernelContract):
        kernelspec = SPEC
        prints_hello = "say hello"
        fails = ("say before\nroll 0 dice", "at least one")
"""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from verso.api.errors import KernelDiedError, VariableError
from verso.api.kernel import Kernel
from verso.api.messages import (
    CompleteRequest,
    DiagnoseRequest,
    ExecuteReply,
    ExecuteRequest,
    InspectRequest,
    UpdateDisplayData,
)
from verso.api.mime import PLAIN
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.api.values import TypedValue
from verso.testing.kernel_samples import MANY_LINES, UNICODE, KernelSamples
from verso.testing.sinks import RecordingSink
from verso.testing.typed_values import SAMPLES, meaning


class KernelContract(KernelSamples):
    """One suite over one kernelspec."""

    # --- starting and stopping ----------------------------------------------------------------------------

    def test_the_spec_names_itself(self) -> None:
        assert self.kernelspec.name and self.kernelspec.title
        assert not any(character.isspace() for name in self._names() for character in name)
        re.compile(self.kernelspec.identifier)

    def _names(self) -> tuple[str, ...]:
        return (self.kernelspec.name, *self.kernelspec.aliases)

    async def test_start_tells_the_language_and_is_one_kernel(self, tmp_path: Path) -> None:
        async with await self.new_kernel(tmp_path) as kernel:
            info = await kernel.start()
            assert info.language
            assert (await kernel.start()).language == info.language

    async def test_shutdown_may_come_twice_and_before_start(self, tmp_path: Path) -> None:
        kernel = await self.new_kernel(tmp_path)
        await kernel.shutdown()
        await kernel.start()
        await kernel.shutdown()
        await kernel.shutdown()

    async def test_restart_forgets(self, kernel: Kernel) -> None:
        assigns, prints = self.sample("assigns"), self.sample("prints_answer")
        await self.run(kernel, assigns)
        assert "42" in (await self.run(kernel, prints))[1].text()
        await kernel.restart()
        reply, sink = await self.run(kernel, prints)
        assert reply.status == "error" or "42" not in sink.text()

    async def test_two_kernels_share_nothing(self, kernel: Kernel, tmp_path: Path) -> None:
        assigns, prints = self.sample("assigns"), self.sample("prints_answer")
        await self.run(kernel, assigns)
        async with await self.new_kernel(tmp_path) as other:
            reply, sink = await self.run(other, prints)
            assert reply.status == "error" or "42" not in sink.text()

    async def test_a_death_is_told_and_restart_lives_again(self, kernel: Kernel) -> None:
        with pytest.raises(KernelDiedError) as caught:
            await self.run(kernel, self.sample("dies"))
        assert caught.value.what and caught.value.next_step
        await kernel.restart()
        if self.prints_hello is not None:
            assert (await self.run(kernel, self.prints_hello))[0].status == "ok"

    async def test_children_end_with_the_kernel(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, self.sample("starts_a_child"))
        digits = re.search(r"\d+", sink.text())
        assert digits, f"no process id in {sink.text()!r}"
        assert _runs(int(digits[0]))
        await kernel.shutdown()
        async with asyncio.timeout(self.seconds):
            while _runs(int(digits[0])):  # noqa: ASYNC110 (another program's end is no event of ours)
                await asyncio.sleep(0.01)

    # --- output -------------------------------------------------------------------------------------------

    async def test_prints(self, kernel: Kernel) -> None:
        reply, sink = await self.run(kernel, self.sample("prints_hello"))
        assert reply.status == "ok"
        assert _lines(sink.text("stdout")) == ["hello"]

    async def test_prints_to_stderr(self, kernel: Kernel) -> None:
        reply, sink = await self.run(kernel, self.sample("prints_to_stderr"))
        assert reply.status == "ok"
        assert "careful" in sink.text() and "careful" not in sink.text("stdout")

    async def test_output_is_in_the_order_of_the_program(self, kernel: Kernel) -> None:
        code = self.sample("prints_in_order")
        for _ in range(5):
            _, sink = await self.run(kernel, code)
            assert re.findall(r"one|two|three|four", sink.shown) == ["one", "two", "three", "four"]
            assert any("three" in str(bundle.get(PLAIN, "")) for bundle in sink.bundles)

    async def test_text_of_all_scripts_arrives(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, self.sample("prints_unicode"))
        assert _lines(sink.text("stdout")) == [UNICODE]

    async def test_bytes_that_are_no_text_are_shown_as_such(self, kernel: Kernel) -> None:
        reply, sink = await self.run(kernel, self.sample("prints_bad_utf8"))
        assert reply.status == "ok"
        assert re.search("<\N{REPLACEMENT CHARACTER}{2,3}>", sink.text())
        if self.prints_hello is not None:
            assert _lines((await self.run(kernel, self.prints_hello))[1].text()) == ["hello"]

    async def test_large_output_arrives_whole_and_in_order(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, self.sample("prints_many_lines"))
        assert _lines(sink.text("stdout")) == [f"line {number}" for number in range(MANY_LINES)]

    async def test_what_a_program_prints_is_output(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, self.sample("runs_a_program"))
        assert "from a program" in sink.text()

    async def test_a_result_is_shown_once(self, kernel: Kernel) -> None:
        code, plain = self.sample("result")
        reply, sink = await self.run(kernel, code)
        assert reply.status == "ok"
        shown = [str(bundle.get(PLAIN, "")).strip() for bundle in sink.bundles] or [sink.text().strip()]
        assert shown == [plain]

    async def test_what_is_silent_shows_nothing(self, kernel: Kernel) -> None:
        reply, sink = await self.run(kernel, self.sample("silent"))
        assert reply.status == "ok" and sink.outputs == []

    async def test_empty_code_is_fine(self, kernel: Kernel) -> None:
        for code in ("", "\n", "  \n\n"):
            reply, sink = await self.run(kernel, code)
            assert reply.status == "ok" and sink.errors == []

    async def test_a_display_has_its_rich_view_and_plain_text(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, self.sample("shows_html"))
        (bundle,) = sink.bundles
        assert "<b>bold</b>" in bundle["text/html"]
        assert bundle.get(PLAIN), "a rich view comes with text/plain"

    async def test_a_display_is_updated(self, kernel: Kernel) -> None:
        _, sink = await self.run(kernel, self.sample("updates_a_display"))
        first = next(output for output in sink.outputs if isinstance(output, DisplayData | ExecuteResult))
        last = [output for output in sink.outputs if isinstance(output, UpdateDisplayData)][-1]
        assert first.display_id and last.display_id == first.display_id
        assert "first" in str(first.data) and "second" in str(last.data)

    # --- errors -------------------------------------------------------------------------------------------

    async def test_a_failure_is_an_error_output(self, kernel: Kernel) -> None:
        code, words = self.sample("fails")
        reply, sink = await self.run(kernel, code)
        assert reply.status == "error"
        error = sink.errors[-1]
        assert words in f"{error.ename}: {error.evalue}"
        assert error.line in (0, 2)
        assert "before" in sink.text()
        assert isinstance(sink.outputs[0], Stream) and any(isinstance(output, Error) for output in sink.outputs[1:])

    async def test_the_kernel_goes_on_after_a_failure(self, kernel: Kernel) -> None:
        code, _ = self.sample("fails")
        await self.run(kernel, code)
        assert (await self.run(kernel, self.sample("prints_hello")))[0].status == "ok"

    async def test_what_can_not_be_parsed_runs_nothing(self, kernel: Kernel) -> None:
        reply, sink = await self.run(kernel, self.sample("cannot_be_parsed"))
        assert reply.status == "error" and sink.errors
        assert "never" not in sink.text()

    # --- ahead --------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("ends_well", [True, False])
    async def test_what_was_handed_over_begins_after_success_alone(self, kernel: Kernel, ends_well: bool) -> None:
        first = self.sample("assigns") if ends_well else self.sample("fails")[0]
        sink = RecordingSink()
        running = asyncio.ensure_future(self.run(kernel, first))
        await asyncio.sleep(0)  # it is with the kernel now
        request = ExecuteRequest(code=self.sample("prints_hello"), name="cell-2")
        following = kernel.execute_next(request, sink)
        again = kernel.execute_next(request, sink)
        await running
        if following is None:
            pytest.skip("this kernel takes nothing ahead")
        reply = await following
        assert again is None
        assert (reply is not None and reply.status == "ok") if ends_well else reply is None
        assert sink.text().strip() == ("hello" if ends_well else "")
        assert (await self.run(kernel, self.sample("prints_hello")))[1].text().strip() == "hello"

    # --- interrupts ---------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", ["loops_forever", "waits_forever"])
    async def test_an_interrupt_stops_the_code_and_keeps_the_state(self, kernel: Kernel, name: str) -> None:
        code = self.sample(name)
        if self.assigns is not None:
            await self.run(kernel, self.assigns)
        for _ in range(3):
            running, _ = await self.run_until(kernel, code, "started")
            await kernel.interrupt()
            async with asyncio.timeout(self.seconds):
                assert (await running).status == "cancelled"
        if self.prints_answer is not None and self.assigns is not None:
            assert "42" in (await self.run(kernel, self.prints_answer))[1].text()

    async def test_an_interrupt_of_nothing_is_harmless(self, kernel: Kernel) -> None:
        code = self.sample("prints_hello")
        for _ in range(5):
            await kernel.interrupt()
            reply, sink = await self.run(kernel, code)
            assert reply.status == "ok" and "hello" in sink.text()

    async def test_shutdown_while_code_runs_ends_it(self, kernel: Kernel) -> None:
        running, _ = await self.run_until(kernel, self.sample("loops_forever"), "started")
        async with asyncio.timeout(self.seconds):
            await kernel.shutdown()
            await asyncio.wait({running})
        assert running.exception() is not None or running.result().status != "ok"

    # --- variables ----------------------------------------------------------------------------------------

    async def test_changes_are_reported(self, kernel: Kernel) -> None:
        reply, _ = await self.run(kernel, self.sample("assigns"))
        (info,) = [info for info in reply.changes.added if info.name == "answer"]
        assert info.type and "42" in info.preview
        if self.silent is not None:
            again, _ = await self.run(kernel, self.silent)
            assert "answer" not in _changed_names(again)
        if self.changes_answer is not None:
            changed, _ = await self.run(kernel, self.changes_answer)
            assert "answer" in [info.name for info in changed.changes.changed]
        if self.removes_answer is not None:
            removed, _ = await self.run(kernel, self.removes_answer)
            assert "answer" in removed.changes.removed

    async def test_variables_are_listed(self, kernel: Kernel) -> None:
        before = {info.name for info in await kernel.list_variables()}
        await self.run(kernel, self.sample("assigns"))
        assert {info.name for info in await kernel.list_variables()} - before == {"answer"}

    async def test_a_variable_is_read(self, kernel: Kernel) -> None:
        await self.run(kernel, self.sample("assigns"))
        assert await kernel.get_variable("answer") == {"t": "int", "v": "42"}

    async def test_a_variable_is_set(self, kernel: Kernel) -> None:
        prints = self.sample("prints_answer")
        await kernel.set_variable("answer", {"t": "int", "v": "42"})
        assert "42" in (await self.run(kernel, prints))[1].text()
        assert "answer" in {info.name for info in await kernel.list_variables()}

    async def test_an_unknown_variable_is_an_error(self, kernel: Kernel) -> None:
        with pytest.raises(VariableError, match="nowhere_to_be_found"):
            await kernel.get_variable("nowhere_to_be_found")

    async def test_what_can_not_travel_says_so(self, kernel: Kernel) -> None:
        code, type_name = self.sample("untransferable")
        await self.run(kernel, code)
        with pytest.raises(VariableError, match=re.escape(type_name)):
            await kernel.get_variable("stuck")

    @pytest.mark.parametrize("kind", sorted(SAMPLES))
    async def test_values_of_each_kind_come_back(self, kernel: Kernel, kind: str) -> None:
        if kind not in self.kinds:
            pytest.skip(f"{self.kernelspec.name} does not keep values of the kind {kind!r}")
        for value in SAMPLES[kind]:
            await kernel.set_variable("value", value)
            assert meaning(await kernel.get_variable("value")) == meaning(value)

    def test_random_values_come_back(self, tmp_path: Path) -> None:
        if not self.kinds:
            pytest.skip(f"{self.kernelspec.name} keeps no values")
        values = self.random_values()  # may skip: before there is a kernel to end
        with asyncio.Runner() as runner:
            kernel = runner.run(self.new_kernel(tmp_path))
            runner.run(kernel.start())

            @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
            @given(values)
            def comes_back(value: TypedValue) -> None:
                runner.run(kernel.set_variable("value", value))
                assert meaning(runner.run(kernel.get_variable("value"))) == meaning(value)

            try:
                comes_back()
            finally:
                runner.run(kernel.shutdown())

    # --- questions and knowledge --------------------------------------------------------------------------

    async def test_a_question_is_answered(self, kernel: Kernel) -> None:
        reply, sink = await self.run(kernel, self.sample("asks"), "žofie")
        assert reply.status == "ok"
        (question,) = sink.questions
        assert question.prompt.strip().startswith("name")
        assert "hello žofie" in sink.text()

    async def test_a_question_that_nobody_answers_fails_the_code(self, kernel: Kernel) -> None:
        reply, sink = await self.run(kernel, self.sample("asks"))
        assert reply.status == "error" and sink.errors

    async def test_completion(self, kernel: Kernel) -> None:
        first, code, expected = self.sample("completes")
        await self.run(kernel, first)
        async with asyncio.timeout(self.seconds):
            reply = await kernel.complete(CompleteRequest(code=code, position=len(code), language=self.kernelspec.name))
        assert expected in [proposal.text for proposal in reply.completions]
        assert 0 <= reply.start <= reply.end <= len(code)

    async def test_completion_counts_in_code_points(self, kernel: Kernel) -> None:
        first, code, expected = self.sample("completes")
        await self.run(kernel, first)
        before = f"{self.kernelspec.comment} 😀😀\n"
        request = CompleteRequest(code=before + code, position=len(before + code), language=self.kernelspec.name)
        async with asyncio.timeout(self.seconds):
            reply = await kernel.complete(request)
            plain = await kernel.complete(CompleteRequest(code=code, position=len(code)))
        assert expected in [proposal.text for proposal in reply.completions]
        assert (reply.start, reply.end) == (plain.start + len(before), plain.end + len(before))

    async def test_inspection(self, kernel: Kernel) -> None:
        first, code, expected = self.sample("inspects")
        await self.run(kernel, first)
        async with asyncio.timeout(self.seconds):
            reply = await kernel.inspect(InspectRequest(code=code, position=len(code), language=self.kernelspec.name))
        assert reply.found and expected in str(reply.data[PLAIN])

    async def test_inspection_of_nothing(self, kernel: Kernel) -> None:
        self.sample("inspects")
        async with asyncio.timeout(self.seconds):
            reply = await kernel.inspect(InspectRequest(code="", position=0, language=self.kernelspec.name))
        assert not reply.found and not reply.data

    async def test_diagnostics(self, kernel: Kernel) -> None:
        code, line = self.sample("diagnoses")
        async with asyncio.timeout(self.seconds):
            reply = await kernel.diagnose(DiagnoseRequest(code=code, language=self.kernelspec.name))
        first = reply.diagnostics[0]
        assert first.line == line and first.column >= 1 and first.message
        if self.prints_hello is not None:
            right = await kernel.diagnose(DiagnoseRequest(code=self.prints_hello, language=self.kernelspec.name))
            assert [found for found in right.diagnostics if found.severity == "error"] == []


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").strip("\n").split("\n")


def _changed_names(reply: ExecuteReply) -> list[str]:
    changes = reply.changes
    return [info.name for info in (*changes.added, *changes.changed)] + list(changes.removed)


def _runs(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except ProcessLookupError:
        return False
    except OSError:  # no /proc here: signal 0 told
        return True
    return stat.rpartition(")")[2].split()[0] != "Z"
