"""The HTTP kernel: fills in a cell's requests, sends them one after the other, and keeps the responses."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urljoin

from verso.api.errors import InputNotAvailableError, KernelStartError, VariableError, VersoError
from verso.api.kernel import Kernel, KernelContext, KernelInfo, Sink
from verso.api.messages import (
    CompleteReply,
    CompleteRequest,
    DiagnoseReply,
    DiagnoseRequest,
    ExecuteReply,
    ExecuteRequest,
    InputRequest,
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
from verso_http.masking import has_secrets, is_secret, mask_url, secrets_in_request, secrets_in_response
from verso_http.responses import HttpResponse, bundle
from verso_http.values import UnresolvedError, Values

T = TypeVar("T")

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
        self._infos: dict[str, VariableInfo] = {}
        self.values = Values(context.directory, self._responses)
        self._sender: Any = None
        self._at_work: asyncio.Task[Any] | None = None
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
            self._sender = await asyncio.to_thread(sending.Sender, self._verify())
        return KernelInfo(language="HTTP", version="1.1", program="in process")

    def _verify(self) -> bool | Path:
        """The setting `verify`: whether to check certificates, or a file of those to trust."""
        chosen = self._context.settings.get("verify", True)
        return self._context.directory / chosen if isinstance(chosen, str) else bool(chosen)

    async def shutdown(self) -> None:
        sender, self._sender = self._sender, None
        if sender is not None:
            await sender.close()
        self._responses.clear()
        self._infos.clear()
        self.values.clear()
        self._defaults()

    async def interrupt(self) -> None:
        self._interrupted = True
        if self._at_work is not None:
            self._at_work.cancel()

    async def execute(self, request: ExecuteRequest, sink: Sink) -> ExecuteReply:
        await self.start()
        self._interrupted = False
        known = frozenset(self._infos)
        touched: dict[str, None] = {}
        status: Literal["ok", "error", "cancelled"] = "ok"
        try:
            document = read_document(request.code)
            for each in document.requests:
                self._define(each.variables)
                await self._ask(each.prompts, sink)
                response = await self._answer(each)
                if response is None:
                    status = "cancelled"
                    break
                data, info, views = await asyncio.to_thread(self._read, response)
                names = (each.name, RESPONSE) if each.name else (RESPONSE,)
                touched.update(dict.fromkeys(self._keep(names, data, info)))
                sink.put(DisplayData(data=views))
            else:
                self._define(document.variables)
        except VersoError as error:
            sink.put(self._error(error, request.code))
            status = "error"
        return ExecuteReply(status=status, changes=self._changes(touched, known))

    def _define(self, variables: tuple[tuple[str, str, int], ...]) -> None:
        for name, text, _ in variables:
            self.values.define(name, text)

    async def _ask(self, prompts: tuple[tuple[str, str], ...], sink: Sink) -> None:
        """Asks for the values that `# @prompt` names. `InputNotAvailableError`."""
        for name, description in prompts:
            kind: Literal["secret", "line"] = "secret" if is_secret(name) else "line"
            words = description or name
            question = InputRequest(prompt=words + (" " if words[-1] in "?:" else ": "), kind=kind)
            answer = await self._unless_interrupted(sink.ask(question))
            if self._interrupted:
                return
            if answer is None:
                raise InputNotAvailableError(f"input ended before there was a value for {name!r}")
            self.values.share(name, encode(answer))

    async def _answer(self, request: HttpRequest) -> HttpResponse | None:
        """The response to a request; None when the cell was interrupted meanwhile."""
        if self._interrupted:
            return None
        ready = await asyncio.to_thread(self._ready, request)
        return None if self._interrupted else await self._unless_interrupted(self._sender.send(ready))

    async def _unless_interrupted(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What the work returns; None when the cell was interrupted meanwhile."""
        self._at_work = task = asyncio.ensure_future(work)
        try:
            return await task
        except asyncio.CancelledError:
            if not self._interrupted:
                task.cancel()
                raise
            return None
        finally:
            self._at_work = None

    def _ready(self, request: HttpRequest) -> Any:
        """The request with everything filled in; what it carries of secrets is known from then on. Reads files and
        searches earlier bodies, so it is called off the loop."""
        fill = self.values.fill
        headers = [(name, fill(value)) for name, value in request.headers]
        given = {name.lower() for name, _ in headers}
        headers += [(name, fill(value)) for name, value in self.headers.items() if name.lower() not in given]
        content = b""
        if request.body:
            kind = next((value for name, value in headers if name.lower() == "content-type"), "")
            content = body_bytes(request.body, request.body_line, kind, self._context.directory, fill)
        url = self._url(fill(request.url), headers)
        for secret in secrets_in_request(url, headers):
            self.values.secrets.add(secret)
        return importlib.import_module("verso_http.sending").ReadyRequest(
            method=request.method,
            url=url,
            headers=tuple(headers),
            content=content,
            redirects=request.redirects,
            cookies=request.cookies,
            timeout=self.timeout if request.timeout is None else request.timeout,
        )

    def _read(self, response: HttpResponse) -> tuple[dict[str, Any], VariableInfo, dict[str, Any]]:
        """A response as data, as a variable, and as a bundle. Called off the loop, since bodies may be large."""
        data = response.data()
        for secret in secrets_in_request(response.url, response.request_headers):
            self.values.secrets.add(secret)
        for secret in secrets_in_response(response.headers, data["body"]):
            self.values.secrets.add(secret)
        url = self._mask(mask_url(response.url))
        preview = f"{response.status} {response.reason} {response.method} {url}"
        info = VariableInfo(
            name=RESPONSE,
            type="response",
            preview=shorten(preview),
            secret=has_secrets(response.headers, response.request_headers, data["body"]),
        )
        return data, info, bundle(response, self._mask)

    def _mask(self, text: str) -> str:
        return self._context.secrets.mask(self.values.secrets.mask(text))

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

    def _keep(self, names: tuple[str, ...], data: dict[str, Any], info: VariableInfo) -> tuple[str, ...]:
        """Makes a response the value of variables; returns the names of all that it changed."""
        for name in names:
            self._responses[name] = data
            self._infos[name] = info.replace(name=name)
        self._infos[STATUS] = VariableInfo(name=STATUS, type="int", preview=str(data["status"]))
        return (*names, STATUS)

    def _changes(self, touched: Iterable[str], known: frozenset[str]) -> VariableChanges:
        return VariableChanges(
            added=tuple(self._infos[name] for name in touched if name not in known),
            changed=tuple(self._infos[name] for name in touched if name in known),
        )

    def _error(self, error: VersoError, code: str) -> Error:
        line = column = 0
        if isinstance(error, HttpFormatError):
            line, column = error.line, error.column
        elif isinstance(error, UnresolvedError):
            line, column = editor.place_of(error.expression, code)
        name = getattr(error, "name", None) or type(error).__name__
        told = self._mask(mask_url(f"{error.what}\n  {error.next_step}" if error.next_step else error.what))
        where = (f"line {line}, column {column}",) if line else ()
        return Error(ename=name, evalue=told, traceback=(f"{name}: {told}", *where), line=line, column=column)

    async def complete(self, request: CompleteRequest) -> CompleteReply:
        return editor.complete(request.code, request.position, self.values)

    async def inspect(self, request: InspectRequest) -> InspectReply:
        return editor.inspect(request.code, request.position, self.values, self._mask)

    async def diagnose(self, request: DiagnoseRequest) -> DiagnoseReply:
        return editor.diagnose(request.code, self.values)

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        return tuple(self._infos.values())

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
