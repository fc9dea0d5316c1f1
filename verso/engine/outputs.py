"""Routes a cell's output messages into the outputs that the notebook keeps.

Streams of one name that follow each other are one output, `clear_output` and `update_display_data` are carried
out, and nothing grows beyond the limits without a marker that says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar, assert_never, cast

from verso.api import mime
from verso.api.messages import ClearOutput, OutputMessage, Progress, UpdateDisplayData
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Output, Stream
from verso.api.record import Record
from verso.engine.fulloutput import FullOutput
from verso.engine.text import StreamText

T = TypeVar("T", bound=DisplayData | ExecuteResult | UpdateDisplayData)


class Limits(Record):
    """How much of a cell's output the notebook keeps.

    `stream`: characters per run of stream text, and of an error. `display`: characters of one MIME type's content.
    `count`: outputs per cell. `full_output`: a folder in which everything is kept in full, or None.
    """

    stream: int = 8_000_000
    display: int = 100_000_000
    count: int = 10_000
    full_output: Path | None = None


class Displays:
    """Where each `display_id` of a session is shown, over all its cells."""

    def __init__(self) -> None:
        self._places: dict[DisplayId, list[tuple[CellOutputs, _Slot]]] = {}

    def register(self, display_id: DisplayId, outputs: CellOutputs, slot: _Slot) -> None:
        """Remembers that a slot of a cell shows this display."""
        self._places.setdefault(display_id, []).append((outputs, slot))

    def update(self, message: UpdateDisplayData) -> list[CellOutputs]:
        """Changes every place of a display; returns the cells that show it (none: nobody knows the id)."""
        touched = []
        for outputs, slot in self._places.get(message.display_id, ()):
            if slot.output is not None:
                slot.output = slot.output.replace(data=message.data, metadata=message.metadata)
                touched.append(outputs)
        return touched

    def forget(self, outputs: CellOutputs) -> None:
        """A cell's outputs are gone: they take no more updates."""
        for display_id in list(self._places):
            left = [place for place in self._places[display_id] if place[0] is not outputs]
            if left:
                self._places[display_id] = left
            else:
                del self._places[display_id]


class _Slot:
    """One kept output: a display (which an update may replace) or a run of stream text."""

    __slots__ = ("name", "output", "text")

    def __init__(self, output: Any, name: str = "", text: StreamText | None = None) -> None:
        self.output = output
        self.name = name
        self.text = text


class CellOutputs:
    """The outputs of one execution of a cell, while they come and afterwards."""

    def __init__(self, cell_id: str, limits: Limits, displays: Displays) -> None:
        self.cell_id = cell_id
        self._limits = limits
        self._displays = displays
        self._slots: list[_Slot] = []
        self._left_out = 0
        self._clear_before_next = False
        self._has_displays = False
        self._full = None if limits.full_output is None else FullOutput(limits.full_output, cell_id)

    def add(self, message: OutputMessage) -> list[CellOutputs]:
        """Takes one message in; returns other cells whose kept outputs it changed."""
        match message:
            case Stream():
                self._add_stream(message)
            case DisplayData() | ExecuteResult():
                self._add_display(message)
            case Error():
                self._append(_Slot(self._shortened(message)))
            case UpdateDisplayData():
                return [cell for cell in self._displays.update(self._within_limit(message)) if cell is not self]
            case ClearOutput():
                self._clear_before_next = message.wait
                if not message.wait:
                    self._clear()
            case Progress():
                pass
            case _:
                assert_never(message)
        return []

    def outputs(self) -> tuple[Output, ...]:
        """What is kept, as it stands now."""
        kept: list[Output] = []
        for slot in self._slots:
            if slot.text is None:
                kept.append(slot.output)
            else:
                text = slot.text.text()
                if text:
                    kept.append(Stream(name=slot.name, text=text))
        if self._left_out:
            limit = f"the limit is {self._limits.count:,} outputs a cell"
            kept.append(Stream(name="stderr", text=f"… {self._left_out:,} outputs left out here; {limit} …\n"))
        if self._full is not None and self._full.problem:
            kept.append(Stream(name="stderr", text=f"… the full output is not kept any more: {self._full.problem} …\n"))
        return tuple(kept)

    def release(self) -> None:
        """The cell runs again or lost its outputs: updates no longer reach these."""
        if self._has_displays:
            self._displays.forget(self)

    # -- inside

    def _add_stream(self, message: Stream) -> None:
        if not message.text:
            return
        self._clear_if_due()
        last = self._slots[-1] if self._slots else None
        if last is None or last.text is None or last.name != message.name:
            text = StreamText(self._limits.stream, lambda: self._where_full(message.name))
            last = _Slot(None, message.name, text)
            self._append(last)
        assert last.text is not None
        last.text.add(message.text)
        if self._full is not None:
            self._full.add(message.name, message.text)

    def _add_display(self, message: DisplayData | ExecuteResult) -> None:
        slot = _Slot(self._within_limit(message))
        self._append(slot)
        if message.display_id is not None:
            self._has_displays = True
            self._displays.register(message.display_id, self, slot)

    def _append(self, slot: _Slot) -> bool:
        self._clear_if_due()
        if len(self._slots) >= self._limits.count:
            self._left_out += 1
            return False
        self._slots.append(slot)
        return True

    def _clear_if_due(self) -> None:
        if self._clear_before_next:
            self._clear_before_next = False
            self._clear()

    def _clear(self) -> None:
        self.release()
        self._slots.clear()
        self._left_out = 0

    def _within_limit(self, message: T) -> T:
        limit = self._limits.display
        large = {kind: body for kind, body in message.data.items() if isinstance(body, str) and len(body) > limit}
        if not large:
            return message
        data: dict[str, Any] = {kind: body for kind, body in message.data.items() if kind not in large}
        notes = [self._note_left_out(kind, body) for kind, body in large.items()]
        data[mime.PLAIN] = "\n".join(filter(None, [data.get(mime.PLAIN, ""), *notes]))
        return cast("T", message.replace(data=data))

    def _note_left_out(self, kind: str, body: str) -> str:
        path = None if self._full is None else self._full.keep(len(self._slots) + 1, kind, body)
        where = f"the limit is {self._limits.display:,}" if path is None else f"all of it is in {path}"
        return f"[{kind} of {len(body):,} characters left out; {where}]"

    def _shortened(self, error: Error) -> Error:
        limit = self._limits.stream
        if len(error.evalue) + sum(map(len, error.traceback)) <= limit:
            return error
        evalue, traceback = StreamText(limit), StreamText(limit)
        evalue.add(error.evalue)
        traceback.add("\n".join(error.traceback))
        return error.replace(evalue=evalue.text(), traceback=tuple(traceback.text().split("\n")))

    def _where_full(self, stream: str) -> str:
        return "" if self._full is None or self._full.problem else str(self._full.stream_path(stream))
