"""Where a DOT text's first graph ends."""

from __future__ import annotations

import pytest
from verso_graph.syntax import after_first_graph


@pytest.mark.parametrize(
    ("dot", "rest"),
    [
        ("digraph { a -> b }", ""),
        ("  strict graph G { a -- b; subgraph { c } }\n // done }\n/* } */\n# }\n", ""),
        ("digraph { a } digraph { b }", "digraph { b }"),
        ("digraph { a } }", "}"),
        ("digraph { a /* } */ \n# }\n // }\n } x", "x"),
        (r'digraph { a [label="} \" }"] } x', "x"),
        ('digraph { a [label="one line,\n} another"] }', ""),
        ("digraph { a [label=<<b>}</b> {>] } x", "x"),
        ("digraph { a -> b -> { c d } } \t", ""),
        ("digraph { a", ""),
        ("digraph { a [label=<<b>] }", ""),
        ('digraph { a [label="no end] }', ""),
        ("", ""),
    ],
)
def test_what_follows(dot: str, rest: str) -> None:
    assert after_first_graph(dot) == rest
