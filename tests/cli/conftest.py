"""Runs the installed `verso` program as a person would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VERSO = Path(sys.executable).with_name("verso")


@pytest.fixture
def verso(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Calls `verso` with these arguments in the test's folder; the result has text stdout and stderr."""

    def call(*arguments: str | Path, input: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [VERSO, *map(str, arguments)],
            input=input,
            stdin=None if input is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=60,
        )

    return call


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a `.verso` file of Python sources (or whole cell objects)."""

    def make(*cells: str | dict[str, Any], name: str = "nb.verso", **metadata: Any) -> Path:
        document = {
            "verso": "1.0",
            "metadata": {"defaultKernel": "python", **metadata},
            "cells": [
                {"id": f"c{place}", "type": "code", "language": "python", "source": cell}
                if isinstance(cell, str)
                else {"id": f"c{place}", **cell}
                for place, cell in enumerate(cells)
            ],
        }
        path = tmp_path / name
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
        return path

    return make
