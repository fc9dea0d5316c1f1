"""The folder for what is compiled once and used by every later start."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path


def cache_folder(*, environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The user's cache folder for compiled PowerShell code; it need not exist.

    Linux and others: `$XDG_CACHE_HOME/verso/powershell`, `~/.cache/verso/powershell` by default (XDG Base Directory
    Specification: a relative path there is ignored). macOS: below `~/Library/Caches`; Windows: below `%LOCALAPPDATA%`.
    """
    if platform == "win32":
        root = environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
        return Path(root, "verso", "Cache", "powershell")
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "verso" / "powershell"
    given = Path(environ.get("XDG_CACHE_HOME", ""))
    base = given if given.is_absolute() else Path.home() / ".cache"
    return base / "verso" / "powershell"


def worker_folder(cache: Path, sources: Path) -> Path:
    """The folder in `cache` for what is compiled from these very C# sources (`sources/*.cs`); it need not exist. The
    hash is made here and not in PowerShell, which would load OpenSSL for it at each start. Blocks."""
    digest = hashlib.sha256()
    for source in sorted(sources.glob("*.cs")):
        digest.update(source.read_bytes())
    return cache / f"worker-{digest.hexdigest()[:24]}"
