"""`display` and its relatives: what user code calls to show things, with Jupyter's names and arguments."""

from __future__ import annotations

import binascii
import os

from .channel import Channel
from .formatters import Formatters, as_json
from .kinds import Any, Callable, Message

PLAIN_LENGTH = 2000
"""Characters of content of another type that stand in for it as `text/plain`."""


class Display:
    """Sends bundles for whatever cell runs. Its public methods are the functions that user code gets."""

    def __init__(self, channel: Channel, report: Callable[[BaseException], object]) -> None:
        self._channel = channel
        self.formatters = Formatters(report)
        self.cell: str = ""
        """Id of the execute request that outputs belong to."""

    def send(self, message: Message) -> None:
        """Sends one output message of the cell. In a forked child, which has no channel, its text is printed."""
        if self._channel.open:
            message["id"] = self.cell
            self._channel.send(message)
        elif "data" in message:
            print(message["data"].get("text/plain", ""))

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        """IPython's `publish_display_data`: a bundle as it is. `update` changes what is shown with its display_id."""
        identity = (transient or {}).get("display_id")
        message = {
            "type": "update_display_data" if update and identity else "display_data",
            "data": {str(mime): as_json(mime, content) for mime, content in data.items()},
            "metadata": metadata or {},
        }
        if identity:
            message["display_id"] = str(identity)
        self.send(message)

    def result(self, value: Any, execution_count: int) -> None:
        """Shows the value of a cell's last expression."""
        if self.formatters.shows_itself(value):
            return
        data, metadata = self.formatters.bundle(value)
        self.send({"type": "execute_result", "data": data, "metadata": metadata, "execution_count": execution_count})

    def display(
        self,
        *objs: Any,
        include: Any = None,
        exclude: Any = None,
        metadata: Any = None,
        transient: Any = None,
        display_id: Any = None,
        raw: bool = False,
        clear: bool = False,
        mime: str | None = None,
        update: bool = False,
        **_: Any,
    ) -> Handle | None:
        """Shows objects: each as the richest of what it offers, for the reader to choose from.

        `display_id`: a name under which the display can be changed later, or True for a new one; the handle is
        returned. `raw`: the objects are MIME bundles (dicts) already. `mime`: the objects are content of this MIME
        type. `metadata`: by MIME type. `include`, `exclude`: MIME types. `clear`: what the cell showed goes first.
        """
        if clear:
            self.clear_output(wait=True)
        if display_id is True:
            display_id = binascii.b2a_hex(os.urandom(16)).decode("ascii")
        if update and display_id is None:
            raise TypeError("display_id is required when update is true")
        about = dict(transient or {})
        described: dict[str, Any]
        if display_id is not None:
            about["display_id"] = display_id
        for value in objs:
            if raw or mime is not None:
                data, described = (_of_mime(mime, value) if mime is not None else value), {}
                if not hasattr(data, "items"):
                    raise TypeError("with raw=True, display takes MIME bundles: dicts from MIME type to content")
            elif self.formatters.shows_itself(value):
                continue
            else:
                data, described = self.formatters.bundle(value, include, exclude)
            self.publish(data, {**described, **(metadata or {})}, transient=about, update=update)
        return Handle(self, str(display_id)) if display_id is not None else None

    def update_display(self, obj: Any, *, display_id: str, **options: Any) -> None:
        """Shows `obj` in the place of what was displayed with this `display_id`, in whatever cell that is."""
        self.display(obj, display_id=display_id, update=True, **options)

    def clear_output(self, wait: bool = False) -> None:
        """Forgets what the cell has put out so far; with `wait` not before the next output comes."""
        self.send({"type": "clear_output", "wait": bool(wait)})


def _of_mime(mime: str, value: Any) -> dict[str, Any]:
    """A bundle of one type, and a text for readers that can't show it; a long one is cut there."""
    if mime == "text/plain":
        return {mime: value}
    text = value if isinstance(value, str) else "<%s>" % mime
    return {mime: value, "text/plain": text if len(text) <= PLAIN_LENGTH else text[:PLAIN_LENGTH] + "…"}


class Handle:
    """A display that can be changed. `display_id` names it."""

    def __init__(self, displays: Display, display_id: str) -> None:
        self._displays = displays
        self.display_id = display_id

    def display(self, obj: Any, **options: Any) -> None:
        """Shows `obj` as a new display under this id."""
        self._displays.display(obj, display_id=self.display_id, **options)

    def update(self, obj: Any, **options: Any) -> None:
        """Shows `obj` in the place of what is there."""
        self._displays.update_display(obj, display_id=self.display_id, **options)

    def __repr__(self) -> str:
        return "<DisplayHandle display_id=%s>" % self.display_id
