"""The outputs of one cell on their way to the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from verso.api.kernel import Sink
from verso.api.messages import InputRequest, OutputMessage, Progress
from verso.api.outputs import Error
from verso_powershell import positions

_FRAME: Final = re.compile(r"at .*, (?P<place>.+): line (?P<line>\d+)")


class CellSink:
    """Passes outputs on to `sink` and gives errors their place in the cell `name`.

    `sources`: what was last run under each cell's name, this one's included: PowerShell counts columns in UTF-16
    units, and an error may have been raised in a function that another cell made. `finished` is set when the cell
    has ended: progress that comes later belongs to no cell.
    """

    def __init__(self, sink: Sink, name: str, sources: Mapping[str, str]) -> None:
        self.finished = False
        self._sink = sink
        self._name = name
        self._sources = sources

    def put(self, message: OutputMessage) -> None:
        """As `Sink.put`."""
        if isinstance(message, Error):
            message = self._placed(message)
        elif isinstance(message, Progress) and self.finished:
            return
        self._sink.put(message)

    async def ask(self, request: InputRequest) -> str | None:
        """As `Sink.ask`."""
        return await self._sink.ask(request)

    def _placed(self, error: Error) -> Error:
        """The error with columns in code points; `line` and `column` in this cell: where it was raised, or the line
        that led there when that was elsewhere. Where it was raised is in `detail` under `cell`, `line`, `column`."""
        cell = error.detail.get("cell")
        if not isinstance(cell, str):
            return error
        detail = dict(error.detail)
        source = self._sources.get(cell, "")
        detail["column"] = positions.column(source, error.line, error.column)
        if "parse_errors" in detail:
            detail["parse_errors"] = [_parse_error(source, item) for item in detail["parse_errors"]]
        if cell == self._name:
            return error.replace(column=detail["column"], detail=detail)
        return error.replace(line=self._line_here(detail.get("stack") or ()), column=0, detail=detail)

    def _line_here(self, stack: Any) -> int:
        for frame in stack:
            match = _FRAME.fullmatch(frame)
            if match and match["place"] == self._name:
                return int(match["line"])
        return 0


def _parse_error(source: str, item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "column": positions.column(source, item.get("line", 0), item.get("column", 0)),
        "end_column": positions.column(source, item.get("end_line", 0), item.get("end_column", 0)),
        "start": positions.points(source, item.get("start", 0)),
        "end": positions.points(source, item.get("end", 0)),
    }
