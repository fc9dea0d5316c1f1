from __future__ import annotations

import pytest
from verso_sql.options import CellOptions, read_options

from verso.api.errors import MagicError


def test_all_options_of_the_first_line() -> None:
    cell = '--connection "my db" --name var --no-display --page-size 7 --timeout 1.5\nselect 1'
    options, code = read_options(cell)
    assert options == CellOptions(connection="my db", name="var", display=False, page_size=7, timeout=1.5)
    assert code.strip() == "select 1" and code.index("select") == cell.index("select"), "places stay as they are"


@pytest.mark.parametrize(
    "code",
    ["select 1", "-- connection x\nselect 1", "--names of people\nselect 1", "--connections\nselect 1", "", "--x"],
)
def test_a_comment_is_no_option_line(code: str) -> None:
    assert read_options(code) == (CellOptions(), code)


@pytest.mark.parametrize(
    ("line", "words", "column"),
    [
        ("--name", "--name needs a value", 1),
        ("--name --no-display", "--name needs a value", 1),
        ("--name a n", "'n' is no option", 10),
        ("--name 1x", "'1x' is no name", 1),
        ("--page-size many", "a number of rows", 1),
        ("--page-size 0", "a number of rows", 1),
        ("--no-display --page-size -3", "a number of rows", 14),
        ("--timeout soon", "a number of seconds", 1),
        ('--name "x', "can't be read", 1),
    ],
)
def test_a_wrong_option_says_where(line: str, words: str, column: int) -> None:
    with pytest.raises(MagicError) as caught:
        read_options(f"{line}\nselect 1")
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == (1, column)
