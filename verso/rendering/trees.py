"""`application/json` as HTML: a tree that opens and closes without a script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from itertools import islice
from typing import Any, Final

from verso.api.rendering import RenderContext, View

NODES: Final = 5_000
"""More nodes than this are not drawn; the tree says how many it left out of each list."""

CHILDREN: Final = 200
"""So many members of one list or object are drawn."""

_OPEN_DEPTH: Final = 2
_MAX_DEPTH: Final = 60


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of a JSON value."""
    return View(content=f'<div class="verso-json">{_Tree().node(content, 0)}</div>')


class _Tree:
    def __init__(self) -> None:
        self._left = NODES

    def node(self, value: Any, depth: int, label: str = "") -> str:
        self._left -= 1
        if isinstance(value, Mapping):
            pairs = (f'<span class="key">{escape(str(key))}</span>: ' for key in value)
            return self._branch("{}", zip(pairs, value.values(), strict=True), len(value), depth, label)
        if isinstance(value, (list, tuple)):
            return self._branch("[]", (("", item) for item in value), len(value), depth, label)
        kind = "string" if isinstance(value, str) else "number" if type(value) in (int, float) else "word"
        text = escape(json.dumps(value, ensure_ascii=False, default=str), quote=False)
        return f'{label}<span class="{kind}">{text}</span>'

    def _branch(self, brackets: str, members: Iterable[tuple[str, Any]], count: int, depth: int, label: str) -> str:
        left, right = brackets[0], brackets[1]
        if not count:
            return f"{label}<span>{left}{right}</span>"
        noun = "item" if left == "[" else "key"
        size = f'{label}<span class="count">{left} {count:,} {noun}{"s" * (count > 1)} {right}</span>'
        if depth >= _MAX_DEPTH or self._left <= 0:
            return size
        rows = [f"<li>{self.node(item, depth + 1, name)}</li>" for name, item in islice(members, CHILDREN)]
        if count > CHILDREN:
            rows.append(f'<li class="count">… {count - CHILDREN:,} more</li>')
        opened = " open" if depth < _OPEN_DEPTH and count <= 50 else ""
        return f"<details{opened}><summary>{size}</summary><ul>{''.join(rows)}</ul></details>"
