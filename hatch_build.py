"""Build step: puts mermaid.js into the package.

The script comes from the wheel of `mermaidx` (MIT, as mermaid.js itself), a requirement of the build: so a package
index for Python is all that a build needs, for a wheel as for an editable install.
"""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = Path("kernels", "verso_mermaid", "assets", "mermaid.min.js")


class MermaidScript(BuildHookInterface[Any]):
    """Copies the script beside the code that uses it; git ignores it there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        target = Path(self.root) / TARGET
        with as_file(files("mermaidx") / "assets" / "mermaid.js") as script:
            if not target.is_file() or target.read_bytes() != script.read_bytes():
                shutil.copyfile(script, target)
        build_data["artifacts"].append(TARGET.as_posix())
