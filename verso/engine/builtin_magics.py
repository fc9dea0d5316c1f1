"""The built-in magics. They use the public `MagicContext` only, as a plugin's would."""

from __future__ import annotations

import asyncio
import html
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from verso import __version__
from verso.api import mime
from verso.api.errors import AlreadyToldError, MagicError, MissingComponentError
from verso.api.magics import MagicCall, MagicContext
from verso.api.messages import InputRequest
from verso.api.outputs import DisplayData
from verso.api.values import TypedValue, encode

FETCH_TIMEOUT: Final = 30.0
"""Seconds that `#!value --from-url` waits for an answer."""


async def about(call: MagicCall, context: MagicContext) -> None:
    """`#!about`: Verso, the Python that runs it, and the kernels that run, with versions and programs."""
    rows = [("Verso", __version__, ""), ("its Python", sys.version.split()[0], sys.executable)]
    rows += [(name, info.version, info.program) for name, info in context.running().items()]
    _show_table(context, ("name", "version", "program"), rows)


async def lsmagic(call: MagicCall, context: MagicContext) -> None:
    """`#!lsmagic`: every magic with its summary, and the kernels that `#!name` switches to."""
    rows = [(f"#!{magic.name}", magic.summary) for magic in context.magics()]
    rows += [(f"#!{spec.name}", f"switches to {spec.title} for the lines below") for spec in context.kernels()]
    _show_table(context, ("magic", "what it does"), rows)


async def time_cell(call: MagicCall, context: MagicContext) -> None:
    """`#!time`: the seconds that the cell's code took, shown after it."""

    def show(seconds: float) -> None:
        context.sink.put(DisplayData(data={mime.PLAIN: f"Elapsed: {_duration(seconds)}"}))

    context.after(show)


async def restart(call: MagicCall, context: MagicContext) -> None:
    """`#!restart [kernel]`."""
    await context.restart(call.arguments.get("kernel") or call.language)


async def import_notebook(call: MagicCall, context: MagicContext) -> None:
    """`#!import path [-p name=value …]`: the other's cells run here, their outputs are this cell's."""
    parameters = {}
    for pair in call.arguments.get("param", ()):
        name, equals, value = pair.partition("=")
        if not equals:
            raise MagicError(f"-p takes name=value, not {pair!r}", line=call.line, column=1)
        parameters[name] = value
    path = context.directory / call.arguments["path"]
    if not await context.run_notebook(path, parameters):
        raise AlreadyToldError(f"a cell of {call.arguments['path']} failed")


async def extension(call: MagicCall, context: MagicContext) -> None:
    """`#!extension name`: checks that it is here."""
    name = call.arguments["name"]
    if not context.has_plugin(name):
        raise MissingComponentError(f"the extension {name!r} is not installed", next_step=f"pip install {name}")


async def connect(call: MagicCall, context: MagicContext) -> None:
    """`#!connect connector --kernel-name n …`: hands the rest of the line to the connector."""
    await context.connect_with(call.arguments["connector"], call.arguments.get("arguments", ""), call.line)


async def share(call: MagicCall, context: MagicContext) -> None:
    """`#!share --from kernel name [--as other]`."""
    name, source = call.arguments["name"], call.arguments["from"]
    target = call.arguments.get("as") or name
    value = await context.value(name, source)
    holder = source if target == name else None
    await context.share(target, value, to=call.language, secret=_is_secret(name, context), holder=holder)


async def set_variable(call: MagicCall, context: MagicContext) -> None:
    """`#!set --name x --value …`."""
    value, secret = await _value_of(call, context)
    await context.share(call.arguments["name"], value, to=call.language, secret=secret)


async def keep_value(call: MagicCall, context: MagicContext) -> None:
    """`#!value --name x` with its text below, in a file, at a URL, or in the option."""
    given = call.arguments
    if "from_file" in given:
        text = await asyncio.to_thread(_read_text, context.directory / given["from_file"], call.line)
    elif "from_url" in given:
        text = await asyncio.to_thread(_fetch_text, given["from_url"], call.line)
    else:
        text = given.get("from_value", call.body)
    kind = given.get("mime_type", "")
    content = _read_json(text, call.line) if mime.is_json(kind) else text
    await context.share(given["name"], encode(text))
    if kind:
        context.sink.put(DisplayData(data={kind: content, mime.PLAIN: text}))


async def who(call: MagicCall, context: MagicContext) -> None:
    """`#!who`: names only."""
    names = [variable.name for variable in context.variables()]
    context.sink.put(DisplayData(data={mime.PLAIN: "  ".join(names) if names else "no shared variables"}))


async def whos(call: MagicCall, context: MagicContext) -> None:
    """`#!whos`: a table."""
    rows = [
        (variable.name, variable.owner, variable.info.type, str(variable.version), variable.info.preview)
        for variable in context.variables()
    ]
    _show_table(context, ("name", "owner", "type", "version", "value"), rows)


async def _value_of(call: MagicCall, context: MagicContext) -> tuple[TypedValue, bool]:
    """The value that `#!set` gives, and whether it is a secret."""
    text: str = call.arguments["value"]
    if text.startswith("@"):
        source, _, rest = text[1:].partition(":")
        if source in ("input", "password"):
            secret = source == "password"
            return encode(await _ask(call, context, rest, secret=secret)), secret
        name = rest or source
        return await context.value(name, source if rest else None), _is_secret(name, context)
    try:
        return encode(json.loads(text)), False
    except ValueError:
        return encode(text), False


def _is_secret(name: str, context: MagicContext) -> bool:
    return any(variable.secret for variable in context.variables() if variable.name == name)


async def _ask(call: MagicCall, context: MagicContext, prompt: str, *, secret: bool) -> str:
    label = prompt or f"{call.arguments['name']}: "
    answer = await context.sink.ask(InputRequest(prompt=label, kind="secret" if secret else "line"))
    if answer is None:
        raise MagicError("input ended before there was an answer", line=call.line, column=1)
    return answer


def _read_json(text: str, line: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise MagicError(f"the text is no JSON: {error}", line=line, column=1) from None


def _read_text(path: Path, line: int) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MagicError(f"{path} can't be read: {error}", line=line, column=1) from None


def _fetch_text(address: str, line: int) -> str:
    if not address.startswith(("http://", "https://")):
        raise MagicError(f"{address!r} is no http(s) address", line=line, column=1)
    try:
        with urllib.request.urlopen(address, timeout=FETCH_TIMEOUT) as response:
            body: bytes = response.read()
            return body.decode(response.headers.get_content_charset() or "utf-8", "replace")
    except (urllib.error.URLError, TimeoutError, LookupError) as error:
        raise MagicError(f"{address} can't be fetched: {error}", line=line, column=1) from None


def _show_table(context: MagicContext, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    body = [tuple(str(cell) for cell in row) for row in rows]
    widths = [max(len(row[column]) for row in (head, *body)) for column in range(len(head))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in (head, *body)
    ]
    cells = "".join("<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in body)
    top = "".join(f"<th>{html.escape(text)}</th>" for text in head)
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{cells}</tbody></table>"
    context.sink.put(DisplayData(data={mime.HTML: table, mime.PLAIN: "\n".join(lines)}))


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.2f} ms"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)} min {rest:.2f} s" if minutes else f"{rest:.2f} s"
