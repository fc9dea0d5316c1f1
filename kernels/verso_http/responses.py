"""A response as data for other cells, and as a MIME bundle in which secrets are masked."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Iterable, Mapping
from html import escape
from typing import Any

from verso.api.mime import HTML, PLAIN, is_binary
from verso.api.record import Record

MASK = "***"
_SHORTEST_SECRET = 4
MAX_SHOWN = 100_000
"""Longest body that is shown, in characters; a longer one is cut and says so."""

_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "api-key",
        "x-auth-token",
        "x-csrf-token",
    }
)
_SECRET_KEY = re.compile(
    r"(?:^|[_-])(?:password|passwd|pwd|secret|token|api[_-]?key|apikey|credential)s?$", re.IGNORECASE
)
_SECRET_CAMEL = re.compile(r"[a-z](?:Password|Secret|Token|ApiKey)$")
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})
_COLORS = {1: "#57606a", 2: "#1a7f37", 3: "#0969da", 4: "#bc4c00", 5: "#cf222e"}
"""Colours of the first digit of a status, for white text on them."""


class HttpResponse(Record):
    """A response as it came. `headers`: in order, names may repeat. `elapsed`: seconds until the body was whole."""

    status: int
    reason: str
    version: str
    url: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    encoding: str
    elapsed: float
    method: str
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: bytes = b""
    redirects: int = 0

    @property
    def content_type(self) -> str:
        """The body's MIME type, without parameters."""
        found = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        return found.partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text."""
        return _decoded(self.content, self.encoding)

    @property
    def body(self) -> Any:
        """The body as data: JSON is read, text is text, anything else bytes."""
        if _is_json(self.content_type) and self.content:
            try:
                return json.loads(self.content)
            except ValueError:
                return self.text
        return self.content if _is_bytes(self.content_type, self.content) else self.text

    def data(self) -> dict[str, Any]:
        """The response as plain data: what other kernels get."""
        return {
            "status": self.status,
            "reason": self.reason,
            "url": self.url,
            "headers": _joined(self.headers),
            "body": self.body,
            "elapsed": self.elapsed,
            "request": {
                "method": self.method,
                "headers": _joined(self.request_headers),
                "body": _decoded(self.request_body, "utf-8"),
            },
        }


def bundle(response: HttpResponse, secrets: Collection[str]) -> dict[str, Any]:
    """The MIME bundle of a response. `secrets`: texts that must not be shown."""

    def masked(text: str) -> str:
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, MASK)
        return text

    body = masked(_shown_body(response))
    line = f"HTTP/{response.version} {response.status} {response.reason}".rstrip()
    facts = [f"{response.elapsed * 1000:.0f} ms", _size(len(response.content))]
    if response.redirects:
        facts.append(
            f"{response.redirects} redirect{'s' * (response.redirects != 1)}, {masked(mask_url(response.url))}"
        )
    headers = [(name, masked(mask_header(name, value))) for name, value in response.headers]
    plain = "\n".join((f"{line} ({', '.join(facts)})", *(f"{name}: {value}" for name, value in headers)))
    views = {
        PLAIN: f"{plain}\n\n{body}" if body else plain,
        HTML: _html(response, facts, headers, body),
    }
    if response.content_type in _IMAGES and not secrets_in(response, secrets):
        views[response.content_type] = (
            response.text if response.content_type == "image/svg+xml" else base64.b64encode(response.content).decode()
        )
    return views


def secrets_of(response: HttpResponse) -> set[str]:
    """The secrets that went over the wire: cookies that were set, and what secret headers of the request held."""
    found = set()
    for name, value in response.headers:
        if name.lower() == "set-cookie":
            found.add(value.partition("=")[2].partition(";")[0].strip('"'))
    for name, value in response.request_headers:
        if name.lower() in _SECRET_HEADERS and name.lower() != "cookie":
            found.add(value.rpartition(" ")[2])
    return {secret for secret in found if len(secret) >= _SHORTEST_SECRET}


def secrets_in(response: HttpResponse, secrets: Collection[str]) -> bool:
    """Whether a body that is not shown as text holds one of the secrets."""
    return any(secret.encode() in response.content for secret in secrets if len(secret) >= _SHORTEST_SECRET)


def mask_header(name: str, value: str) -> str:
    """A header's value as it may be shown."""
    if name.lower() == "set-cookie":
        key, equals, rest = value.partition("=")
        attributes = rest.partition(";")[2]
        return f"{key}{equals}{MASK}{';' + attributes if attributes else ''}"
    return MASK if name.lower() in _SECRET_HEADERS or _is_secret(name) else value


def mask_url(url: str) -> str:
    """A URL without password and without the values of parameters that are named like secrets."""
    url = re.sub(r"(?<=://)([^:/@\s]*):[^/@\s]*@", rf"\1:{MASK}@", url)
    return re.sub(r"([?&])([^=&#]+)=([^&#]*)", lambda m: f"{m[1]}{m[2]}={MASK if _is_secret(m[2]) else m[3]}", url)


def _is_secret(name: str) -> bool:
    return bool(_SECRET_KEY.search(name) or _SECRET_CAMEL.search(name))


def _shown_body(response: HttpResponse) -> str:
    if not response.content:
        return ""
    kind = response.content_type
    if _is_bytes(kind, response.content):
        return f"{kind or 'bytes'}, {_size(len(response.content))}"
    text = response.text
    if _is_json(kind):
        try:
            text = json.dumps(_without_secrets(json.loads(response.content)), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    elif kind.endswith(("/xml", "+xml")):
        text = _pretty_xml(text)
    if len(text) > MAX_SHOWN:
        return f"{text[:MAX_SHOWN]}\n… {len(text) - MAX_SHOWN:,} more characters"
    return text


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: MASK if isinstance(item, str) and item and _is_secret(key) else _without_secrets(item)
            for key, item in value.items()
        }
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value


def _pretty_xml(text: str) -> str:
    # A document type may define entities that grow without end; it is shown as it came.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return text
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return text
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode")


def _html(response: HttpResponse, facts: Iterable[str], headers: list[tuple[str, str]], body: str) -> str:
    """Passive, so that a page can show it in its own colours: what style there is, is in the elements."""
    rows = "".join(
        f'<tr><td style="text-align:left">{escape(name)}</td>'
        f'<td style="text-align:left;overflow-wrap:anywhere">{escape(value)}</td></tr>'
        for name, value in headers
    )
    status = f"{response.status} {response.reason}".strip()
    color = _COLORS.get(response.status // 100, _COLORS[1])
    badge = f"color:#fff;background-color:{color};padding:0.1em 0.5em;border-radius:0.3em"
    head = f'<b style="{badge}">{escape(status)}</b> <small>{escape(" · ".join(facts))}</small>'
    details = f"<details><summary>{len(headers)} headers</summary><table>{rows}</table></details>"
    if response.content_type in _IMAGES and response.content_type != "image/svg+xml":
        data = base64.b64encode(response.content).decode()
        shown = f'<img alt="the response" src="data:{response.content_type};base64,{data}">'
    else:
        shown = f'<pre style="overflow:auto;max-height:40em;margin:0.5em 0">{escape(body)}</pre>' if body else ""
    return f"<div>{head}{details}{shown}</div>"


def _joined(headers: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    """Headers as a map; a name that came more than once has a list."""
    found: dict[str, Any] = {}
    for name, value in headers:
        name = name.lower()
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json") or kind == "text/json"


def _is_bytes(kind: str, content: bytes) -> bool:
    if kind in ("application/x-www-form-urlencoded", "application/graphql", "application/yaml", "application/sql"):
        return False
    return is_binary(kind) if kind else b"\0" in content[:1000]


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
