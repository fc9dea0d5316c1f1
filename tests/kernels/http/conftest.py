"""A local server that does what its paths say, and a started kernel."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio
from aiohttp import web
from verso_http.kernel import HttpKernel

from verso.api.messages import ExecuteReply, ExecuteRequest
from verso.testing.context import TestKernelContext
from verso.testing.sinks import Answer, RecordingSink

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "path": request.path_qs,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": body.decode("utf-8", "replace"),
            "sha256": hashlib.sha256(body).hexdigest(),
            "cookies": dict(request.cookies),
        },
        status=int(request.query.get("status", 200)),
    )


async def login(request: web.Request) -> web.Response:
    response = web.json_response({"access_token": "t0ken-123", "user": {"name": "Žofie", "ids": [{"id": 7}]}})
    response.set_cookie("session", "c00kie-secret")
    return response


async def redirect(request: web.Request) -> web.Response:
    raise web.HTTPFound("/echo?from=redirect")


async def moved(request: web.Request) -> web.Response:
    raise web.HTTPFound(f"/echo?{request.query_string}")


async def circle(request: web.Request) -> web.Response:
    raise web.HTTPFound("/circle")


async def slow(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response(text="late")


async def drop(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def content(body: bytes, kind: str) -> web.Response:
    return web.Response(body=body, content_type=kind)


async def typed(request: web.Request) -> web.Response:
    return {
        "xml": lambda: content(b"<a><b c='1'>x</b></a>", "application/xml"),
        "bomb": lambda: content(b"<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>", "application/xml"),
        "html": lambda: content(b"<script>alert(1)</script>", "text/html"),
        "png": lambda: content(PIXEL, "image/png"),
        "bytes": lambda: content(b"\x00\xff", "application/octet-stream"),
        "bad-json": lambda: content(b"{", "application/json"),
        "latin": lambda: web.Response(
            body="žluť".encode("iso-8859-2"), headers={"Content-Type": "text/plain; charset=iso-8859-2"}
        ),
        "empty": lambda: web.Response(status=204),
        "declared-xml": lambda: content(
            '<?xml version="1.0" encoding="iso-8859-2"?><a>ž</a>'.encode("iso-8859-2"), "application/xml"
        ),
        "declared-html": lambda: content('<meta charset="iso-8859-2">ž'.encode("iso-8859-2"), "text/html"),
        "marked": lambda: content("ž".encode("utf-16"), "text/plain"),
        "gzip": lambda: web.Response(
            body=gzip.compress("žluť".encode()), headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"}
        ),
        "no-gzip": lambda: web.Response(
            body=b"not at all", headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"}
        ),
        "terminal": lambda: content(b"\x1b[31mred\x07", "text/plain"),
        "many": lambda: content(b"x" * 300_000, "text/plain"),
    }[request.match_info["kind"]]()


@asynccontextmanager
async def serve(application: web.Application, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Runs a server while the block lasts; `host:port`."""
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    yield f"127.0.0.1:{port}"
    await runner.cleanup()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_route("*", "/echo", echo)
    application.router.add_route("*", "/v1/{rest:.*}", echo)
    application.router.add_get("/login", login)
    application.router.add_get("/redirect", redirect)
    application.router.add_get("/moved", moved)
    application.router.add_get("/circle", circle)
    application.router.add_get("/slow", slow)
    application.router.add_get("/drop", drop)
    application.router.add_get("/typed/{kind}", typed)
    async with serve(application) as address:
        yield f"http://{address}"


class Cells:
    """Runs cells against the server; `{S}` in a cell is its URL, `{P}` its port."""

    def __init__(self, kernel: HttpKernel, server: str, folder: Path) -> None:
        self.kernel = kernel
        self.server = server
        self.folder = folder

    async def run(self, code: str, *answers: Answer) -> tuple[ExecuteReply, RecordingSink]:
        sink = RecordingSink(answers)
        request = ExecuteRequest(
            code=code.replace("{S}", self.server).replace("{P}", self.server.rpartition(":")[2]), language="http"
        )
        return await self.kernel.execute(request, sink), sink

    async def ok(self, code: str) -> RecordingSink:
        reply, sink = await self.run(code)
        assert reply.status == "ok", sink.shown
        return sink

    async def body(self, code: str) -> dict[str, object]:
        """The JSON that the server answered last."""
        await self.ok(code)
        found: dict[str, object] = self.kernel._responses["httpResponse"]["body"]
        return found


@pytest_asyncio.fixture
async def cells(tmp_path: Path, server: str) -> AsyncIterator[Cells]:
    async with HttpKernel(TestKernelContext(directory=tmp_path, exchange=tmp_path)) as kernel:
        yield Cells(kernel, server, tmp_path)
