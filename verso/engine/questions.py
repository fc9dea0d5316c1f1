"""Answers an editor's questions about a cell: completion, inspection, diagnostics, in whichever language stands
at the place asked about, and for magic lines themselves.

Positions are in code points from 0 within the whole source. A kernel that is asked is started if it was not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from verso.api.magics import Magic
from verso.api.messages import (
    CompleteReply,
    CompleteRequest,
    Completion,
    DiagnoseReply,
    DiagnoseRequest,
    Diagnostic,
    InspectReply,
    InspectRequest,
)
from verso.api.mime import PLAIN
from verso.api.record import Record
from verso.api.secrets import Secrets
from verso.engine.kernels import KernelPool
from verso.engine.magics import MagicRunner, help_text
from verso.engine.masking import masked_bundle
from verso.engine.plugins import Plugins
from verso.engine.segments import CodePart, MagicPart, SwitchPart, split_cell

_MAGIC_LINE: Final = re.compile(r"#!(?P<name>[\w:.+-]*)(?P<rest>\s.*)?\Z")
_WORD: Final = re.compile(r"[^\s]*\Z")


class Place(Record):
    """A piece of code in one language. `code` has blank lines in place of what stands above it; it ends before line
    `end` of the source, from 0."""

    language: str
    code: str
    end: int


class Questions:
    """The questions about the cells of one session. `language`, everywhere: the kernel's name or alias for what stands
    above the first `#!kernel` line. `UnknownNameError`, `KernelStartError`."""

    def __init__(self, plugins: Plugins, pool: KernelPool, magics: MagicRunner, secrets: Secrets) -> None:
        self._plugins = plugins
        self._pool = pool
        self._magics = magics
        self._secrets = secrets

    async def complete(self, source: str, position: int, language: str) -> CompleteReply:
        """Proposals at a position."""
        line, column = _line_of(source, position)
        text = source.split("\n")[line]
        if text.startswith("#!") and column >= 2:
            return self._complete_magic(text[:column], position)
        place = self._place(source, line, language)
        if place is None:
            return CompleteReply(start=position, end=position)
        moved = _offset(place.code, line, column) - position
        running = await self._pool.get(self._pool.spec(place.language))
        async with running.turn:
            reply = await running.kernel.complete(
                CompleteRequest(code=place.code, position=position + moved, language=place.language)
            )
        return reply.replace(start=max(reply.start - moved, 0), end=max(reply.end - moved, 0))

    async def inspect(self, source: str, position: int, language: str) -> InspectReply:
        """Help on what stands at a position; on a magic line, the magic's."""
        line, column = _line_of(source, position)
        found = _MAGIC_LINE.match(source.split("\n")[line])
        magic = self._plugins.magics.get(found["name"]) if found else None
        if magic is not None:
            return InspectReply(found=True, data={PLAIN: help_text(magic)})
        place = self._place(source, line, language)
        if place is None:
            return InspectReply()
        at = _offset(place.code, line, column)
        running = await self._pool.get(self._pool.spec(place.language))
        async with running.turn:
            reply = await running.kernel.inspect(InspectRequest(code=place.code, position=at, language=place.language))
        return reply.replace(data=masked_bundle(reply.data, self._secrets)) if self._secrets else reply

    async def diagnose(self, source: str, language: str) -> DiagnoseReply:
        """What is wrong with each part of the source; `incomplete`: its last part lacks its end."""
        found: list[Diagnostic] = []
        incomplete = False
        for part in self._parts(source, language):
            if isinstance(part, MagicPart):
                incomplete = False
                if not part.known:
                    found.append(
                        Diagnostic(
                            message=f"there is no magic or kernel #!{part.name}",
                            line=part.line,
                            end_line=part.line,
                            end_column=part.arguments_at + 1,
                            source="verso",
                        )
                    )
                continue
            running = await self._pool.get(self._pool.spec(part.language))
            async with running.turn:
                reply = await running.kernel.diagnose(DiagnoseRequest(code=part.code, language=part.language))
            found += reply.diagnostics
            incomplete = reply.incomplete
        return DiagnoseReply(diagnostics=tuple(found), incomplete=incomplete)

    # -- inside

    def _parts(self, source: str, language: str) -> Iterator[Place | MagicPart]:
        for part in split_cell(source, self._classify, lambda name: bool(self._magics.takes_body(name))):
            match part:
                case SwitchPart():
                    language = part.language
                case CodePart():
                    yield Place(language=language, code=part.source, end=part.source.count("\n") + 1)
                case MagicPart():
                    yield part

    def _place(self, source: str, line: int, language: str) -> Place | None:
        """The code that a line belongs to; blank lines below a switch belong to its language."""
        for part in self._parts(source, language):
            if isinstance(part, Place):
                language = part.language
                if line < part.end:
                    return part
        return None

    def _classify(self, name: str) -> Any:
        if self._pool.find(name) is not None:
            return "kernel"
        return "magic" if self._magics.takes_body(name) is not None else "unknown"

    def _complete_magic(self, text: str, position: int) -> CompleteReply:
        found = _MAGIC_LINE.match(text)
        if found is None:
            return CompleteReply(start=position, end=position)
        name, rest = found["name"], found["rest"]
        if rest is None:
            return _reply(position, name, (*self._magic_names(), *self._kernel_names(name)))
        magic = self._plugins.magics.get(name)
        word = _WORD.search(rest)
        typed = word[0] if word else ""
        return _reply(position, typed, tuple(_options(magic)) if magic and typed.startswith("-") else ())

    def _magic_names(self) -> Iterator[Completion]:
        for magic in self._plugins.magics:
            yield Completion(text=magic.name, kind="function", detail=magic.summary)

    def _kernel_names(self, typed: str) -> Iterator[Completion]:
        for name in self._pool.names():
            yield Completion(text=name, kind="module", detail=self._pool.spec(name).title)
        for family in self._plugins.families:
            if typed and (typed.startswith(family.prefix) or family.prefix.startswith(typed)):
                for name in self._plugins.resolve(family.names)():
                    yield Completion(text=name, kind="module", detail=family.title)


def _options(magic: Magic) -> Iterator[Completion]:
    for option in magic.options:
        if option.name.startswith("-"):
            yield Completion(text=option.name, kind="property", detail=option.help)


def _reply(position: int, typed: str, known: tuple[Completion, ...]) -> CompleteReply:
    """Those of the known proposals that begin with what is typed right before the position."""
    fitting = {each.text: each for each in known if each.text.startswith(typed)}
    return CompleteReply(
        start=position - len(typed), end=position, completions=tuple(fitting[text] for text in sorted(fitting))
    )


def _line_of(source: str, position: int) -> tuple[int, int]:
    """Line and column, both from 0, of a position."""
    before = source[:position]
    return before.count("\n"), len(before) - (before.rfind("\n") + 1)


def _offset(code: str, line: int, column: int) -> int:
    """The position of a line and column in code."""
    lines = code.split("\n")
    return sum(len(each) + 1 for each in lines[:line]) + column
