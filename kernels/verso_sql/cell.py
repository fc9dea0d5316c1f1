"""The execution of one cell: its statements one after the other, what they gave, and where one failed."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from verso.api.kernel import Sink
from verso.api.messages import ExecuteReply
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.api.variables import VariableChanges
from verso_sql.binding import UnknownReferenceError
from verso_sql.connection import Connection, Done, Outcome, Reading, StatementError, StoppedError
from verso_sql.display import bundle
from verso_sql.options import CellOptions
from verso_sql.runner import AbandonedError, StatementRunner
from verso_sql.statement import Statement, line_and_column

LAST_RESULT = "lastSqlResult"
"""The name of a result that the cell gave none, as in the program whose notebooks we read."""


class CellRun:
    """One cell. `count`: the kernel's execution count."""

    def __init__(self, runner: StatementRunner, code: str, sink: Sink, count: int) -> None:
        self._runner = runner
        self._code = code
        self._sink = sink
        self._count = count
        self._changes = VariableChanges()
        self._stopped = threading.Event()
        self._timed_out = False

    def stop(self) -> None:
        """Stops the statement that runs, or the next one where none has begun yet."""
        self._stopped.set()
        self._runner.stop()

    async def all(
        self, connection: Connection, statements: tuple[Statement, ...], options: CellOptions
    ) -> ExecuteReply:
        reading = self._runner.reading(options, self._stopped)
        timer = None
        if options.timeout:
            timer = asyncio.get_running_loop().call_later(options.timeout, self._time_out)
        try:
            for place, statement in enumerate(statements):
                reply = await self._one(connection, statement, reading, options, place == len(statements) - 1)
                if reply is not None:
                    return reply
        finally:
            if timer is not None:
                timer.cancel()
        return self._reply("ok")

    async def _one(
        self, connection: Connection, statement: Statement, reading: Reading, options: CellOptions, last: bool
    ) -> ExecuteReply | None:
        """Runs a statement and shows what it gave; a reply when the cell ends with it."""
        runner = self._runner
        try:
            outcomes = await runner.run(statement, connection, reading)
        except AbandonedError as error:
            return self._refused(
                statement,
                "KernelUnresponsiveError",
                f"the statement did not stop, so connection {error} was dropped\n  open it again with #!sql-connect",
                0,
            )
        except StoppedError:
            if self._timed_out:
                return self._refused(statement, "TimeoutError", f"stopped after {options.timeout:g} seconds", 0)
            return self._reply("cancelled")
        except UnknownReferenceError as error:
            return self._refused(statement, "VariableError", str(error), error.offset)
        except StatementError as error:
            hint = await runner.hint(error, connection)
            message = f"{error.message}\n  {hint}" if hint else error.message
            return self._refused(statement, error.name, message, error.offset or 0, code=error.code)
        for place, outcome in enumerate(outcomes):
            self._show(outcome, options, last and place == len(outcomes) - 1)
        return None

    def _show(self, outcome: Outcome, options: CellOptions, last: bool) -> None:
        if isinstance(outcome, Done):
            self._tell(outcome, options)
            return
        self._changes = _merged(self._changes, self._runner.keep(options.name or LAST_RESULT, outcome))
        if not options.display:
            return
        data = bundle(outcome)
        if last:
            self._sink.put(ExecuteResult(data=data, execution_count=self._count))
        else:
            self._sink.put(DisplayData(data=data))

    def _tell(self, done: Done, options: CellOptions) -> None:
        for notice in done.notices:
            self._sink.put(Stream(name="stderr", text=f"{notice}\n"))
        if options.display and done.count is not None:
            rows = f"{done.count:,} row{'s' * (done.count != 1)}"
            self._sink.put(Stream(name="stdout", text=f"{rows} affected\n"))

    def _time_out(self) -> None:
        self._timed_out = True
        self.stop()

    def _refused(self, statement: Statement, name: str, message: str, offset: int, *, code: str = "") -> ExecuteReply:
        line, column = line_and_column(self._code, statement.start + offset)
        return self.failed(name, message, line, column, code=code)

    def failed(self, name: str, message: str, line: int, column: int, *, code: str = "") -> ExecuteReply:
        """Puts the error out; the reply that goes with it."""
        source = self._code.split("\n")[line - 1] if line <= self._code.count("\n") + 1 else ""
        shown, caret = _excerpt(source, column)
        self._sink.put(
            Error(
                ename=name,
                evalue=message,
                traceback=(f"{name}: {message}", f"line {line}, column {column}", f"  {shown}", f"  {caret}"),
                line=line,
                column=column,
                detail={"code": code} if code else {},
            )
        )
        return self._reply("error")

    def _reply(self, status: Any) -> ExecuteReply:
        return ExecuteReply(status=status, execution_count=self._count, changes=self._changes)


def _excerpt(source: str, column: int) -> tuple[str, str]:
    """The part of a line around a column, and a caret below it."""
    start = max(0, column - 80)
    shown = source[start : start + 120]
    indent = "".join("\t" if character == "\t" else " " for character in source[start : column - 1])
    return shown, f"{indent}^"


def _merged(first: VariableChanges, second: VariableChanges) -> VariableChanges:
    """The changes of several results of one cell: a name is said once, as it is at the end."""
    added = {info.name: info for info in first.added}
    changed = {info.name: info for info in first.changed}
    removed = dict.fromkeys(first.removed)
    for info in (*second.added, *second.changed):
        if info.name in removed:
            del removed[info.name]
            changed[info.name] = info
        elif info.name in added or (info in second.added and info.name not in changed):
            added[info.name] = info
        else:
            changed[info.name] = info
    for name in second.removed:
        if added.pop(name, None) is None:
            changed.pop(name, None)
            removed[name] = None
    return VariableChanges(added=tuple(added.values()), changed=tuple(changed.values()), removed=tuple(removed))
