"""A response as data for other cells, and as a MIME bundle in which secrets are masked."""

from __future__ import annotations

import base64
import codecs
import json
import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from verso.api.mime import HTML, PLAIN, SVG, is_binary
from verso.api.record import Record
from verso_http.masking import mask_header, mask_url, without_secrets
from verso_http.xml_text import indented

MAX_SHOWN = 100_000
"""Longest body that is shown, in characters; a longer one is cut and says so."""

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DECLARED = re.compile(
    rb"\A\s*<\?xml[^>]*?encoding=['\"]([\w.:-]+)|<meta[^>]{1,200}?charset=['\"]?\s*([\w.:-]+)", re.IGNORECASE
)
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"}
"""Characters that a terminal would obey, spelt out: a stranger sent them."""

_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", SVG})
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


def declared_encoding(content: bytes) -> str:
    """The encoding that a body names itself: by its first bytes, in XML or in HTML; empty when it does not."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding
    found = _DECLARED.search(content[:1024])
    return (found[1] or found[2]).decode("ascii") if found else ""


def bundle(response: HttpResponse, mask: Callable[[str], str]) -> dict[str, Any]:
    """The MIME bundle of a response. `mask`: leaves secrets out of a text."""
    body = _shown_body(response, mask)
    line = f"HTTP/{response.version} {response.status} {response.reason}".rstrip()
    facts = [f"{response.elapsed * 1000:.0f} ms", _size(len(response.content))]
    if response.redirects:
        facts.append(f"{response.redirects} redirect{'s' * (response.redirects != 1)}, {mask(mask_url(response.url))}")
    headers = [(name, mask(mask_header(name, value)).translate(_CONTROLS)) for name, value in response.headers]
    plain = "\n".join((f"{line} ({', '.join(facts)})", *(f"{name}: {value}" for name, value in headers)))
    picture = _picture(response, mask)
    return {
        PLAIN: f"{plain}\n\n{body}" if body else plain,
        HTML: _html(response, facts, headers, body, picture),
        **({response.content_type: picture} if picture else {}),
    }


def _picture(response: HttpResponse, mask: Callable[[str], str]) -> str:
    """A picture as a bundle holds it; empty for what is none, and for one in which a secret can be read."""
    if response.content_type == SVG:
        return mask(response.text)
    if response.content_type not in _IMAGES:
        return ""
    text = response.content.decode("latin-1")
    return base64.b64encode(response.content).decode() if mask(text) == text else ""


def _shown_body(response: HttpResponse, mask: Callable[[str], str]) -> str:
    if not response.content:
        return ""
    kind = response.content_type
    if _is_bytes(kind, response.content):
        return f"{kind or 'bytes'}, {_size(len(response.content))}"
    text = response.text
    if _is_json(kind):
        try:
            text = json.dumps(without_secrets(json.loads(response.content)), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    elif kind.endswith(("/xml", "+xml")):
        text = indented(text)
    text = text.translate(_CONTROLS)
    if len(text) > MAX_SHOWN:
        # Masked before it is cut, so that no half of a secret is left at the cut.
        return f"{mask(text[: 2 * MAX_SHOWN])[:MAX_SHOWN]}\n… {len(text) - MAX_SHOWN:,} more characters"
    return mask(text)


def _html(response: HttpResponse, facts: Iterable[str], headers: list[tuple[str, str]], body: str, picture: str) -> str:
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
    if picture and response.content_type != SVG:
        shown = f'<img alt="the response" src="data:{response.content_type};base64,{picture}">'
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
