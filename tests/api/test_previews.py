"""One line for any value, however large it is."""

from __future__ import annotations

import pytest

from verso.api.previews import shorten, variable_info
from verso.api.values import TypedValue, encode
from verso.api.variables import PREVIEW_LENGTH


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (encode(None), ("null", "null", None)),
        (encode(True), ("bool", "true", None)),
        (encode(2**100), ("int", str(2**100), None)),
        (encode("a\n   b"), ("string", "a b", 6)),
        (encode("half \ud800"), ("utf16", "half \ufffd", None)),
        (encode(b"abcd"), ("bytes", "4 bytes", None)),
        (encode([1, "two", None]), ("list", "1, two, null", 3)),
        (encode(list(range(11))), ("list", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …", 11)),
        (encode({"a": [1], "b": {"c": 2.5}}), ("map", "a: 1, b: c: 2.5", 2)),
        (encode([[[[["deep"]]]]]), ("list", "…", 1)),
        (encode([b"x", "\udfff"]), ("list", "1 byte, \ufffd", 2)),
    ],
)
def test_a_value_is_described_by_what_it_is(value: TypedValue, shown: tuple[str, str, int | None]) -> None:
    info = variable_info("x", value)
    assert (info.type, info.preview, info.count) == shown


def test_a_table_is_described_by_its_columns() -> None:
    content = {"columns": [{"name": "a", "type": ""}, {"name": "b", "type": ""}], "count": 1, "rows": [[], []]}
    info = variable_info("t", {"t": "table", "v": content})
    assert (info.type, info.preview, info.count, info.shape) == ("table", "1 row of a, b", 1, "1 x 2")


@pytest.mark.parametrize("text", ["x" * 10**7, " " * 10**7 + "x", "a b\n" * 10**6, "x" * (PREVIEW_LENGTH + 1)])
def test_a_long_text_is_cut_and_says_so(text: str) -> None:
    short = shorten(text)
    assert len(short) <= PREVIEW_LENGTH and short.endswith("…")
    assert shorten("x" * PREVIEW_LENGTH) == "x" * PREVIEW_LENGTH
