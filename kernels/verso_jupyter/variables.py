"""The variables of a Jupyter kernel, where its language lets Verso ask: Python (IPython) and R (IRkernel).

A program in that language (`worker/`) is sent to the kernel once and answers requests in JSON:
`{"type": "changes" | "list" | "get" | "set" | "diagnose", …}` → `{"status": "ok", …}` or
`{"status": "error", "what": "unknown" | "untransferable" | "name", "message": …}`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from verso.api import values
from verso.api.errors import KernelDiedError, KernelError, VariableError
from verso.api.messages import Diagnostic
from verso.api.outputs import Error, Stream
from verso.api.values import TypedValue
from verso.api.variables import VariableChanges, VariableInfo
from verso_jupyter.messages import Content, output_from

WORKER: Final = Path(__file__).parent / "worker"
_PYTHON_MODULES: Final = ("previews", "changes", "tables", "answers")
_PACKAGE: Final = "verso_jupyter_worker"
_EXPRESSION: Final = "verso"
_MIME: Final = "application/x-verso"

Run = Callable[[dict[str, Any], Callable[[str, Content], None]], Awaitable[Content]]
"""Executes code (the fields of an `execute_request`) that is none of the user's; gives its reply."""


class Variables(ABC):
    """A kernel's variables. `expressions`: `user_expressions` that come with each execution of the user's, whose
    answers `changes_from` reads."""

    arrow: bool = False
    expressions: Mapping[str, str] = {}

    @abstractmethod
    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The worker's answer. `VariableError` when it is an error."""

    async def changes(self, reply: Content) -> VariableChanges:
        """What the execution with this reply did to the variables."""
        answer = await self.ask({"type": "changes"})
        return _changes(answer)

    async def list(self) -> tuple[VariableInfo, ...]:
        """All variables."""
        answer = await self.ask({"type": "list"})
        return tuple(VariableInfo(**info) for info in answer["variables"])

    async def get(self, name: str, exchange: str) -> TypedValue:
        """A variable's value; tables go by Arrow file into the folder `exchange`, or by rows when it is empty."""
        answer = await self.ask({"type": "get", "name": name, "exchange": exchange})
        value: TypedValue = answer["value"]
        return value

    async def set(self, name: str, value: TypedValue) -> None:
        """Makes or changes a variable."""
        await self.ask({"type": "set", "name": name, "value": value})

    async def diagnose(self, code: str) -> tuple[tuple[Diagnostic, ...], bool] | None:
        """The diagnostics of code and whether it lacks its end; None where only the kernel itself can say."""
        return None


class NoVariables(Variables):
    """The variables of a language that Verso can't ask for them."""

    def __init__(self, language: str) -> None:
        self._language = language

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        what = f"{request['name']!r} can't be {'set' if request['type'] == 'set' else 'read'}"
        raise VariableError(
            f"{what}: of Jupyter kernels, Verso shares variables with Python and R, and this one runs {self._language}",
            next_step="print the value there and read it here, or write it to a file",
        )

    async def changes(self, reply: Content) -> VariableChanges:
        return VariableChanges()

    async def list(self) -> tuple[VariableInfo, ...]:
        return ()


class PythonVariables(Variables):
    """Python in IPython: the answers come as the values of user expressions, so that nothing is printed and a cell and
    the question what it changed are one request."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.expressions = {_EXPRESSION: _call({"type": "changes"})}

    async def install(self, exchange: Path) -> None:
        """Sends the worker. `KernelError` when this Python is none of IPython's."""
        sources = {"values": Path(values.__file__), **{name: WORKER / f"{name}.py" for name in _PYTHON_MODULES}}
        texts = {name: path.read_text(encoding="utf-8") for name, path in sources.items()}
        loader = (WORKER / "load.py").read_text(encoding="utf-8")
        code = f"exec(compile({loader!r}, 'verso', 'exec'), {{'package': {_PACKAGE!r}, 'texts': {texts!r}}})"
        reply = await self._run({"code": code}, _ignore)
        if reply.get("status") != "ok":
            raise KernelError(f"{reply.get('ename')}: {reply.get('evalue')}")
        answer = await self.ask({"type": "begin", "exchange": str(exchange)})
        self.arrow = bool(answer["arrow"])

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        reply = await self._run({"code": "", "user_expressions": {_EXPRESSION: _call(request)}}, _ignore)
        return _checked(_expression_value(reply))

    async def changes(self, reply: Content) -> VariableChanges:
        if (reply.get("user_expressions") or {}).get(_EXPRESSION):
            return _changes(_checked(_expression_value(reply)))
        return await super().changes(reply)  # expressions are not evaluated when the code failed

    async def diagnose(self, code: str) -> tuple[tuple[Diagnostic, ...], bool] | None:
        answer = await self.ask({"type": "diagnose", "code": code})
        found = tuple(Diagnostic(source="python", **each) for each in answer["diagnostics"])
        return found, bool(answer["incomplete"])


class RVariables(Variables):
    """R in IRkernel: the answers are printed, as a request that the user does not see."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def install(self) -> None:
        """Sends the worker. `KernelError` when this R lacks what it needs (jsonlite)."""
        text, errors = await self._print((WORKER / "variables.R").read_text(encoding="utf-8"))
        if errors or "verso ready" not in text:
            raise KernelError(errors or text)

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        # JSON's escapes are R's, except for half a surrogate pair, which no R text can have.
        text, errors = await self._print(f".verso$answer({json.dumps(json.dumps(request, ensure_ascii=False))})")
        if errors:
            raise VariableError(f"R can't answer: {errors}")
        try:
            answer = json.loads(text)
        except ValueError as error:
            raise VariableError(f"R's answer can't be read: {error}") from None
        return _checked(answer)

    async def _print(self, code: str) -> tuple[str, str]:
        text: list[str] = []
        errors: list[str] = []

        def collect(kind: str, content: Content) -> None:
            output = output_from(kind, content)
            if isinstance(output, Stream) and output.name == "stdout":
                text.append(output.text)
            elif isinstance(output, Error):
                errors.append(f"{output.ename} {output.evalue}".strip())

        await self._run({"code": code, "silent": False}, collect)
        return "".join(text), "; ".join(errors)


async def variables_of(language: str, run: Run, exchange: Path) -> Variables:
    """The variables of a kernel that has just started. `KernelDiedError` when it ended meanwhile."""
    try:
        if language == "python":
            python = PythonVariables(run)
            await python.install(exchange)
            return python
        if language == "r":
            r = RVariables(run)
            await r.install()
            return r
    except KernelDiedError:
        raise
    except (KernelError, VariableError) as error:
        return NoVariables(f"{language} that can't be asked ({error})")
    return NoVariables(language)


def _call(request: dict[str, Any]) -> str:
    return f"__import__({_PACKAGE!r}).answers.answer({json.dumps(request)!r})"


def _ignore(kind: str, content: Content) -> None:
    return None


def _expression_value(reply: Content) -> dict[str, Any]:
    found = (reply.get("user_expressions") or {}).get(_EXPRESSION) or {}
    if found.get("status") != "ok":
        why = f"{found.get('ename')}: {found.get('evalue')}" if found else f"the kernel was {reply.get('status')}"
        raise VariableError(f"the kernel can't be asked for its variables: {why}")
    answer: dict[str, Any] = json.loads(found["data"][_MIME])
    return answer


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("status") != "ok":
        raise VariableError(str(answer.get("message")))
    return answer


def _changes(answer: dict[str, Any]) -> VariableChanges:
    return VariableChanges(
        added=tuple(VariableInfo(**info) for info in answer["added"]),
        changed=tuple(VariableInfo(**info) for info in answer["changed"]),
        removed=tuple(answer["removed"]),
    )
