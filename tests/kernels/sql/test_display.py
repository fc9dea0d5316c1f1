from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verso_sql.display import bundle, cell_text
from verso_sql.tables import Column, PreciseTime, ResultTable

from verso.api.mime import HTML, PLAIN, TABLE
from verso.rendering.sanitize import is_passive, sanitize


def table(*rows: tuple[Any, ...], count: int | None = None, names: tuple[str, ...] = ()) -> ResultTable:
    width = len(rows[0]) if rows else len(names)
    columns = tuple(Column(name=name, type="T") for name in names or [f"c{place}" for place in range(width)])
    return ResultTable(columns=columns, count=len(rows) if count is None else count, page=rows)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (True, "true"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (1.5, "1.5"),
        ("a\nb\t\x1b", "a\\nb\\t\\x1b"),
        (b"\x00\xff", "\\x00ff"),
        (b"x" * 40, "\\x" + "78" * 32 + "… (40 bytes)"),
        (dt.datetime(2024, 2, 29, 1, 2, 3), "2024-02-29 01:02:03"),
        (dt.timedelta(days=-1, hours=1), "-23:00:00"),
        (dt.timedelta(days=3, seconds=1, microseconds=500000), "3 days 00:00:01.5"),
        (dt.timedelta(0), "00:00:00"),
        (PreciseTime("2024-02-29T01:02:03.000000004"), "2024-02-29 01:02:03.000000004"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ([1, None, "x"], '[1, NULL, "x"]'),
        ({"a": Decimal("1.0")}, "{a: 1.0}"),
    ],
)
def test_cells(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_wide_characters_are_aligned() -> None:
    lines = bundle(table(("日本", 1), ("e\u0301", 22), names=("a", "b")))[PLAIN].split("\n")
    assert lines == ["a      b", "----  --", "日本   1", "e\u0301     22", "2 rows"]


def test_rows_beyond_the_page_are_counted() -> None:
    assert bundle(table((1,), (2,), count=1234))[PLAIN].endswith("… 1,232 more rows (1,234 in all)")
    assert bundle(table(names=("a",)))[PLAIN] == "a\n-\n0 rows"


def test_long_values_are_cut_in_every_view() -> None:
    shown = bundle(table(("x" * 1_000_000, b"y" * 1_000_000)))
    assert len(json.dumps(shown)) < 30_000
    assert all(view.count("…") for view in (shown[PLAIN], shown[HTML], json.dumps(shown[TABLE], ensure_ascii=False)))


def test_numbers_that_json_readers_would_round_are_text() -> None:
    resource = bundle(table((2**53 + 1, Decimal("0.10"), float("nan"), 1.5, 7)))[TABLE]
    assert resource["data"] == [{"c0": str(2**53 + 1), "c1": "0.10", "c2": "nan", "c3": 1.5, "c4": 7}]
    assert [field["type"] for field in resource["schema"]["fields"]] == [
        "integer",
        "number",
        "number",
        "number",
        "integer",
    ]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)


@given(st.text(), st.text())
def test_values_and_names_never_become_elements(name: str, value: str) -> None:
    parser = _Tags()
    parser.feed(bundle(table((value, [value], {value: value}), names=(name, "b", "c")))[HTML])
    assert parser.tags <= {"div", "table", "thead", "tbody", "tr", "th", "td", "br", "small", "i", "p"}


def test_a_page_shows_the_table_in_its_own_colours_with_all_that_it_says() -> None:
    markup = bundle(table((None, "two\nlines", 1), ("a", "b", 2), names=("n", "t", "i")))[HTML]
    assert is_passive(markup)
    kept = sanitize(markup)
    assert '<td class="null" style="text-align:left"><i>NULL</i></td>' in kept
    assert '<td style="text-align:left;white-space:pre-wrap">two\nlines</td>' in kept
    assert '<td style="text-align:right">2</td>' in kept
    assert '<small class="type">T</small>' in kept and '<p class="verso-caption">2 rows</p>' in kept
