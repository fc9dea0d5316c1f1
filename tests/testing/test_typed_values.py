"""The typed values to test with are typed values, and `meaning` tells apart what must be told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verso.api.values import TypedValue, decode, encode
from verso.testing.typed_values import KINDS, SAMPLES, meaning, typed_values


@pytest.mark.parametrize("kind", sorted(KINDS - {"table"}))
def test_samples_survive_python(kind: str) -> None:
    for value in SAMPLES[kind]:
        assert meaning(encode(decode(value))) == meaning(value)


@given(typed_values())
def test_random_values_survive_python(value: TypedValue) -> None:
    assert meaning(encode(decode(value))) == meaning(value)


@given(st.data())
def test_only_the_kinds_asked_for_are_drawn(data: st.DataObject) -> None:
    assert data.draw(typed_values(("int", "null")))["t"] in ("int", "null")


def typed(kind: str, content: object) -> TypedValue:
    return {"t": kind, "v": content}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (typed("datetime", "2024-01-01T00:00:00Z"), typed("datetime", "2024-01-01T00:00:00+00:00")),
        (typed("datetime", "2024-01-01T00:00:00.5"), typed("datetime", "2024-01-01T00:00:00.500000")),
        (typed("float", "1e3"), typed("float", "1000.0")),
        (typed("duration", "1.5"), typed("duration", "1.500000")),
        (typed("uuid", "12345678-1234-5678-1234-56781234567A"), typed("uuid", "12345678-1234-5678-1234-56781234567a")),
        (typed("set", [typed("int", "1"), typed("int", "2")]), typed("set", [typed("int", "2"), typed("int", "1")])),
        (typed("utf16", "YQA="), typed("string", "a")),
    ],
)
def test_other_spellings_mean_the_same(one: TypedValue, other: TypedValue) -> None:
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (typed("int", "1"), typed("float", "1.0")),
        (typed("int", "1"), typed("bool", True)),
        (typed("decimal", "1.1"), typed("decimal", "1.10")),
        (typed("float", "0.0"), typed("float", "-0.0")),
        (typed("int", str(2**53)), typed("int", str(2**53 + 1))),
        (typed("datetime", "2024-01-01T00:00:00"), typed("datetime", "2024-01-01T00:00:00+00:00")),
        (typed("time", "00:00:00.123456789"), typed("time", "00:00:00.123456")),
        (
            typed("map", [["a", typed("null", None)], ["b", typed("null", None)]]),
            typed("map", [["b", typed("null", None)]]),
        ),
        (typed("list", []), typed("set", [])),
        (typed("string", ""), typed("null", None)),
    ],
)
def test_what_differs_is_told_apart(one: TypedValue, other: TypedValue) -> None:
    assert meaning(one) != meaning(other)
