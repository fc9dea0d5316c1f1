"""Sends requests with httpx2: cookies of the notebook, redirects, time limits, and what failed in plain words.

Imports httpx2, so it is loaded by its name when the kernel starts.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
import time
from pathlib import Path

import httpx2

from verso.api.errors import VersoError
from verso.api.record import Record
from verso_http.masking import mask_url
from verso_http.responses import HttpResponse, declared_encoding

MAX_BYTES = 256 * 1024 * 1024
_AUTHORIZATION = re.compile(r"(basic|digest)\s+(\S+?)(?::|\s+)(\S.*)$", re.IGNORECASE)


class SendError(VersoError):
    """A request got no whole response. `name`: the kind of failure."""

    def __init__(self, name: str, what: str, *, next_step: str = "") -> None:
        super().__init__(what, next_step=next_step)
        self.name = name


class ReadyRequest(Record):
    """A request with everything filled in. `timeout`: seconds until the whole response is there, 0 for no limit."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""
    redirects: bool = True
    cookies: bool = True
    timeout: float = 30.0


class Sender:
    """An HTTP client with a cookie jar. Close it at the end.

    `verify`: whether servers must have a certificate that this machine trusts, or a file of those to trust instead.
    `SendError` for a file that can't be read.
    """

    def __init__(self, verify: bool | Path = True) -> None:
        self._verify: bool | ssl.SSLContext = verify if isinstance(verify, bool) else _trusting(verify)
        self._client = self._new_client()

    def _new_client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(timeout=None, follow_redirects=False, verify=self._verify)

    async def send(self, ready: ReadyRequest) -> HttpResponse:
        """The whole response. `SendError`; cancelling the task ends the request."""
        shown = mask_url(ready.url)
        try:
            async with asyncio.timeout(ready.timeout or None):
                if ready.cookies:
                    return await self._send(self._client, ready)
                async with self._new_client() as client:
                    return await self._send(client, ready)
        except TimeoutError:
            raise SendError(
                "TimeoutError",
                f"{ready.method} {shown} had no whole answer after {ready.timeout:g} seconds",
                next_step="#!http-set-timeout or # @timeout gives it longer",
            ) from None
        except httpx2.TooManyRedirects:
            raise SendError(
                "TooManyRedirects", f"{shown} redirects in a circle", next_step="# @no-redirect shows the first answer"
            ) from None
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.LocalProtocolError, UnicodeError) as error:
            raise SendError(type(error).__name__, f"{shown} can't be asked: {error}") from None
        except httpx2.ConnectError as error:
            raise SendError(
                "ConnectError", f"no connection to {shown}: {error}", next_step=_what_to_do(str(error))
            ) from None
        except httpx2.HTTPError as error:
            what = str(error) or "the connection ended"
            raise SendError(type(error).__name__, f"{ready.method} {shown} failed: {what}") from None
        except Exception as error:  # what the client's own parts let through: a port beyond 65535, a wrong length
            first = _first(error)
            raise SendError(type(first).__name__, f"{ready.method} {shown} failed: {first}") from None

    async def _send(self, client: httpx2.AsyncClient, ready: ReadyRequest) -> HttpResponse:
        headers, auth = _authorized(ready.headers)
        # As UTF-8, which is what servers expect beyond ASCII; the client would refuse such text.
        encoded = [(name.encode(), value.encode()) for name, value in headers]
        request = client.build_request(ready.method, ready.url, headers=encoded, content=ready.content or None)
        began = time.perf_counter()
        response = await client.send(request, stream=True, auth=auth, follow_redirects=ready.redirects)
        try:
            content = await _read(response, ready)
        finally:
            await response.aclose()
        return HttpResponse(
            status=response.status_code,
            reason=response.reason_phrase,
            version=response.http_version.removeprefix("HTTP/"),
            url=str(response.url),
            headers=_as_written(response.headers),
            content=content,
            encoding=response.charset_encoding or declared_encoding(content) or "utf-8",
            elapsed=time.perf_counter() - began,
            method=ready.method,
            request_headers=_as_written(response.request.headers),
            request_body=ready.content,
            redirects=len(response.history),
        )

    async def close(self) -> None:
        """Closes the connections and forgets the cookies."""
        await self._client.aclose()


def _trusting(file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:  # ssl.SSLError is one
        raise SendError(
            "CertificateError",
            f"the certificates in {file} can't be read: {error.strerror or error}",
            next_step="the setting `verify` of verso.http is true, false, or a file of certificates (PEM)",
        ) from None


def _what_to_do(reason: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return (
            "if you trust it all the same, give the path of its certificate as the setting `verify` of verso.http, "
            "or set that to false"
        )
    if "WRONG_VERSION_NUMBER" in reason:
        return "the server there speaks no TLS: try http:// instead of https://"
    return "check the host and the port, and that the server runs"


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _as_written(headers: httpx2.Headers) -> tuple[tuple[str, str], ...]:
    """Names and values in the case in which they came."""
    return tuple((name.decode("latin-1"), value.decode(headers.encoding, "replace")) for name, value in headers.raw)


async def _read(response: httpx2.Response, ready: ReadyRequest) -> bytes:
    pieces = []
    size = 0
    async for piece in response.aiter_bytes():
        size += len(piece)
        if size > MAX_BYTES:
            raise SendError("ResponseTooLarge", f"{mask_url(ready.url)} sent more than {MAX_BYTES // 2**20} MiB")
        pieces.append(piece)
    return b"".join(pieces)


def _authorized(
    headers: tuple[tuple[str, str], ...],
) -> tuple[list[tuple[str, str]], httpx2.Auth | None]:
    """`Authorization: Basic user:password` (or `user password`) is encoded as editors do it; Digest is answered."""
    made: list[tuple[str, str]] = []
    auth: httpx2.Auth | None = None
    for name, value in headers:
        found = _AUTHORIZATION.match(value) if name.lower() == "authorization" else None
        if found is None:
            made.append((name, value))
        elif found[1].lower() == "digest":
            if "=" in found[2]:
                made.append((name, value))
            else:
                auth = httpx2.DigestAuth(found[2], found[3])
        else:
            made.append((name, f"Basic {base64.b64encode(f'{found[2]}:{found[3]}'.encode()).decode()}"))
    return made, auth
