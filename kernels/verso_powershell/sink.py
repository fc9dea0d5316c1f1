"""The outputs of one cell on their way to the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from verso.api.kernel import Sink
from verso.api.messages import ExecuteRequest, InputRequest, OutputMessage, Progress, UpdateDisplayData
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult
from verso_powershell import positions

_COUNTED: Final = re.compile(r"ps-\d+")
"""The worker's own names of displays. It counts from 1 again after each start."""

_FRAME: Final = re.compile(r"at .*, (?P<place>.+): line (?P<line>\d+)")


class CellSink:
    """Passes outputs of a request on to `sink`, and gives errors their place in its cell.

    `sources`: what was last run under each cell's name, this one's included: PowerShell counts columns in UTF-16
    units, and an error may have been raised in a function that another cell made. `displays`: the worker's names of
    displays → those that outlive the worker: with the cell's id, so that a display of a later worker is never taken for
    one of an earlier. `finished` is set when the cell has ended: progress that comes later belongs to no cell.
    """

    def __init__(
        self, sink: Sink, request: ExecuteRequest, sources: Mapping[str, str], displays: dict[str, DisplayId]
    ) -> None:
        self.finished = False
        self._sink = sink
        self._name = request.name
        self._cell_id = request.cell_id
        self._sources = sources
        self._displays = displays

    def put(self, message: OutputMessage) -> None:
        """As `Sink.put`."""
        if isinstance(message, Error):
            message = self._placed(message)
        elif isinstance(message, DisplayData | ExecuteResult | UpdateDisplayData):
            if message.display_id is not None and _COUNTED.fullmatch(message.display_id):
                message = message.replace(display_id=self._lasting(message.display_id))
        elif isinstance(message, Progress) and self.finished:
            return
        self._sink.put(message)

    async def ask(self, request: InputRequest) -> str | None:
        """As `Sink.ask`."""
        return await self._sink.ask(request)

    def _lasting(self, display_id: str) -> DisplayId:
        lasting = f"{self._cell_id}-{display_id}" if self._cell_id else display_id
        return self._displays.setdefault(display_id, DisplayId(lasting))

    def _placed(self, error: Error) -> Error:
        """The error with columns in code points; `line` and `column` in this cell: where it was raised, or the line
        that led there when that was elsewhere. Where it was raised is in `detail` under `cell`, `line`, `column`."""
        cell = error.detail.get("cell")
        if not isinstance(cell, str):  # the line of a text that is no cell (an event's action)
            return error.replace(line=0, column=0)
        detail = dict(error.detail)
        if self._is_in_text(detail.get("stack") or ()):  # the column is of that text, the line of the cell that ran it
            detail["column"] = 0
            error = error.replace(column=0)
        source = self._sources.get(cell, "")
        detail["column"] = positions.column(source, error.line, error.column)
        if "parse_errors" in detail:
            detail["parse_errors"] = [_parse_error(source, item) for item in detail["parse_errors"]]
        if cell == self._name:
            return error.replace(column=detail["column"], detail=detail)
        return error.replace(line=self._line_here(detail.get("stack") or ()), column=0, detail=detail)

    def _is_in_text(self, stack: Sequence[str]) -> bool:
        match = _FRAME.fullmatch(stack[0]) if stack else None
        return match is not None and match["place"] == "<No file>"

    def _line_here(self, stack: Sequence[str]) -> int:
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
