"""Replacing a file in one step: a reader sees the old text or the new one, and a failure leaves the old one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from verso.api.errors import NotebookUnwritableError

_NEXT_STEPS: Final = {
    errno.ENOSPC: "free some space, or write to another disk",
    errno.EDQUOT: "the disk quota is used up: free some space, or write elsewhere",
    errno.EFBIG: "the file would be larger than allowed here",
    errno.EROFS: "the file system is read-only: write elsewhere",
    errno.EACCES: "check the permissions of the file and its folder, or write elsewhere",
    errno.EPERM: "check the permissions of the file and its folder, or write elsewhere",
    errno.ENOENT: "make the folder first",
}


def replace_file(path: Path, write: Callable[[Callable[[str], object]], None]) -> FileState:
    """Gives the file at `path` the text that `write` hands, in pieces, to what it is called with. Returns its state
    as it was written, whatever others do to it meanwhile; None for what is no regular file.

    UTF-8, newlines as they are. The text goes to a new file in the same folder, is on disk before it takes the old
    one's name, and takes over its mode. A link is followed; what is no regular file (a device, a pipe) is written to
    as it is. `NotebookUnwritableError` when that can't be done: the old file is as it was and nothing is left behind.
    What `write` raises comes through, likewise.
    """
    try:
        if _is_device(path):
            with path.open("w", encoding="utf-8", newline="") as device:
                write(device.write)
            return None
        return _replace(Path(os.path.realpath(path)), write)
    except OSError as error:
        raise unwritable(str(path), error) from None
    except UnicodeEncodeError as error:
        raise NotebookUnwritableError(
            f"the text holds half a surrogate pair ({error.object[error.start]!a}), which UTF-8 has no form for",
            where=str(path),
            next_step="save it as .verso or .ipynb, which can keep it, or take it out of the cell",
        ) from None


def write_file(path: Path, text: str) -> None:
    """Gives the file at `path` this text, as `replace_file` does."""

    def write(put: Callable[[str], object]) -> None:
        put(text)

    replace_file(path, write)


def check_writable(path: Path) -> None:
    """`NotebookUnwritableError` when `replace_file` would fail as things are now: no such folder, no permission, a
    folder in the file's place. What it can't foresee: a disk that fills up."""
    try:
        if not _is_device(path):
            target = Path(os.path.realpath(path))
            _old_file(target)
            if not target.parent.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            if not os.access(target.parent, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise unwritable(str(path), error) from None
    except ValueError as error:  # a path with a NUL character
        raise NotebookUnwritableError(f"no file can have this name: {error}", where=repr(str(path))) from None


FileState = tuple[int, int, int] | None
"""What tells whether a file was changed: which file it is, its size and its time of change; None for no file."""


def file_state(path: Path) -> FileState:
    """The state of the file at `path` (the one that a link leads to)."""
    try:
        return _state(path.stat())
    except OSError:
        return None


def _state(now: os.stat_result) -> FileState:
    return now.st_ino, now.st_size, now.st_mtime_ns


def unwritable(where: str, error: OSError) -> NotebookUnwritableError:
    """The error for an operating system's refusal to write."""
    reason = (error.strerror or str(error)).lower()
    return NotebookUnwritableError(
        f"can't be written: {reason}", where=where, next_step=_NEXT_STEPS.get(error.errno or 0, "")
    )


def _is_device(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _old_file(target: Path) -> os.stat_result | None:
    """What is there now. `OSError` when it may not be replaced."""
    try:
        old = target.stat()
    except FileNotFoundError:
        target.parent.stat()
        return None
    if stat.S_ISDIR(old.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return old


def _replace(target: Path, write: Callable[[Callable[[str], object]], None]) -> FileState:
    old = _old_file(target)
    fresh = target.with_name(f".verso-{os.urandom(6).hex()}.tmp")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            if old is not None:
                _take_over(descriptor, old)
            write(file.write)
            file.flush()
            os.fsync(descriptor)
            state = _state(os.fstat(descriptor))
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return state


def _take_over(descriptor: int, old: os.stat_result) -> None:
    if hasattr(os, "fchown") and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
        try:
            os.fchown(descriptor, old.st_uid, old.st_gid)
        except PermissionError:
            pass  # only root may give a file away: it becomes ours, as with any editor
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _sync_folder(folder: Path) -> None:
    """Makes the new name last through a crash, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
