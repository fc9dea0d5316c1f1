"""The worker's dialect of the protocol: its messages as those of docs/wire.md, and back.

The worker's own messages are described in docs/kernels/powershell.md. Names and envelopes are translated here; what
needs more than the message itself (positions, values, the status of a cell) is done in `kernel`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from verso_powershell import bundles

Message = dict[str, Any]

_NO_SUCH_VARIABLE: Final = "There is no variable "
"""How the worker says that, and nothing else."""

_LATER_ITEM: Final = re.compile(r".*\[[1-9]\d*\]: ", re.DOTALL)
"""Asks for the second or a later item of a list (`name[1]: `)."""

_SENT: Final[Mapping[str, tuple[str, ...]]] = {
    "execute": ("id", "code", "name", "allow_input"),
    "interrupt": ("id",),
    "input_reply": ("input_id", "value"),
    "complete": ("id", "code", "position"),
    "inspect": ("id", "code", "position"),
    "diagnose": ("id", "code"),
    "variables": ("id",),
    "get_variable": ("id", "name"),
    "set_variable": ("id", "name", "value"),
    "shutdown": ("id",),
}

COMPLETION_KINDS: Final[Mapping[str, str]] = {
    "Command": "function",
    "DynamicKeyword": "keyword",
    "History": "text",
    "Keyword": "keyword",
    "Method": "method",
    "Namespace": "module",
    "ParameterName": "field",
    "ParameterValue": "value",
    "Property": "property",
    "ProviderContainer": "folder",
    "ProviderItem": "file",
    "Text": "text",
    "Type": "class",
    "Variable": "variable",
}
"""PowerShell's `CompletionResultType` → the kind as LSP calls it."""


class Reach:
    """How much of a variable the next `get_variable` asks for: levels of nesting, and items of each collection;
    None leaves it to the worker (4 levels, 1,000 items)."""

    def __init__(self) -> None:
        self.depth: int | None = None
        self.items: int | None = None


class Dialect:
    """Translates the messages of one worker. `program`: the pwsh that runs it. `arrow`: whether the kernel takes
    tables as Arrow files. `reach` is changed before a variable is asked for."""

    def __init__(self, *, program: str, arrow: bool) -> None:
        self.reach = Reach()
        self._program = program
        self._arrow = arrow
        self._asked: dict[Any, str] = {}

    def outgoing(self, message: Message) -> Message:
        """A message of docs/wire.md as the worker reads it."""
        kind = message["type"]
        fields = _SENT.get(kind)
        if fields is None:
            return message
        sent = {"type": kind, **{name: message.get(name) for name in fields}}
        if kind == "get_variable":
            extent = {"depth": self.reach.depth, "items": self.reach.items}
            sent.update({name: value for name, value in extent.items() if value is not None})
        if kind not in ("interrupt", "input_reply"):
            self._asked[message.get("id")] = kind
        return sent

    def incoming(self, message: Message) -> Message:
        """A message of the worker as docs/wire.md has it. Unknown ones pass as they are."""
        kind = message.get("type")
        if kind == "ready":
            return self._ready(message)
        if kind == "reply":
            return self._reply(message)
        translate = _RECEIVED.get(kind) if isinstance(kind, str) else None
        return translate(message) if translate else message

    def _ready(self, message: Message) -> Message:
        return {
            "type": "ready",
            "protocol": message.get("protocol"),
            "language": "powershell",
            "version": message.get("powershell") or "",
            "program": self._program,
            "arrow": self._arrow,
            "detail": {name: message.get(name) for name in ("runtime", "compiled", "pid", "cwd")},
        }

    def _reply(self, message: Message) -> Message:
        asked = self._asked.pop(message.get("id"), "")
        envelope = {"type": "reply", "id": message.get("id"), "status": message.get("status", "ok")}
        if "message" in message:
            failed = {**envelope, "message": message["message"]}
            missing = asked == "get_variable" and str(message["message"]).startswith(_NO_SUCH_VARIABLE)
            return {**failed, "what": "unknown"} if missing else failed
        translate = _REPLIES.get(asked)
        return {**envelope, **translate(message)} if translate else message


# --- outputs --------------------------------------------------------------------------------------------


def _shown(message: Message) -> Message:
    data: dict[str, Any] = message.get("data") or {}
    metadata: dict[str, Any] = message.get("metadata") or {}
    if not metadata.get("partial"):
        data = bundles.with_table(data)
    return {**message, "data": bundles.with_plain_text(data), "metadata": metadata}


def _error(message: Message) -> Message:
    """The place in the message itself is where the error was raised, which may be another cell or a script;
    `kernel` finds the line within the cell that runs."""
    detail_fields = ("category", "exception", "terminating", "cell", "line", "column", "stack", "parse_errors")
    text = message.get("text") or ""
    return {
        **_envelope(message, "error"),
        "ename": message.get("ename") or "Error",
        "evalue": message.get("evalue") or "",
        "traceback": text.removesuffix("\n").split("\n") if text else [],
        "line": message.get("line") or 0,
        "column": message.get("column") or 0,
        "fatal": bool(message.get("terminating")),
        "detail": {name: message[name] for name in detail_fields if name in message},
    }


def _progress(message: Message) -> Message:
    source, parent = message.get("source"), message.get("parent_id", -1)
    return {
        **_envelope(message, "progress"),
        "progress_id": f"{source}.{message.get('activity_id')}",
        "parent": f"{source}.{parent}" if parent >= 0 else "",
        "activity": message.get("activity") or "",
        "status": message.get("status") or "",
        "operation": message.get("operation") or "",
        "percent": float(message.get("percent", -1)),
        "seconds_remaining": float(message.get("seconds_remaining", -1)),
        "completed": bool(message.get("completed")),
    }


def _input_request(message: Message) -> Message:
    texts = {name: message.get(name) or "" for name in ("prompt", "caption", "message", "field", "field_type", "help")}
    choices = [
        {
            "label": choice.get("label") or "",
            # A choice without a key of its own is answered by its label.
            "key": choice.get("key") or choice.get("label") or "",
            "help": choice.get("help") or "",
        }
        for choice in message.get("choices") or ()
    ]
    default = message.get("default")
    if default is None or not 0 <= default < len(choices):
        default = None
    if choices:  # who asks lists them: the worker's prompt, the list again, says nothing new
        texts["prompt"] = "Choice: " if default is None else f'Choice (default is "{choices[default]["key"]}"): '
    elif _LATER_ITEM.fullmatch(texts["prompt"]):  # the console names the command once, not with each item
        texts["caption"] = texts["message"] = ""
    return {
        **_envelope(message, "input_request"),
        "input_id": message.get("input_id"),
        "kind": message.get("kind") or "line",
        **texts,
        "choices": choices,
        "default": default,
    }


def _not_running(message: Message) -> Message:
    # `request` is what the interrupt named; the worker's `id` is that of whatever runs.
    return {"type": "not_running", "id": message.get("request")}


def _envelope(message: Message, kind: str) -> Message:
    return {"type": kind, "id": message["id"]} if "id" in message else {"type": kind}


# --- replies --------------------------------------------------------------------------------------------


def _execute_reply(message: Message) -> Message:
    changes: Mapping[str, Any] = message.get("variables") or {}
    detail_fields = ("errors", "exit_code", "success", "last_exit_code", "cwd", "ms")
    return {
        "execution_count": None,
        "changes": {
            "added": [_variable(item) for item in changes.get("added") or ()],
            "changed": [_variable(item) for item in changes.get("changed") or ()],
            "removed": list(changes.get("removed") or ()),
        },
        "detail": {name: message[name] for name in detail_fields if name in message},
    }


def _complete_reply(message: Message) -> Message:
    return {
        "start": message.get("start", 0),
        "end": message.get("end", 0),
        "completions": [
            {
                "text": match.get("text") or "",
                "label": match.get("label") or "",
                "kind": COMPLETION_KINDS.get(match.get("kind") or "", ""),
                "detail": (match.get("tooltip") or "").strip(),
            }
            for match in message.get("matches") or ()
        ],
        "more": bool(message.get("more")),
    }


def _inspect_reply(message: Message) -> Message:
    if not message.get("found"):
        return {"found": False, "data": {}}
    name = message.get("name") or ""
    if message.get("kind") == "Variable":
        size = message.get("shape") or (message.get("count") if message.get("count") is not None else "")
        lines = [f"${name}: {message.get('net_type') or ''}", f"size: {size}" if size != "" else ""]
        lines.append(message.get("preview") or "")
        text = "\n".join(filter(None, lines))
        return {"found": True, "data": {"text/plain": text, "text/markdown": f"```text\n{text}\n```"}}
    target, module = message.get("target") or name, message.get("module") or ""
    title = f"{name} → {target}" if target != name else name
    about = f"{title} ({message.get('kind') or ''}{f' of {module}' if module else ''})"
    synopsis, syntax = message.get("synopsis") or "", message.get("syntax") or ""
    markdown = [
        f"**{title}** {about.removeprefix(title).strip()}",
        synopsis,
        f"```powershell\n{syntax}\n```" * bool(syntax),
    ]
    return {
        "found": True,
        "data": {
            "text/plain": "\n\n".join(filter(None, (about, synopsis, syntax))),
            "text/markdown": "\n\n".join(filter(None, markdown)),
        },
    }


def _diagnose_reply(message: Message) -> Message:
    errors = message.get("errors") or ()
    return {
        "diagnostics": [
            {
                "message": error.get("message") or "",
                "severity": "error",
                "line": error.get("line") or 1,
                "column": error.get("column") or 1,
                "end_line": error.get("end_line") or 0,
                "end_column": error.get("end_column") or 0,
                "code": error.get("error_id") or "",
                "source": "powershell",
            }
            for error in errors
        ],
        "incomplete": any(error.get("incomplete") for error in errors),
    }


def _variable(message: Message | str) -> Message:
    if isinstance(message, str):  # a name alone, as the first workers told what changed
        message = {"name": message}
    return {
        "name": message.get("name") or "",
        "type": message.get("net_type") or "",
        "preview": message.get("preview") or "",
        "count": message.get("count"),
        "shape": " x ".join((message.get("shape") or "").split("x")) if message.get("shape") else "",
    }


_RECEIVED: Final[Mapping[str, Callable[[Message], Message]]] = {
    "display_data": _shown,
    "update_display_data": _shown,
    "execute_result": _shown,
    "error": _error,
    "progress": _progress,
    "input_request": _input_request,
    "not_running": _not_running,
}

_REPLIES: Final[Mapping[str, Callable[[Message], Message]]] = {
    "execute": _execute_reply,
    "complete": _complete_reply,
    "inspect": _inspect_reply,
    "diagnose": _diagnose_reply,
    "variables": lambda message: {"variables": [_variable(item) for item in message.get("variables") or ()]},
    "get_variable": lambda message: {"value": message.get("value")},
    "set_variable": lambda message: {},
}
