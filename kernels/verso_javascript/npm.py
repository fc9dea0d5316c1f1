"""The magic `#!npm install …`: packages for a notebook's cells, kept in the user's cache and shared by what asks for
the same ones; nothing is written beside the notebook."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from verso.api.errors import MagicError, MissingComponentError
from verso.api.magics import MagicCall, MagicContext
from verso.api.outputs import Stream

_LIMIT = 600.0


async def run(call: MagicCall, context: MagicContext) -> None:
    """Installs what the line names and lets the cells import it. `MagicError` when npm can't."""
    packages = str(call.arguments.get("packages", "")).split()
    if call.arguments.get("command") not in ("install", "i", "add"):
        raise MagicError(
            "only `#!npm install NAME …` is known", line=call.line, column=1, next_step="#!npm install lodash"
        )
    if not packages:
        raise MagicError("no package was named", line=call.line, column=1, next_step="#!npm install lodash")
    for package in packages:
        if package.startswith("-"):
            raise MagicError(f"{package!r} is an option, and only packages can be named", line=call.line, column=1)
    folder = package_folder(packages)
    if not (folder / "node_modules").is_dir():
        await _install(packages, folder, call, context)
    await context.execute("javascript", f"void $$packages({json.dumps(str(folder))})")


def package_folder(packages: list[str]) -> Path:
    """Where a set of packages is kept: named after them, so that another run finds them without a network."""
    digest = hashlib.sha256("\n".join(sorted(packages)).encode()).hexdigest()[:24]
    return _cache() / "npm" / digest


async def _install(packages: list[str], folder: Path, call: MagicCall, context: MagicContext) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise MissingComponentError(
            "npm is not on PATH", next_step="it comes with Node.js (on Debian: apt install npm)"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    (fresh / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    command = (npm, "install", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", *packages)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=fresh,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_LIMIT):
            said, _ = await process.communicate()
    except TimeoutError:
        raise MagicError(f"npm did not finish within {_LIMIT:.0f} seconds", line=call.line, column=1) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if process.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
    text = said.decode(errors="replace").strip()
    if process.returncode != 0:
        raise MagicError(f"npm install {' '.join(packages)} failed:\n{text}", line=call.line, column=1)
    try:
        fresh.rename(folder)
    except OSError:  # somebody else was faster, with the same packages
        shutil.rmtree(fresh, ignore_errors=True)
    context.sink.put(Stream(name="stdout", text=f"{text}\n"))


def _cache() -> Path:
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "verso"
