"""What of requests and responses is a secret: by the name of its header, parameter or field.

Those that a person gave are the session's (`verso.api.secrets`); these are found, and masked in HTTP's own outputs.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

from verso.api.secrets import MASK

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
_WORD = re.compile(r"[^\W\d_]*|.{,7}", re.DOTALL)
"""A value that may stand for anything (`true`, `string`, `42`), so it is masked in its place alone."""


def secrets_in_request(url: str, headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The secrets that a request carries: the password and tokens of its URL, what its secret headers hold."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a client will say so
        parts = urlsplit("")
    yield unquote(parts.password or "")
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if is_secret(unquote_plus(name)) and not _WORD.fullmatch(value):
            yield unquote_plus(value)
    for name, value in headers:
        if name.lower() == "cookie":
            values = (pair.partition("=")[2].strip('"') for pair in value.split(";"))
            yield from (value for value in values if not _WORD.fullmatch(value))
        elif name.lower() in _SECRET_HEADERS:
            scheme, _, rest = value.strip().rpartition(" ")
            yield rest
            if scheme.lower().startswith("basic"):
                yield from _password(scheme, rest)


def _password(scheme: str, rest: str) -> Iterator[str]:
    """The password of `Basic user:password`, encoded or as editors let it be written."""
    yield rest.partition(":")[2]
    try:
        yield base64.b64decode(rest, validate=True).decode().partition(":")[2]
    except ValueError:
        pass


def secrets_in_response(headers: Iterable[tuple[str, str]], body: Any) -> Iterator[str]:
    """The secrets that a response brings: the cookies that it sets, and fields of its JSON that are named like ones."""
    for name, value in headers:
        if name.lower() == "set-cookie":
            cookie = value.partition("=")[2].partition(";")[0].strip('"')
            if not _WORD.fullmatch(cookie):
                yield cookie
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            fields = ((key, item) for key, item in value.items() if isinstance(item, str))
            yield from (item for key, item in fields if is_secret(key) and not _WORD.fullmatch(item))


def has_secrets(headers: Iterable[tuple[str, str]], request_headers: Iterable[tuple[str, str]], body: Any) -> bool:
    """Whether a response, as other cells get it, holds something that must not be shown or saved."""
    named = (name for name, _ in (*headers, *request_headers))
    return any(name.lower() in _SECRET_HEADERS or is_secret(name) for name in named) or without_secrets(body) != body


def mask_header(name: str, value: str) -> str:
    """A header's value as it may be shown."""
    if name.lower() == "set-cookie":
        key, equals, rest = value.partition("=")
        attributes = rest.partition(";")[2]
        return f"{key}{equals}{MASK}{';' + attributes if attributes else ''}"
    return MASK if name.lower() in _SECRET_HEADERS or is_secret(name) else value


def mask_url(text: str) -> str:
    """A text with URLs, without their passwords and without the values of parameters that are named like secrets."""
    text = re.sub(r"(?<=://)([^:/@\s]*):[^/@\s]*@", rf"\1:{MASK}@", text)
    return re.sub(r"([?&])([^=&#\s]+)=([^&#\s]*)", lambda m: f"{m[1]}{m[2]}={MASK if is_secret(m[2]) else m[3]}", text)


def without_secrets(value: Any) -> Any:
    """JSON data in which texts of fields that are named like secrets are masked."""
    if isinstance(value, dict):
        return {
            key: MASK if isinstance(item, str) and item and is_secret(key) else without_secrets(item)
            for key, item in value.items()
        }
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def is_secret(name: str) -> bool:
    """Whether a header, parameter or field of this name holds a secret."""
    return bool(_SECRET_KEY.search(name) or _SECRET_CAMEL.search(name))
