"""A user's exception as an `error` message: a traceback that begins in the cell and has none of the worker's frames."""

from __future__ import annotations

import sys

from .kinds import Any, Message
from .sources import Sources

MOST = 40
"""Entries of an interrupt's traceback that are shown: the outer half and the inner half."""

FOLDER = __file__.rpartition("/")[0] + "/"


def describe(error: BaseException, file: str, sources: Sources) -> Message:
    """The fields of an `error` message. `file`: the file name of the cell that ran, for `line` and `column`.

    Also leaves the exception where `pdb.pm()` and IPython's `%debug` look for it.
    """
    error.__traceback__ = _from_cell(error.__traceback__, sources)
    told = type(error).__module__.startswith("verso_worker.")  # a message to the reader, whose code is not to blame
    if told:
        error.__traceback__ = error.__context__ = None
    _remember(error)
    line, column = _place(error, file, sources)
    return {
        "type": "error",
        "ename": type(error).__name__,
        "evalue": _text(error),
        "traceback": ["%s: %s" % (type(error).__name__, error)] if told else _lines(error, sources),
        "line": line,
        "column": column,
        "fatal": True,
        "detail": {},
    }


def _lines(error: BaseException, sources: Sources) -> list[str]:
    if type(error) is KeyboardInterrupt and "traceback" not in sys.modules:
        return _brief(error, sources)
    try:
        import traceback  # takes as long as the worker's own start

        told = traceback.TracebackException(type(error), error, error.__traceback__)
        _without_worker(told, set())
        return "".join(told.format()).rstrip("\n").split("\n")
    except Exception as trouble:  # an exception whose own text can't be made
        return ["%s: %s" % (type(error).__name__, _text(error)), "(no traceback: %s)" % (_text(trouble),)]


def _brief(error: BaseException, sources: Sources) -> list[str]:
    """As `traceback` has it, but for source lines of files: an interrupt must not wait for that to be imported."""
    entries = []
    entry = error.__traceback__
    while entry is not None:
        code = entry.tb_frame.f_code
        if not code.co_filename.startswith(FOLDER):
            lines = ['  File "%s", line %d, in %s' % (code.co_filename, entry.tb_lineno, code.co_name)]
            text = sources.get(code.co_filename)
            if text is not None:
                lines += ["    " + line.strip() for line in text.split("\n")[entry.tb_lineno - 1 : entry.tb_lineno]]
            entries.append(lines)
        entry = entry.tb_next
    if len(entries) > MOST:
        more = ["  [%d more]" % (len(entries) - MOST)]
        entries = [*entries[: MOST // 2], more, *entries[-MOST // 2 :]]
    return ["Traceback (most recent call last):", *(line for lines in entries for line in lines), "KeyboardInterrupt"]


def _without_worker(told: Any, seen: set[int]) -> None:
    if told is None or id(told) in seen:
        return
    seen.add(id(told))
    if told.stack:
        told.stack[:] = [frame for frame in told.stack if not frame.filename.startswith(FOLDER)]
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        _without_worker(other, seen)


def _from_cell(trace: Any, sources: Sources) -> Any:
    """The traceback without what lies above the cell: the worker, and the event loop."""
    entry = trace
    while entry is not None:
        if sources.get(entry.tb_frame.f_code.co_filename) is not None:
            return entry
        entry = entry.tb_next
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(FOLDER):
        trace = trace.tb_next
    return trace


def _remember(error: BaseException) -> None:
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    sys.last_exc = error  # type: ignore[attr-defined]


def _place(error: BaseException, file: str, sources: Sources) -> tuple[int, int]:
    """Line and column from 1 of the innermost place in the cell; 0 when it is not known."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno or 0, error.offset or 0
    found = (0, 0)
    entry = error.__traceback__
    while entry is not None:
        code = entry.tb_frame.f_code
        if code.co_filename == file:
            found = (entry.tb_lineno, _column(code, entry.tb_lasti, entry.tb_lineno, sources.get(file) or ""))
        entry = entry.tb_next
    return found


def _column(code: Any, instruction: int, line: int, text: str) -> int:
    if not hasattr(code, "co_positions") or instruction < 0:
        return 0
    for place, (start, _end, column, _end_column) in enumerate(code.co_positions()):
        if place == instruction // 2:
            if start != line or column is None:
                return 0
            source = (text.split("\n")[line - 1 : line] or [""])[0]
            return len(source.encode("utf-8", "replace")[:column].decode("utf-8", "ignore")) + 1
    return 0


def _text(error: BaseException) -> str:
    try:
        if isinstance(error, SyntaxError) and error.msg:
            return str(error.msg)  # its line is said elsewhere
        return str(error)
    except Exception as trouble:
        return "<its str() raised %s>" % type(trouble).__name__
