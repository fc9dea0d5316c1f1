"""What an editor asks of an HTTP cell: completion, inspection, diagnostics."""

from __future__ import annotations

import re
from collections.abc import Callable

from verso.api.messages import CompleteReply, Completion, DiagnoseReply, Diagnostic, InspectReply
from verso.api.mime import PLAIN
from verso_http.document import METHODS, HttpFormatError, read_document
from verso_http.values import DYNAMIC, PLACE, UnresolvedError, Values

HEADERS = (
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Type", "Cookie", "Host",
    "If-Match", "If-Modified-Since", "If-None-Match", "Origin", "Prefer", "Range", "Referer", "User-Agent",
    "X-Requested-With",
)  # fmt: skip
TYPES = (
    "application/json", "application/xml", "application/x-www-form-urlencoded", "application/octet-stream",
    "multipart/form-data; boundary=boundary", "text/html", "text/plain", "text/csv",
)  # fmt: skip
OPTIONS = ("@name", "@no-redirect", "@no-cookie-jar", "@timeout", "@prompt")


def complete(code: str, position: int, values: Values) -> CompleteReply:
    """Proposals at a position: values in braces, options in comments, methods, headers and their values."""
    line = code[code.rfind("\n", 0, position) + 1 : position]
    opened = re.search(r"\{\{\s*([^{}]*)$", line)
    if opened:
        names = [(name, "variable") for name in values.names()] + [(name, "function") for name in DYNAMIC]
        own = re.findall(r"^\s*@([^\W\d][\w.-]*)\s*=", code, re.MULTILINE)
        return _reply([(name, "variable") for name in own] + names, opened[1], position)
    comment = re.match(r"\s*(?:#|//)\s*(@[\w-]*)$", line)
    if comment:
        return _reply([(option, "keyword") for option in OPTIONS], comment[1], position)
    if not _in_headers(code[: position - len(line)]):
        return _reply([(method, "keyword") for method in METHODS], line.lstrip(), position)
    valued = re.match(r"\s*(accept|content-type)\s*:\s*(.*)$", line, re.IGNORECASE)
    if valued:
        return _reply([(kind, "value") for kind in TYPES], valued[2], position)
    if ":" not in line:
        return _reply([(f"{header}: ", "property") for header in HEADERS], line.lstrip(), position)
    return CompleteReply(start=position, end=position)


def inspect(code: str, position: int, values: Values, mask: Callable[[str], str]) -> InspectReply:
    """The value of the `{{…}}` at a position; what comes from the environment is not shown, and secrets are masked."""
    for found in PLACE.finditer(code):
        if found.start() <= position <= found.end():
            expression = found[1]
            if expression.startswith(("$processEnv", "$dotenv")):
                return InspectReply(found=True, data={PLAIN: f"{expression}: a secret"})
            try:
                return InspectReply(found=True, data={PLAIN: f"{expression} = {mask(values.fill(found[0]))[:1000]}"})
            except UnresolvedError as error:
                return InspectReply(found=True, data={PLAIN: str(error)})
    return InspectReply()


def diagnose(code: str, values: Values) -> DiagnoseReply:
    """What the format does not allow, and values that nothing is known of."""
    try:
        document = read_document(code)
    except HttpFormatError as error:
        length = len(code.split("\n")[error.line - 1])
        return DiagnoseReply(diagnostics=(_diagnostic(error.what, "error", error.line, error.column, length + 1),))
    found = []
    known = set(values.names()) | set(re.findall(r"^\s*@([^\W\d][\w.-]*)\s*=", code, re.MULTILINE))
    known |= {name for request in document.requests for name, _ in request.prompts}
    named = {request.name for request in document.requests}
    for place in PLACE.finditer(code):
        expression = place[1]
        first = expression.partition(".")[0]
        if expression.startswith("$"):
            fine = expression.split(" ")[0] in DYNAMIC
        else:
            fine = expression in known or first in known or first in named
        if not fine:
            line = code.count("\n", 0, place.start()) + 1
            column = place.start() - code.rfind("\n", 0, place.start())
            told = f"nothing is known of {expression!r} yet"
            severity = "error" if expression.startswith("$") else "information"
            found.append(_diagnostic(told, severity, line, column, column + len(place[0])))
    return DiagnoseReply(diagnostics=tuple(found))


def place_of(expression: str, code: str) -> tuple[int, int]:
    """Line and column of a `{{…}}`; 0, 0 when it does not stand in the code itself."""
    for found in PLACE.finditer(code):
        line = code[code.rfind("\n", 0, found.start()) + 1 : found.start()]
        if found[1] == expression and not re.match(r"\s*(#|//)", line):  # comments are not filled in
            return code.count("\n", 0, found.start()) + 1, found.start() - code.rfind("\n", 0, found.start())
    return 0, 0


def _in_headers(before: str) -> bool:
    """Whether what stands above, in this block, is a request line without an empty line after it."""
    block = re.split(r"^#{3,}.*$", before, flags=re.MULTILINE)[-1]
    lines = [line for line in block.rstrip("\n").split("\n") if not re.match(r"\s*(#|//|@)", line)]
    while lines and not lines[0].strip():
        lines.pop(0)
    return bool(lines) and all(line.strip() for line in lines)


def _reply(proposals: list[tuple[str, str]], word: str, position: int) -> CompleteReply:
    wanted = word.lower()
    matching = dict.fromkeys(proposal for proposal in proposals if proposal[0].lower().startswith(wanted))
    return CompleteReply(
        start=position - len(word),
        end=position,
        completions=tuple(Completion(text=text, kind=kind) for text, kind in matching),
    )


def _diagnostic(message: str, severity: str, line: int, column: int, end: int) -> Diagnostic:
    return Diagnostic(
        message=message,
        severity=severity,  # type: ignore[arg-type]
        line=line,
        column=column,
        end_line=line,
        end_column=max(end, column),
        source="http",
    )
