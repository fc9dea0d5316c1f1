"""The `.http` format of editors: requests divided by `###`, their names, options, headers and bodies."""

from __future__ import annotations

import re

from verso.api.errors import FormatError
from verso.api.record import Record

METHODS = (
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "LOCK", "UNLOCK", "PROPFIND",
    "PROPPATCH", "COPY", "MOVE", "MKCOL", "REPORT", "SEARCH", "PURGE", "QUERY",
)  # fmt: skip

_DIVIDER = re.compile(r"#{3,}(?!\S*@)")
_COMMENT = re.compile(r"\s*(?:#|//)")
_OPTION = re.compile(r"\s*(?:#|//)\s*@([\w-]+)(?:\s+(.*?))?\s*$")
_VARIABLE = re.compile(r"\s*@([^\W\d][\w.-]*)\s*=\s*(.*?)\s*$")
_REQUEST_LINE = re.compile(r"(?:([A-Za-z]+)\s+)?(\S.*?)(?:\s+HTTP/[\d.]+)?\s*$")
_HEADER = re.compile(r"([!#$%&'*+.^`|~\w-]+)\s*:\s*(.*?)\s*$")
_OPTIONS = frozenset({"name", "no-redirect", "no-cookie-jar", "timeout", "note", "prompt"})


class HttpFormatError(FormatError):
    """A line is not what the format asks for. `line`, `column`: from 1 within the cell."""

    def __init__(self, what: str, line: int, column: int = 1, *, next_step: str = "") -> None:
        super().__init__(what, where=f"line {line}, column {column}", next_step=next_step)
        self.line = line
        self.column = column


class HttpRequest(Record):
    """One request as written, nothing filled in. `line`: of its request line, from 1 within the cell; `body_line`: of
    its body. `name`: by `# @name`, or empty. `timeout`: seconds by `# @timeout`, None for the kernel's.
    `variables`: `@name = value` lines above it, in order, with their lines. `prompts`: names that `# @prompt` asks
    values for, with what to say."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    name: str = ""
    redirects: bool = True
    cookies: bool = True
    timeout: float | None = None
    line: int = 1
    body_line: int = 0
    variables: tuple[tuple[str, str, int], ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()


class HttpDocument(Record):
    """A cell: its requests in order, and the variables below the last one."""

    requests: tuple[HttpRequest, ...] = ()
    variables: tuple[tuple[str, str, int], ...] = ()


def read_document(code: str) -> HttpDocument:
    """The requests of a cell. `HttpFormatError`."""
    requests: list[HttpRequest] = []
    waiting: list[tuple[str, str, int]] = []
    for first, lines in _blocks(code):
        block = _Block(first, lines)
        block.read()
        waiting += block.variables
        if block.request is not None:
            requests.append(block.request.replace(variables=tuple(waiting)))
            waiting = []
        elif block.name_line:
            raise HttpFormatError("# @name stands above no request", block.name_line)
    return HttpDocument(requests=tuple(requests), variables=tuple(waiting))


def _blocks(code: str) -> list[tuple[int, list[str]]]:
    """The lines between dividers, each with the number of its first line."""
    found: list[tuple[int, list[str]]] = [(1, [])]
    for number, line in enumerate(code.split("\n"), 1):
        if _DIVIDER.match(line):
            found.append((number + 1, []))
        else:
            found[-1][1].append(line)
    return found


class _Block:
    """Reads what stands between two dividers: preamble, request line, query, headers, body."""

    def __init__(self, first: int, lines: list[str]) -> None:
        self._first = first
        self._lines = lines
        self._options: dict[str, str] = {}
        self.variables: list[tuple[str, str, int]] = []
        self.request: HttpRequest | None = None
        self.name_line = 0
        self._prompts: list[tuple[str, str]] = []

    def read(self) -> None:
        at = self._preamble()
        if at == len(self._lines):
            return
        line = self._first + at
        found = _REQUEST_LINE.match(self._lines[at].strip())
        assert found is not None
        method, url = found[1] or "GET", found[2]
        if found[1] and method.upper() not in METHODS:
            raise HttpFormatError(
                f"{method!r} is no HTTP method", line, next_step=f"a request begins with {', '.join(METHODS[:5])} …"
            )
        at, url = self._query(at + 1, url)
        at, headers = self._headers(at)
        body_line, body = self._body(at)
        self.request = HttpRequest(
            method=method.upper(),
            url=url,
            headers=headers,
            body=body,
            name=self._options.get("name", ""),
            redirects="no-redirect" not in self._options,
            cookies="no-cookie-jar" not in self._options,
            timeout=self._timeout(line),
            line=line,
            body_line=body_line,
            prompts=tuple(self._prompts),
        )

    def _preamble(self) -> int:
        """Options, variables and comments; where the request line is, or the end."""
        for at, line in enumerate(self._lines):
            option = _OPTION.match(line)
            variable = _VARIABLE.match(line)
            if option:
                self._option(option[1], option[2] or "", self._first + at)
            elif variable:
                self.variables.append((variable[1], variable[2], self._first + at))
            elif line.strip() and not _COMMENT.match(line):
                return at
        return len(self._lines)

    def _option(self, name: str, value: str, line: int) -> None:
        if name not in _OPTIONS:
            return
        if name == "prompt":
            asked, _, description = value.partition(" ")
            if not re.fullmatch(r"[^\W\d][\w.-]*", asked):
                raise HttpFormatError(
                    f"{asked!r} is no name for a variable", line, next_step="# @prompt name what to say"
                )
            self._prompts.append((asked, description.strip()))
        elif name == "name":
            if not re.fullmatch(r"[^\W\d]\w*", value):
                raise HttpFormatError(
                    f"{value!r} is no name for a request", line, next_step="a letter or _, then letters, digits or _"
                )
            self.name_line = line
        self._options[name] = value

    def _timeout(self, line: int) -> float | None:
        if "timeout" not in self._options:
            return None
        try:
            return float(self._options["timeout"])
        except ValueError:
            raise HttpFormatError(f"# @timeout takes seconds, not {self._options['timeout']!r}", line) from None

    def _query(self, at: int, url: str) -> tuple[int, str]:
        while at < len(self._lines) and re.match(r"\s*[?&]", self._lines[at]):
            url += self._lines[at].strip()
            at += 1
        return at, url

    def _headers(self, at: int) -> tuple[int, tuple[tuple[str, str], ...]]:
        headers: list[tuple[str, str]] = []
        while at < len(self._lines) and self._lines[at].strip():
            line = self._lines[at]
            found = _HEADER.match(line)
            if found:
                headers.append((found[1], found[2]))
            elif not _COMMENT.match(line):
                raise HttpFormatError(
                    f"{line.strip()!r} is no header",
                    self._first + at,
                    next_step="a header is `Name: value`; an empty line stands before the body",
                )
            at += 1
        return at, tuple(headers)

    def _body(self, at: int) -> tuple[int, str]:
        while at < len(self._lines) and not self._lines[at].strip():
            at += 1
        return self._first + at, "\n".join(self._lines[at:]).rstrip("\n ")
