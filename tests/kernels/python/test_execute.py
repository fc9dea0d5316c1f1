"""Executing cells: what is shown, once, and how a cell ends."""

from __future__ import annotations

import pytest

from tests.kernels.python.conftest import Runner
from verso.api.outputs import ExecuteResult


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("1 + 1", "2"),
        ("x = 3", ""),
        ("x = 3\nx", "3"),
        ("1;", ""),
        ("1;  # a comment", ""),
        ("1  # a comment;", "1"),
        ("(1\n + 1\n)", "2"),
        ("(1\n + 1\n);", ""),
        ("'é;'", "'é;'"),
        ("'é' ;", ""),
        ("[i for i in range(3)]", "[0, 1, 2]"),
        ("None", ""),
        ("", ""),
        ("# nothing", ""),
        ("1; 2", "2"),
        ("if True:\n    5", ""),
        ("'''a\nb'''", "'a\\nb'"),
        ("x = 1\r\nx", "1"),
    ],
)
async def test_the_last_expression_is_shown(python: Runner, code: str, shown: str) -> None:
    assert await python.show(code) == shown


async def test_the_last_expression_is_evaluated_and_displayed_once(python: Runner) -> None:
    code = "seen = []\nclass A:\n    def __repr__(self):\n        seen.append('repr')\n        return 'A!'\n"
    _, sink = await python.run(code + "def make():\n    seen.append('make')\n    return A()\nmake()")
    assert [type(output) for output in sink.outputs] == [ExecuteResult]
    assert await python.value("seen") == ["make", "repr"]


async def test_state_and_history_are_kept(python: Runner) -> None:
    await python.show("x = 20")
    assert await python.show("x + 1") == "21"
    assert await python.show("x + 2") == "22"
    assert await python.show("(_, __, _2, Out[3], In[1])") == "(22, 21, 21, 22, 'x = 20')"


async def test_a_users_own_underscore_is_left_alone(python: Runner) -> None:
    await python.show("_ = str.upper")
    assert await python.show("_('a')") == "'A'"
    assert await python.show("_('b')") == "'B'"


async def test_futures_hold_for_later_cells_only_where_the_user_asked(python: Runner) -> None:
    assert await python.show("def f(x: 1 + 1): ...\nf.__annotations__") == "{'x': 2}"
    await python.show("from __future__ import annotations")
    assert await python.show("def f(x: 1 + 1): ...\nf.__annotations__") == "{'x': '1 + 1'}"
