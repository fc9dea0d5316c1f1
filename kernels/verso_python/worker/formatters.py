"""Formatters: an object as a MIME bundle, by what it says of itself, in the ways that Jupyter knows.

`_repr_mimebundle_`, then what was registered with IPython for its type, then each `_repr_*_`, and always `text/plain`.
A formatter that raises is reported; the others are still asked and the cell goes on.
"""

from __future__ import annotations

import binascii
import sys

from .kinds import Any, Callable
from .pretty import pretty

METHODS = (
    ("_repr_html_", "text/html"),
    ("_repr_markdown_", "text/markdown"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
    ("_repr_gif_", "image/gif"),
    ("_repr_webp_", "image/webp"),
    ("_repr_latex_", "text/latex"),
    ("_repr_json_", "application/json"),
    ("_repr_javascript_", "application/javascript"),
    ("_repr_pdf_", "application/pdf"),
)

_PLAIN_TYPES = frozenset(
    (int, float, complex, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, type(None), type)
)
"""Types that have no method of these, so that none has to be looked for."""

_CANARY = "_ipython_canary_method_should_not_exist_"
"""An object that has this attribute has every attribute one asks for (a mock, a proxy): none of them is meant."""


class Formatters:
    """Makes bundles. `report(error)` is told of a formatter that raised."""

    def __init__(self, report: Callable[[BaseException], object]) -> None:
        self._report = report
        self.registered: Callable[[type], Any] | None = None
        """For a type, MIME types and the functions that somebody registered for them; None before there is a shell."""

    def shows_itself(self, value: Any) -> bool:
        """Whether the object put itself out (`_ipython_display_`)."""
        method = self._method(value, "_ipython_display_")
        if method is None:
            return False
        try:
            method()
        except NotImplementedError:
            return False
        except Exception as error:
            self._report(error)
            return False
        return True

    def bundle(self, value: Any, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """The object's bundle and its metadata by MIME type. `include`, `exclude`: types wanted or not."""
        data: dict[str, Any] = {}
        metadata: dict[str, Any] = {}
        if type(value) not in _PLAIN_TYPES:
            self._ask(value, data, metadata, include, exclude)
        if "text/plain" not in data:
            data["text/plain"] = self._plain(value)
        for mime in list(data):
            if (include and mime not in include) or (exclude and mime in exclude):
                del data[mime]
                metadata.pop(mime, None)
        return {mime: as_json(mime, content) for mime, content in data.items()}, metadata

    def _ask(self, value: Any, data: dict[str, Any], metadata: dict[str, Any], include: Any, exclude: Any) -> None:
        whole = self._method(value, "_repr_mimebundle_")
        if whole is not None:
            made, about = self._call(lambda: whole(include=include, exclude=exclude))
            if isinstance(made, dict):
                data.update(made)
                metadata.update(about or {})
        makers = [(mime, self._method(value, name)) for name, mime in METHODS]
        if self.registered is not None:
            known = self.registered(type(value))
            makers = [(mime, lambda function=function: function(value)) for mime, function in known] + makers
        for mime, method in makers:
            if method is None or mime in data or (include and mime not in include) or (exclude and mime in exclude):
                continue
            made, about = self._call(method)
            if made is not None:
                data[mime] = made
                if about:
                    metadata[mime] = about
        figures = sys.modules.get("matplotlib.figure")
        if figures is not None and issubclass(type(value), figures.Figure):
            self._ask_figure(value, data, metadata)

    def _ask_figure(self, figure: Any, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        from .figures import mark_shown, picture

        if not data:
            made, about = self._call(lambda: picture(figure))
            data.update(made or {})
            metadata.update(about or {})
        if data:
            mark_shown(figure)

    def _call(self, method: Callable[[], Any]) -> tuple[Any, Any]:
        """What the method made and its metadata; None when it has nothing or raised."""
        try:
            made = method()
        except NotImplementedError:
            return None, None
        except Exception as error:
            self._report(error)
            return None, None
        if isinstance(made, tuple) and len(made) == 2:
            return made
        return made, None

    @staticmethod
    def _method(value: Any, name: str) -> Callable[..., Any] | None:
        if issubclass(type(value), type):
            return None
        try:
            if getattr(value, _CANARY, None) is not None:
                return None
            method = getattr(value, name, None)
        except Exception:
            return None
        return method if callable(method) else None

    def _plain(self, value: Any) -> str:
        try:
            return pretty(value)
        except Exception as error:
            self._report(error)
            return "<%s object at 0x%x: its repr raised %s>" % (type(value).__name__, id(value), type(error).__name__)


def as_json(mime: str, content: Any) -> Any:
    """A bundle's content as JSON has it: bytes as base64 for binary types and as text for others."""
    if isinstance(content, (bytes, bytearray, memoryview)):
        if mime.startswith("text/") or mime.endswith(("+xml", "+json", "/javascript", "/json")):
            return bytes(content).decode("utf-8", "replace")
        return binascii.b2a_base64(content, newline=False).decode("ascii")
    return content
