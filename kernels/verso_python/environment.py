"""Environments for inline dependencies (PEP 723), made and cached by uv."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from verso.api.errors import KernelStartError

BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
"""The regular expression of PEP 723 itself."""


async def make_environment(sources: Sequence[str], directory: Path) -> str:
    """The interpreter of an environment that has what the notebook's `# /// script` block asks for.

    uv keys environments by the path of a script, so one script for each text is kept beside its cache: the second
    start of the same notebook finds its environment there. `KernelStartError`: uv is missing or could not make it
    (its own words), or the block is not what PEP 723 asks for.
    """
    block = read_block(sources)
    uv = find_uv()
    if uv is None:
        raise KernelStartError(
            "this notebook declares its dependencies inline, and uv, which makes such environments, is not there",
            next_step='install it (pip install uv, or "verso-notebook[uv]"), or name an interpreter: --python',
        )
    cache = Path((await _uv(uv, directory, "cache", "dir")).strip())
    script = _script(cache, block)
    await _uv(uv, directory, "sync", "--quiet", "--script", str(script))
    found = await _uv(uv, directory, "python", "find", "--script", str(script))
    return found.strip()


def read_block(sources: Sequence[str]) -> str:
    """The one `script` block of the notebook's cells. `KernelStartError` for none that is whole, several, bad TOML."""
    blocks = [
        match.group(0) for source in sources for match in BLOCK.finditer(source + "\n") if match["type"] == "script"
    ]
    if len(blocks) != 1:
        raise KernelStartError(
            "inline dependencies begin with `# /// script` and end with `# ///`, each line between begins with `#`"
            if not blocks
            else f"there are {len(blocks)} blocks of inline dependencies, and a notebook can have one",
            where="PEP 723",
            next_step="see https://packaging.python.org/en/latest/specifications/inline-script-metadata/",
        )
    text = "\n".join(line[2:] for line in blocks[0].splitlines()[1:-1])
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KernelStartError(f"the inline dependencies are no TOML: {error}", where="PEP 723") from None
    return blocks[0]


def find_uv() -> str | None:
    """uv beside the interpreter that runs Verso, or on PATH."""
    return shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")


def _script(cache: Path, block: str) -> Path:
    """A file with nothing but the block, the same for the same text."""
    name = hashlib.sha256(block.encode()).hexdigest()[:16]
    folder = (cache if cache.is_dir() else Path(tempfile.gettempdir())) / "verso-scripts"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"notebook-{name}.py"
    if not path.exists():
        path.write_text(block + "\n", encoding="utf-8")
    return path


async def _uv(uv: str, directory: Path, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        uv,
        *arguments,
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        said = errors.decode("utf-8", "replace").strip()
        raise KernelStartError(
            f"uv could not make the environment for the inline dependencies:\n{said}",
            where="PEP 723",
            next_step="correct the `# /// script` block, or name an interpreter: --python",
        )
    return output.decode("utf-8", "replace")
