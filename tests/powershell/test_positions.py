"""Positions in code points and in UTF-16 units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verso_powershell.positions import column, points, units

texts = st.text(alphabet=st.sampled_from("ab\n\r é😀\U0001f468"), max_size=12)


@given(texts, st.data())
def test_there_and_back(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text)))
    expected = len(text[:position].encode("utf-16-le")) // 2
    assert units(text, position) == expected
    assert points(text, expected) == position


@given(texts, st.integers(0, 40))
def test_any_unit_is_a_position(text: str, position: int) -> None:
    assert 0 <= points(text, position) <= len(text)


@pytest.mark.parametrize(
    ("text", "line", "given_column", "expected"),
    [
        ("'😀'; x", 1, 7, 6),
        ("a\n'😀' x", 2, 6, 5),
        ("a\r\n'😀' x", 2, 6, 5),
        ("'😀'", 1, 5, 4),
        ("'😀'", 1, 6, 5),
        ("'😀'", 3, 6, 6),
        ("'😀'", 0, 0, 0),
        ("plain", 1, 3, 3),
    ],
)
def test_columns(text: str, line: int, given_column: int, expected: int) -> None:
    assert column(text, line, given_column) == expected
