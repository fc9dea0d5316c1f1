"""Runs cells: compiles, executes, shows the last expression, tells of exceptions."""

from __future__ import annotations

from .cell import FUTURES, Cell, compile_cell
from .display import Display
from .history import History
from .interrupts import Interrupts
from .kinds import Any, Callable, Message
from .magics import Magics
from .sources import Sources
from .variables import Variables


class Execution:
    """The namespace and what happens to it."""

    def __init__(
        self,
        namespace: dict[str, Any],
        display: Display,
        interrupts: Interrupts,
        sources: Sources,
        variables: Variables,
        new_loop: Callable[[], Any],
    ) -> None:
        self.namespace = namespace
        self.count = 0
        self.loop: Any = None
        self.before_cell: list[Callable[[], object]] = []
        self.after_cell: list[Callable[[], object]] = []
        """What other parts do when a cell's code has run, while its outputs still belong to it (open figures)."""
        self._new_loop = new_loop
        self._display = display
        self._interrupts = interrupts
        self._sources = sources
        self._variables = variables
        self._history = History(namespace)
        self.magics = Magics(namespace, display, variables)
        self._futures = 0
        self._file = ""
        variables.hide(set(History.NAMES))

    def execute(self, text: str, name: str) -> Message:
        """Runs a cell and returns the fields of its reply: `status`, `execution_count`, `detail`.

        An exception of the user's code was put out as an `error` message before.
        """
        self.count += 1
        self._history.input(text)
        self._file = self._sources.add(name, text)
        self._variables.begin([])
        self.namespace.pop("__warningregistry__", None)
        status = "ok"
        detail: Message = {}
        try:
            self._interrupts.run(self._run, text)
        except KeyboardInterrupt as error:
            status = "cancelled"
            self._tell(error)
        except SystemExit as error:
            status, detail = self._exit(error)
        except BaseException as error:
            status = "error"
            self._tell(error)
        for finish in (self.magics.end, *self.after_cell):
            status = self._finish(finish, status)
        return {"status": status, "execution_count": self.count, "detail": detail}

    def report(self, error: BaseException) -> None:
        """Tells of an exception after which the cell goes on (a formatter that raised)."""
        self._tell(error, fatal=False)

    def _finish(self, work: Callable[[], object], status: str) -> str:
        try:
            self._interrupts.run(work)
        except KeyboardInterrupt:
            return "cancelled"
        except BaseException as error:
            self._tell(error)
            return "error"
        return status

    def _run(self, text: str) -> None:
        """Compiles and runs. All in here can be interrupted."""
        cell = self._compiled(text)
        if "get_ipython" in text:
            self.magics.shell()  # so that the name is there
        self.magics.begin(text)
        for code in cell.codes:
            self._futures |= code.co_flags & FUTURES
        self._variables.begin(cell.codes)
        if cell.in_loop:
            value = self._in_loop(cell)
        else:
            if cell.body is not None:
                exec(cell.body, self.namespace)
            value = eval(cell.result, self.namespace) if cell.result is not None else None
        if value is not None:
            self._variables.expect(self._history.result(value, self.count))
            self._display.result(value, self.count)

    def _compiled(self, text: str) -> Cell:
        try:
            return compile_cell(text, self._file, self._futures)
        except SyntaxError as error:
            text = self.magics.transform(text, error)  # it may be IPython's: nobody else pays for looking
        return compile_cell(text, self._file, self._futures)

    def _in_loop(self, cell: Cell) -> Any:
        if self.loop is None:
            self.loop = self._new_loop()
        return self.loop.run(run_async(cell, self.namespace))

    def _exit(self, error: SystemExit) -> tuple[str, Message]:
        """`sys.exit()` ends the cell, not the kernel. As for a program, only a code other than 0 is a failure."""
        code = error.code
        number = 0 if code is None else code if isinstance(code, int) else 1
        if number:
            self._tell(error)
        return ("error" if number else "ok"), {"exit_code": number}

    def _tell(self, error: BaseException, fatal: bool = True) -> None:
        from .tracebacks import describe

        with self._interrupts:
            message = describe(error, self._file, self._sources)
            message["fatal"] = fatal
            if isinstance(error, SystemExit):
                message["detail"] = {"exit_code": error.code if isinstance(error.code, int) else 1}
            self._display.send(message)


async def run_async(cell: Cell, namespace: dict[str, Any]) -> Any:
    """A cell as a coroutine: its statements, then the value of its last expression."""
    value = None
    for code in cell.codes:
        value = eval(code, namespace)
        if code.co_flags & 0x80:
            value = await value
    return value if cell.result is not None else None
