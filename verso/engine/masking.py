"""Masks secrets in what a cell puts out, before anybody sees or keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verso.api.messages import ClearOutput, OutputMessage, Progress, UpdateDisplayData
from verso.api.mime import MimeBundle, is_binary
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.api.secrets import Secrets
from verso.api.values import TypedValue


class OutputMask:
    """Masks the outputs of one cell. The end of a stream's text waits for what follows where it may be the beginning
    of a secret; `rest` hands it out."""

    __slots__ = ("_held", "_secrets")

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._held: Stream | None = None

    def masked(self, message: OutputMessage) -> Iterator[OutputMessage]:
        """What may be shown now, in order."""
        if not isinstance(message, Stream):
            yield from self.rest()
            yield self._masked(message)
            return
        if self._held is not None and self._held.name == message.name:
            message = message.replace(text=self._held.text + message.text)
            self._held = None
        else:
            yield from self.rest()
        text = self._secrets.mask(message.text)
        begun = self._secrets.begun(text)
        if begun:
            self._held = message.replace(text=text[-begun:])
            text = text[:-begun]
        if text:
            yield message.replace(text=text)

    def rest(self) -> Iterator[OutputMessage]:
        """What was held back: nothing follows it."""
        held, self._held = self._held, None
        if held is not None:
            yield held

    def _masked(self, message: OutputMessage) -> OutputMessage:
        secrets = self._secrets
        match message:
            case Error():
                return message.replace(
                    evalue=secrets.mask(message.evalue),
                    traceback=tuple(map(secrets.mask, message.traceback)),
                    detail=secrets.mask_value(message.detail),
                )
            case DisplayData() | ExecuteResult() | UpdateDisplayData():
                return message.replace(
                    data=masked_bundle(message.data, secrets), metadata=secrets.mask_value(message.metadata)
                )
            case Progress():
                return message.replace(
                    activity=secrets.mask(message.activity),
                    status=secrets.mask(message.status),
                    operation=secrets.mask(message.operation),
                )
            case Stream() | ClearOutput():
                return message


def masked_bundle(data: MimeBundle, secrets: Secrets) -> MimeBundle:
    """A bundle in which secrets are masked, except within pictures and other bytes."""
    return {kind: body if is_binary(kind) else secrets.mask_value(body) for kind, body in data.items()}


def masked_value(value: TypedValue, secrets: Secrets) -> TypedValue:
    """A typed value in which secrets are masked; a number or the like that is one becomes text."""
    kind: str = value["t"]
    content: Any = value.get("v")
    if kind in ("list", "set"):
        return {"t": kind, "v": [masked_value(item, secrets) for item in content]}
    if kind == "map":
        return {"t": kind, "v": [[secrets.mask(key), masked_value(item, secrets)] for key, item in content]}
    if kind == "table" and "rows" in content:
        rows = [[masked_value(item, secrets) for item in row] for row in content["rows"]]
        return {"t": kind, "v": {**content, "rows": rows}}
    if isinstance(content, str) and (masked := secrets.mask(content)) != content:
        return {"t": "string", "v": masked}
    return value
