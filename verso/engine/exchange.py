"""The folder of a session for files that its kernels hand to each other."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from verso.api.errors import NotebookUnwritableError

try:
    import fcntl
except ImportError:  # Windows: nothing tells a session that was killed from one that lives, so nothing is swept
    fcntl = None  # type: ignore[assignment]

PREFIX: Final = "verso-session-"

SETTLED: Final = 60.0
"""Seconds after which a folder without a lock is nobody's: a session locks its folder right after making it."""


@contextmanager
def exchange_folder() -> Iterator[Path]:
    """A fresh folder that is deleted on leaving, and at the start of a later session when this process is killed.

    The process holds a lock on it (flock(2)) that ends with the process. `NotebookUnwritableError` without a place
    for temporary files.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        raise NotebookUnwritableError(
            f"there is no place for temporary files: {(error.strerror or str(error)).lower()}",
            next_step="free some space, or set TMPDIR to a folder that can be written",
        ) from None
    lock = _lock(folder)
    try:
        _sweep(folder.parent)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None where another process has it or there are no locks."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _sweep(parent: Path) -> None:
    """Deletes the folders of sessions whose process was killed."""
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and time.time() - entry.stat().st_mtime > SETTLED:
                lock = _lock(Path(entry.path))
                if lock is not None:
                    shutil.rmtree(entry.path, ignore_errors=True)
                    os.close(lock)
