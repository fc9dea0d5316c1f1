"""The examples of docs/graph.md run, and say what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "graph.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_run(example: str) -> None:
    exec(compile(example, "docs/graph.md", "exec"), {})


def test_the_dot_text_is_as_shown(capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = re.findall(r"```dot\n(.*?)```", PAGE, re.DOTALL)
    (example,) = (each for each in EXAMPLES if "print(graph.to_dot())" in each)
    exec(compile(example, "docs/graph.md", "exec"), {})
    assert capsys.readouterr().out == shown
