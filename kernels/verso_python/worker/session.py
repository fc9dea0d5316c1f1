"""The worker as a whole: its parts, put together, and the loop that answers requests in order."""

from __future__ import annotations

import builtins
import os
import sys

from .channel import Channel
from .display import Display
from .execution import Execution
from .imports import ImportHooks
from .inbox import Inbox
from .interrupts import Interrupts
from .kinds import Any, Message
from .patches import install_patches
from .prompts import Prompts
from .sources import Sources
from .streams import Streams
from .variables import Variables


def serve(reads: int, writes: int, values: str, folders: list[str]) -> None:
    """Answers requests until `shutdown`; then returns, so that the interpreter ends in its usual way.

    `folders`: of modules that plugins ship for cells.
    """
    main = sys.modules["__main__"] = type(sys)("__main__")
    main.__builtins__ = builtins  # type: ignore[attr-defined]
    sys.argv = [""]
    sys.path.extend(folders)
    if not getattr(sys.flags, "safe_path", False):
        sys.path.insert(0, os.getcwd())
    Session(reads, writes, values, main.__dict__).serve()


class Session:
    """One conversation with an engine."""

    def __init__(self, reads: int, writes: int, values: str, namespace: dict[str, Any]) -> None:
        self._values = values
        self._namespace = namespace
        self._interrupts = Interrupts()
        self._interrupts.install()
        self._streams = Streams(self._interrupts)
        self._streams.install()
        self._channel = Channel(reads, writes, self._streams, self._interrupts)
        self._inbox = Inbox(self._channel, self._streams, self._interrupts)
        self._prompts = Prompts(self._channel, self._inbox)
        self._sources = Sources()
        self._display = Display(self._channel, lambda error: self._execution.report(error))
        self._variables = Variables(namespace)
        self._execution = Execution(
            namespace, self._display, self._interrupts, self._sources, self._variables, self._new_loop
        )
        self._exchange: Any = None
        self._ended_ok = ""
        """Id of the execute request that ended last, if it ended `ok`."""
        hooks = ImportHooks()
        hooks.install()
        self._prompts.install(hooks)
        install_patches(hooks, self._display, self._sources, self._execution, self._streams)
        os.register_at_fork(after_in_child=self._channel.close)

    def serve(self) -> None:
        """Says `ready` and works."""
        self._channel.send_now(
            {
                "type": "ready",
                "protocol": 1,
                "language": "python",
                "version": sys.version.split()[0],
                "program": sys.executable,
                "ahead": True,
                "arrow": any(os.path.isdir(os.path.join(folder, "pyarrow")) for folder in sys.path),
                "detail": {"implementation": sys.implementation.name},
            }
        )
        self._inbox.start()
        while True:
            self._wait()
            request = self._inbox.take()
            self._interrupts.forget()  # a signal that came before concerned what had ended already
            if request["type"] == "shutdown":
                break
            self._answer(request)
        self._end(request)

    def _wait(self) -> None:
        """Lets background tasks of the user's go on while there is nothing to do."""
        loop = self._execution.loop
        if loop is not None:
            try:
                self._interrupts.run(loop.wait)
            except KeyboardInterrupt:
                pass

    def _answer(self, request: Message) -> None:
        kind = request["type"]
        answer = getattr(self, "_on_" + kind, None)
        try:
            if answer is None:
                reply: Message = {"status": "error", "message": "this worker knows no request %r" % kind}
            else:
                reply = answer(request)
        except Exception as error:  # the worker's own fault; the engine tells it and goes on
            reply = {"status": "error", "message": "%s: %s" % (type(error).__name__, error)}
        self._inbox.done()
        self._channel.send_now({"type": "reply", "id": request.get("id"), **reply})

    def _end(self, request: Message) -> None:
        loop = self._execution.loop
        if loop is not None:
            loop.close()
        self._channel.send({"type": "reply", "id": request.get("id"), "status": "ok"})
        self._inbox.done()

    def _new_loop(self) -> Any:
        from .loop import Loop

        return Loop(self._inbox, self._interrupts)

    # --- requests -----------------------------------------------------------------------------------------

    def _on_execute(self, request: Message) -> Message:
        identity = request.get("id") or ""
        if request.get("after") not in (None, self._ended_ok):
            return {"status": "withdrawn"}
        self._display.cell = self._prompts.cell = identity
        self._prompts.allowed = bool(request.get("allow_input"))
        self._inbox.running = identity
        self._interrupts.install()
        if self._inbox.unwanted(identity):
            self._interrupts.hold()
        self._streams.begin()
        text = str(request.get("code", "")).replace("\r\n", "\n").replace("\r", "\n")
        reply = self._execution.execute(text, str(request.get("name") or "cell"))
        reply["changes"] = self._variables.changes()
        self._ended_ok = identity if reply["status"] == "ok" else ""
        self._flush()
        return reply

    def _flush(self) -> None:
        """Before the reply: what C code keeps in its own buffers, and then all that was printed."""
        ctypes = sys.modules.get("ctypes")
        if ctypes is not None:
            try:
                ctypes.CDLL(None).fflush(None)
            except Exception:
                pass
        with self._interrupts:
            self._streams.settle()

    def _on_variables(self, request: Message) -> Message:
        return {"status": "ok", "variables": self._variables.infos()}

    def _on_get_variable(self, request: Message) -> Message:
        reply: Message = self._transfer().get(request)
        return reply

    def _on_set_variable(self, request: Message) -> Message:
        reply: Message = self._transfer().set(request)
        return reply

    def _on_complete(self, request: Message) -> Message:
        from .completion import complete

        return complete(request, self._namespace, self._execution.magics.shell)

    def _on_inspect(self, request: Message) -> Message:
        from .inspection import inspect

        return inspect(request, self._namespace)

    def _on_diagnose(self, request: Message) -> Message:
        from .diagnostics import diagnose

        return diagnose(request, self._namespace, self._execution.magics.transform)

    def _transfer(self) -> Any:
        if self._exchange is None:
            from .transfer import Transfer

            self._exchange = Transfer(self._variables, self._values)
        return self._exchange
