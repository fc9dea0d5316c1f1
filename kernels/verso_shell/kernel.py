"""bash, zsh and sh as kernels: a shell that lives on from cell to cell, on a terminal of its own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from verso.api.errors import KernelDiedError, KernelStartError, VariableError
from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import (
    CompleteReply,
    CompleteRequest,
    DiagnoseReply,
    DiagnoseRequest,
    ExecuteReply,
    ExecuteRequest,
    InspectReply,
    InspectRequest,
)
from verso.api.outputs import Error, Stream
from verso.api.values import TypedValue
from verso.api.variables import VariableInfo
from verso_shell import completion, diagnostics, find, inspection, values
from verso_shell.declarations import Variable
from verso_shell.dialects import BASH, SH, ZSH, Dialect
from verso_shell.environment import shell_environment
from verso_shell.questions import Questions
from verso_shell.shell import Shell
from verso_shell.snapshot import Snapshot, changes, describe, shareable, user_variables
from verso_shell.terminal import Terminal

_UNSAFE: Final = re.compile(r"[^\w.-]+")


async def create_bash(context: KernelContext) -> Kernel:
    """Bash."""
    return ShellKernel(BASH, context)


async def create_zsh(context: KernelContext) -> Kernel:
    """Zsh."""
    return ShellKernel(ZSH, context)


async def create_sh(context: KernelContext) -> Kernel:
    """Whatever `sh` is on this machine: dash, busybox, bash."""
    return ShellKernel(SH, context)


class ShellKernel(Kernel):
    """A shell. Settings (`verso.shell`): `stderr` is `separate` (the default) or `terminal`, where stdout and stderr
    share one terminal and are shown in exact order as one stream; `startup_files`: whether the user's own start-up
    files are read (not by default: a notebook shall do the same for everybody); `programs`: shell name → path."""

    def __init__(self, dialect: Dialect, context: KernelContext) -> None:
        self._dialect = dialect
        self._context = context
        self._shell: Shell | None = None
        self._info: KernelInfo | None = None
        self._folder: Path | None = None
        self._baseline = Snapshot()
        self._now = Snapshot()
        self._variables: Mapping[str, Variable] = {}
        self._traced = False
        self._tables = 0

    # --- life -------------------------------------------------------------------------------------------------

    async def start(self) -> KernelInfo:
        if self._info is not None and self._shell is not None:
            return self._info
        program = find.program(self._dialect, self._context)
        if program is None:
            raise KernelStartError(f"there is no {self._dialect.name} here", next_step=self._dialect.how_to_get)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="verso-shell-"))
        try:
            await self._begin(program, self._context.directory)
        except BaseException:
            await self.shutdown()
            raise
        self._info = KernelInfo(language=self._dialect.name, version=self._now.version, program=program)
        return self._info

    async def _begin(self, program: str, directory: Path) -> None:
        settings = self._context.settings
        own_files = () if settings.get("startup_files") else self._dialect.quiet
        terminal = Terminal(
            (program, *own_files, *self._dialect.arguments),
            directory=directory,
            environ=shell_environment(os.environ),
            separate=settings.get("stderr") != "terminal",
        )
        assert self._folder is not None
        shell = Shell(self._dialect, terminal, self._folder)
        try:
            self._baseline = self._now = await shell.start()
        except BaseException:
            await shell.stop()
            raise
        self._shell = shell
        self._variables = {}
        self._traced = False

    async def shutdown(self) -> None:
        shell, self._shell, self._info = self._shell, None, None
        if shell is not None:
            await shell.stop()
        folder, self._folder = self._folder, None
        if folder is not None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _alive(self) -> Shell:
        if self._shell is None:
            raise KernelDiedError(f"the {self._dialect.name} kernel does not run", next_step="Restart the kernel.")
        return self._shell

    # --- execution --------------------------------------------------------------------------------------------

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        shell = self._alive()
        if not request.code.strip():
            return ExecuteReply()
        name = _UNSAFE.sub("-", request.name) or "cell"
        found = await diagnostics.check(self._dialect, self._program, request.code)
        faults = [each for each in found.diagnostics if each.severity == "error"]
        if faults:
            first = faults[0]
            place = f"{name}, line {first.line}: {first.message}"
            sink.put(Error(ename="SyntaxError", evalue=first.message, line=first.line, traceback=(place,)))
            return ExecuteReply(status="error")
        path = await asyncio.to_thread(self._write, name, request.code)
        shell.sink = sink
        report, questions = await shell.run(path, sink)
        if report is None:
            return await self._ended(shell, sink)
        return self._finished(shell, report, questions, path, sink)

    @property
    def _program(self) -> str:
        return self._info.program if self._info is not None else self._dialect.name

    def _write(self, name: str, code: str) -> Path:
        assert self._folder is not None
        path = self._folder / name
        # `set -x` is off while our own lines run; on the cell's first line, so that its lines keep their numbers
        trace = "{ set -x; } 2>/dev/null; " if self._traced else ""
        path.write_bytes(f"{trace}{code}\n".encode("utf-8", "replace"))
        return path

    def _finished(self, shell: Shell, report: Snapshot, questions: Questions, path: Path, sink: Sink) -> ExecuteReply:
        self._now = report
        self._traced = "x" in report.flags
        before, self._variables = self._variables, user_variables(report, self._baseline)
        changed = changes(before, self._variables)
        detail = {"exit_status": report.status}
        if questions.unanswered is not None:
            error = questions.unanswered
            sink.put(Error(ename="InputNotAvailable", evalue=error.what, traceback=(str(error),)))
            return ExecuteReply(status="error", changes=changed, detail=detail)
        # A second ^C can come when the cell it was meant for has ended: then it is this one that it stopped.
        if shell.interrupted or (report.aborted and report.status == 128 + signal.SIGINT):
            return ExecuteReply(status="cancelled", changes=changed, detail=detail)
        if report.status == 0:
            return ExecuteReply(changes=changed, detail=detail)
        sink.put(_failure(self._dialect, report, path, shell.last_error))
        return ExecuteReply(status="error", changes=changed, detail=detail)

    async def _ended(self, shell: Shell, sink: Sink) -> ExecuteReply:
        """The shell is gone: by `exit` (or `set -e`), and a new one takes its place; or it was killed."""
        code = shell.terminal.returncode
        fate = shell.fate
        await shell.stop()
        self._shell = None
        if fate is not None:
            raise fate
        if code is None or code < 0:
            name = signal.Signals(-code).name if code else "an unknown cause"
            self._info = None
            raise KernelDiedError(
                f"the {self._dialect.name} kernel died: it was ended by {name}",
                next_step="Restart the kernel and run the cells again whose variables are needed: they are gone.",
            )
        lost = tuple(self._variables)
        await self._begin(self._program, self._context.directory)
        gone = "a new one was started: variables, functions and the folder are as at the beginning"
        reply_changes = changes({name: Variable(name=name, value=None) for name in lost}, {})
        detail = {"exit_status": code, "shell_ended": True}
        if code == 0:
            sink.put(Stream(name="stderr", text=f"the shell ended (exit); {gone}\n"))
            return ExecuteReply(changes=reply_changes, detail=detail)
        said = f"the shell ended with exit status {code} (exit, or a failure under set -e); {gone}"
        sink.put(Error(ename="ShellEnded", evalue=said, traceback=(said,), detail=detail))
        return ExecuteReply(status="error", changes=reply_changes, detail=detail)

    async def interrupt(self) -> None:
        shell = self._shell
        if shell is not None and shell.busy:
            await shell.interrupt()

    # --- variables --------------------------------------------------------------------------------------------

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        return tuple(describe(variable) for variable in self._variables.values())

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        variable = self._now.variables.get(name)
        if variable is None or variable.value is None or name.startswith("__verso_"):
            known = ", ".join(self._variables) or "none"
            raise VariableError(f"{self._dialect.name} has no variable {name!r}", next_step=f"it has: {known}")
        return values.typed_value(variable)

    async def set_variable(self, name: str, value: TypedValue) -> None:
        shell = self._alive()
        assert self._folder is not None
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise VariableError(
                f"{name!r} is no name that {self._dialect.name} allows: letters a-z, digits and _ only",
                next_step=f"give it another one: #!share --from KERNEL {name} --as other_name",
            )
        if not shareable(name, self._baseline):
            raise VariableError(
                f"{self._dialect.name} itself uses the name {name!r}, so it was not set",
                next_step=f"give it another one: #!share --from KERNEL {name} --as my_{name.lower()}",
            )
        self._tables += 1
        table = self._folder / f"{name}-{self._tables}.csv"
        lines = await asyncio.to_thread(self._assignment, name, value, table)
        path = self._folder / "assignment"
        await asyncio.to_thread(path.write_bytes, lines)
        report, said = await shell.call(f". {path}")
        if report is None:
            raise KernelDiedError(f"{self._dialect.name} ended when {name!r} was set", next_step="Restart the kernel.")
        self._now = report
        self._variables = user_variables(report, self._baseline)
        if said.strip():
            raise VariableError(f"{self._dialect.name} did not take {name!r}: {said.strip()}")

    def _assignment(self, name: str, value: TypedValue, table: Path) -> bytes:
        dialect = self._dialect
        old = self._now.variables.get(name)
        return values.assignment(
            name,
            value,
            arrays=dialect.arrays,
            maps=self._has_maps,
            bash=dialect is BASH,
            renew=old is not None and old.kind != "string",
            table=table,
        )

    @property
    def _has_maps(self) -> bool:
        old = self._dialect is BASH and self._now.version.partition(".")[0] in ("2", "3")
        return self._dialect.maps and not old

    # --- knowledge --------------------------------------------------------------------------------------------

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        shell = self._alive()
        names = await self._ask(shell, "__verso_names")
        return await asyncio.to_thread(completion.complete, request, self._now, names.split())

    async def inspect(self, request: InspectRequest) -> InspectReply:
        word = inspection.word_at(request.code, request.position)
        if word.startswith("$"):
            return inspection.variable(self._now.variables.get(word[1:]))
        if not word:
            return InspectReply()
        described = await self._ask(self._alive(), f"__verso_describe {inspection.quoted(word)}")
        return await inspection.command(word, described)

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        return await diagnostics.check(self._dialect, self._program, request.code)

    async def _ask(self, shell: Shell, command: str) -> str:
        """What a function of ours prints."""
        assert self._folder is not None
        answer = self._folder / "answer"
        report, _ = await shell.call(f"{{ {command}; }} >|{answer}")
        if report is None or not answer.exists():
            return ""
        return await asyncio.to_thread(answer.read_text, encoding="utf-8", errors="replace")


def _failure(dialect: Dialect, report: Snapshot, path: Path, last_error: str) -> Error:
    """The error of a cell whose last command failed: its exit status, the last line on stderr, and the line of the cell
    where the shell tells it."""
    status = report.status
    told = last_error.strip().splitlines()
    evalue = f"exit status {status}"
    if status > 128:
        try:
            evalue += f" ({signal.Signals(status - 128).name})"
        except ValueError:
            pass
    line = _line(dialect, report, path, told)
    where = f"{path.name}, line {line}: " if line else ""
    message = f"{evalue}: {told[-1]}" if told else evalue
    return Error(
        ename="ExitStatus",
        evalue=message,
        line=line,
        traceback=(f"{where}{message}",),
        detail={"exit_status": status},
    )


def _line(dialect: Dialect, report: Snapshot, path: Path, told: list[str]) -> int:
    for place in report.at.split(","):
        file, _, number = place.rpartition(":")
        if file == str(path) and number.isdecimal():
            return int(number)
    found = re.search(dialect.place.format(name=re.escape(path.name)), told[-1]) if told else None
    return int(found[1]) if found else 0
