"""The HTTP kernel: fills in a cell's requests, sends them one after the other, and keeps the responses."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any
from urllib.parse import urljoin

from verso.api.errors import KernelStartError, VariableError, VersoError
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
from verso.api.outputs import DisplayData, Error
from verso.api.previews import shorten
from verso.api.values import TypedValue, encode
from verso.api.variables import VariableChanges, VariableInfo
from verso_http import editor
from verso_http.bodies import body_bytes
from verso_http.document import HttpFormatError, HttpRequest, read_document
from verso_http.responses import HttpResponse, bundle, mask_url, secrets_of
from verso_http.values import UnresolvedError, Values

RESPONSE = "httpResponse"
STATUS = "httpStatus"
"""The names of the last response and its status, as in the program whose notebooks we read."""

TIMEOUT = 30.0
"""Seconds that a request may take; the setting `timeout` says otherwise."""


async def create(context: KernelContext) -> HttpKernel:
    """See `verso.api.kernel.Kernelspec.create`."""
    return HttpKernel(context)


class HttpKernel(Kernel):
    """HTTP requests in process, with one cookie jar for the notebook. See `verso.api.kernel.Kernel`."""

    def __init__(self, context: KernelContext) -> None:
        self._context = context
        self._responses: dict[str, dict[str, Any]] = {}
        self._shown: dict[str, HttpResponse] = {}
        self.values = Values(context.directory, self._responses)
        self._sender: Any = None
        self._sending: asyncio.Task[HttpResponse] | None = None
        self._interrupted = False
        self._defaults()

    def _defaults(self) -> None:
        settings = self._context.settings
        self.base = str(settings.get("base") or "")
        self.headers: dict[str, str] = {}
        timeout = settings.get("timeout")
        self.timeout = float(timeout) if isinstance(timeout, (int, float)) and timeout >= 0 else TIMEOUT

    async def start(self) -> KernelInfo:
        if self._sender is None:
            try:
                sending = await asyncio.to_thread(importlib.import_module, "verso_http.sending")
            except ImportError as error:
                raise KernelStartError(
                    f"HTTP cells need httpx2: {error}", next_step='pip install "verso-notebook[http]"'
                ) from error
            self._sender = sending.Sender()
        return KernelInfo(language="HTTP", version="1.1", program="in process")

    async def shutdown(self) -> None:
        sender, self._sender = self._sender, None
        if sender is not None:
            await sender.close()
        self._responses.clear()
        self._shown.clear()
        self.values.clear()
        self._defaults()

    async def interrupt(self) -> None:
        self._interrupted = True
        if self._sending is not None:
            self._sending.cancel()

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        await self.start()
        self._interrupted = False
        changed: dict[str, bool] = {}
        try:
            document = read_document(request.code)
            for each in document.requests:
                self._define(each.variables)
                response = await self._answer(each)
                if response is None:
                    return ExecuteReply(status="cancelled", changes=self._changes(changed))
                self._keep(each.name, response, changed)
                self.values.secrets |= secrets_of(response)
                sink.put(DisplayData(data=bundle(response, self.values.secrets)))
            self._define(document.variables)
        except VersoError as error:
            sink.put(_error(error, request.code))
            return ExecuteReply(status="error", changes=self._changes(changed))
        return ExecuteReply(status="ok", changes=self._changes(changed))

    def _define(self, variables: tuple[tuple[str, str, int], ...]) -> None:
        for name, text, _ in variables:
            self.values.define(name, text)

    async def _answer(self, request: HttpRequest) -> HttpResponse | None:
        """The response to a request; None when the cell was interrupted meanwhile."""
        ready = await self._ready(request)
        if self._interrupted:
            return None
        self._sending = asyncio.create_task(self._sender.send(ready))
        try:
            return await self._sending
        except asyncio.CancelledError:
            if not self._interrupted:
                self._sending.cancel()
                raise
            return None
        finally:
            self._sending = None

    async def _ready(self, request: HttpRequest) -> Any:
        fill = self.values.fill
        headers = [(name, fill(value)) for name, value in request.headers]
        given = {name.lower() for name, _ in headers}
        headers += [(name, fill(value)) for name, value in self.headers.items() if name.lower() not in given]
        content = b""
        if request.body:
            kind = next((value for name, value in headers if name.lower() == "content-type"), "")
            content = await asyncio.to_thread(
                body_bytes, request.body, request.body_line, kind, self._context.directory, fill
            )
        return importlib.import_module("verso_http.sending").ReadyRequest(
            method=request.method,
            url=self._url(fill(request.url), headers),
            headers=tuple(headers),
            content=content,
            redirects=request.redirects,
            cookies=request.cookies,
            timeout=self.timeout if request.timeout is None else request.timeout,
        )

    def _url(self, url: str, headers: list[tuple[str, str]]) -> str:
        """The whole URL: a path goes to the `Host` header or to the base, a bare host is http."""
        if "://" in url.partition("?")[0]:
            return url
        host = next((value for name, value in headers if name.lower() == "host"), "")
        if url.startswith("/") and host:
            secure = host.endswith(":443")
            return f"{'https' if secure else 'http'}://{host}{url}"
        base = self.values.fill(self.base)
        if base:
            # A path is below the base, also when it begins with a slash.
            return urljoin(base.rstrip("/") + "/", url.lstrip("/")) if not url.startswith("?") else base + url
        if url.startswith(("/", "?")):
            raise VariableError(f"{url!r} has no host", next_step="write the whole URL, or set #!http-set-base")
        return f"http://{url}"

    def _keep(self, name: str, response: HttpResponse, changed: dict[str, bool]) -> None:
        for each in (name, RESPONSE):
            if each:
                changed.setdefault(each, each in self._responses)
                self._responses[each] = response.data()
                self._shown[each] = response
        changed.setdefault(STATUS, False)

    def _changes(self, changed: dict[str, bool]) -> VariableChanges:
        infos = {name: self._info(name) for name in changed}
        return VariableChanges(
            added=tuple(info for name, info in infos.items() if not changed[name]),
            changed=tuple(info for name, info in infos.items() if changed[name]),
        )

    def _info(self, name: str) -> VariableInfo:
        response = self._shown[RESPONSE if name == STATUS else name]
        if name == STATUS:
            return VariableInfo(name=name, type="int", preview=str(response.status))
        preview = f"{response.status} {response.reason} {response.method} {mask_url(response.url)}"
        return VariableInfo(name=name, type="response", preview=shorten(preview))

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        return editor.complete(request.code, request.position, self.values)

    async def inspect(self, request: InspectRequest) -> InspectReply:
        return editor.inspect(request.code, request.position, self.values)

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        return editor.diagnose(request.code, self.values)

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        names = (*self._responses, STATUS) if self._responses else ()
        return tuple(self._info(name) for name in names)

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        if name == STATUS and self._responses:
            return encode(self._responses[RESPONSE]["status"])
        if name in self._responses:
            return encode(self._responses[name])
        shared = self.values.shared(name)
        if shared is None:
            raise VariableError(f"HTTP has no variable {name!r}", next_step="name a request with # @name and send it")
        return shared

    async def set_variable(self, name: str, value: TypedValue) -> None:
        if value["t"] == "table" and "arrow" in value["v"]:
            raise VariableError("HTTP cells read tables as rows, not as Arrow files")
        self.values.share(name, value)


def _error(error: VersoError, code: str) -> Error:
    line = column = 0
    if isinstance(error, HttpFormatError):
        line, column = error.line, error.column
    elif isinstance(error, UnresolvedError):
        line, column = editor.place_of(error.expression, code)
    name = getattr(error, "name", None) or type(error).__name__
    told = f"{error.what}\n  {error.next_step}" if error.next_step else error.what
    where = (f"line {line}, column {column}",) if line else ()
    return Error(ename=name, evalue=told, traceback=(f"{name}: {told}", *where), line=line, column=column)
