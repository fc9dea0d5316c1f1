"""Values to PowerShell and back. What the worker reads it writes again unchanged (52 kinds, observed on a real one),
so the way there and back is that of `to_powershell` and `from_powershell`."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verso_powershell.read_values import Unfinished, from_powershell
from verso_powershell.write_values import to_powershell

from verso.api.values import TypedValue, Untransferable, decode, encode


def there_and_back(value: Any) -> Any:
    return decode(from_powershell(to_powershell(encode(value))))


# .NET: 28 digits after the point, whole minutes of offset up to 14 hours, TimeSpan of 2^63 ticks.
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6)
offsets: st.SearchStrategy[dt.tzinfo] = st.integers(-14 * 60, 14 * 60).map(
    lambda minutes: dt.timezone(dt.timedelta(minutes=minutes))
)
zones: st.SearchStrategy[dt.tzinfo | None] = st.one_of(st.none(), offsets)
moments = st.datetimes(timezones=zones, min_value=dt.datetime(2, 1, 1), max_value=dt.datetime(9998, 1, 1))  # type: ignore[arg-type]
spans = st.timedeltas(min_value=dt.timedelta(days=-10_000_000), max_value=dt.timedelta(days=10_000_000))
plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | decimals
    | st.dates()
    | st.times()
    | moments
    | spans
    | st.uuids()
)
names = st.text(alphabet="abcdefgh😀é_ ", min_size=1, max_size=6)
nested = st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4))


@given(nested)
def test_nothing_is_lost_on_the_way(value: Any) -> None:
    back = there_and_back(value)
    if isinstance(back, dict) and back.get("t") == "table":
        names_of = [column["name"] for column in back["v"]["columns"]]
        back = [dict(zip(names_of, map(decode, row), strict=True)) for row in back["v"]["rows"]]
    assert back == value
    assert repr(back) == repr(value) or not isinstance(value, float | int | bool | str)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (2**31 - 1, {"t": "int32", "v": "2147483647"}),
        (2**31, {"t": "int64", "v": "2147483648"}),
        (-(2**63), {"t": "int64", "v": "-9223372036854775808"}),
        (2**63, {"t": "biginteger", "v": "9223372036854775808"}),
        (0.1, {"t": "double", "v": "0.1"}),
        (-0.0, {"t": "double", "v": "-0.0"}),
        (math.inf, {"t": "double", "v": "Infinity"}),
        (decimal.Decimal("1.10"), {"t": "decimal", "v": "1.10"}),
        (decimal.Decimal("1E+3"), {"t": "decimal", "v": "1000"}),
        ("half \ud800", {"t": "utf16", "v": "aABhAGwAZgAgAADY"}),
        (dt.datetime(2026, 1, 2, 3, 4, 5), {"t": "datetime", "v": "2026-01-02T03:04:05"}),
        (dt.datetime(2026, 1, 2, 3, 4, 5, 600, dt.UTC), {"t": "datetime", "v": "2026-01-02T03:04:05.000600Z"}),
        (
            dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
            {"t": "datetimeoffset", "v": "2026-01-02T00:00:00+05:30"},
        ),
        (dt.timedelta(days=1, seconds=1, microseconds=1), {"t": "timespan", "v": "1.00:00:01.0000010"}),
        (dt.timedelta(seconds=-1), {"t": "timespan", "v": "-00:00:01"}),
        (uuid.UUID(int=1), {"t": "guid", "v": "00000000-0000-0000-0000-000000000001"}),
        ([1], {"t": "array", "of": "System.Object", "v": [{"t": "int32", "v": "1"}]}),
        ({"a": 1}, {"t": "custom", "v": [["a", {"t": "int32", "v": "1"}]]}),
        ({"": 1}, {"t": "ordered", "v": [[{"t": "string", "v": ""}, {"t": "int32", "v": "1"}]]}),
        ({"PSObject": 1}, {"t": "ordered", "v": [[{"t": "string", "v": "PSObject"}, {"t": "int32", "v": "1"}]]}),
    ],
)
def test_what_is_sent(value: Any, sent: TypedValue) -> None:
    assert to_powershell(encode(value)) == sent


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"a": 1, "A": 2}, "ignore case"),
        ({"": 1, "é": 2}, "PowerShell property"),
        (decimal.Decimal("NaN"), "has no NaN"),
        (decimal.Decimal(2**96), "28 digits"),
        (decimal.Decimal("1e-29"), "28 digits"),
        (dt.time(1, 2, tzinfo=dt.UTC), "no offset"),
        (dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=15))), "no offset of"),
        (dt.timedelta(days=11_000_000), "TimeSpan"),
    ],
)
def test_what_dotnet_can_not_hold_is_said(value: Any, why: str) -> None:
    with pytest.raises(Untransferable, match=why) as caught:
        to_powershell(encode({"deep": [value]}))
    assert caught.value.path == ".deep[0]"


def test_nanoseconds_are_not_cut() -> None:
    with pytest.raises(Untransferable, match="seven digits"):
        to_powershell({"t": "datetime", "v": "2026-01-01T00:00:00.123456789"})
    kept = to_powershell({"t": "datetime", "v": "2026-01-01T00:00:00.123456700"})
    assert kept == {"t": "datetime", "v": "2026-01-01T00:00:00.1234567"}


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ({"t": "single", "v": "0.1"}, 0.10000000149011612),
        ({"t": "double", "v": "1E+300"}, 1e300),
        ({"t": "double", "v": "-0"}, -0.0),
        ({"t": "char", "v": 65}, "A"),
        ({"t": "char", "v": 0xD800}, "\ud800"),
        ({"t": "uint64", "v": str(2**64 - 1)}, 2**64 - 1),
        ({"t": "decimal", "v": "79228162514264337593543950335"}, decimal.Decimal(2**96 - 1)),
        ({"t": "datetime", "v": "2026-01-02T03:04:05.0060000+02:00"}, "2026-01-02T03:04:05.006000+02:00"),
        ({"t": "datetime", "v": "2026-01-02T03:04:05.0000001"}, "2026-01-02T03:04:05.0000001"),
        ({"t": "timeonly", "v": "01:02:03.0000000"}, dt.time(1, 2, 3)),
        ({"t": "dateonly", "v": "2020-02-29"}, dt.date(2020, 2, 29)),
        ({"t": "timespan", "v": "-1.10:17:36.7890123"}, "-123456.7890123"),
        ({"t": "version", "v": "1.2.3"}, "1.2.3"),
        ({"t": "enum", "type": "System.DayOfWeek", "v": "5", "text": "Friday"}, "Friday"),
        ({"t": "arraylist", "v": [{"t": "null"}]}, [None]),
        ({"t": "hashtable", "v": [[{"t": "string", "v": "k"}, {"t": "bool", "v": True}]]}, {"k": True}),
        (
            {
                "t": "object",
                "type": "System.Collections.Generic.Dictionary`2[System.String,System.Int32]",
                "v": [[{"t": "string", "v": "k"}, {"t": "int32", "v": "1"}]],
            },
            {"k": 1},
        ),
        (
            {
                "t": "object",
                "type": "System.Collections.Generic.Queue`1[System.Int32]",
                "v": [{"t": "int32", "v": "1"}],
            },
            [1],
        ),
    ],
)
def test_what_is_understood(shown: TypedValue, value: Any) -> None:
    result = from_powershell(shown)
    assert (result["v"] if result["t"] in ("datetime", "duration") else decode(result)) == value


@pytest.mark.parametrize(
    ("shown", "type_name", "why"),
    [
        (
            {"t": "object", "type": "System.Diagnostics.Process", "text": "x", "v": []},
            "System.Diagnostics.Process",
            "no other",
        ),
        ({"t": "opaque", "type": "System.Security.SecureString", "text": ""}, "System.Security.SecureString", "secret"),
        ({"t": "cycle", "type": "System.Collections.Hashtable"}, "System.Collections.Hashtable", "contains itself"),
        ({"t": "failed", "text": "boom"}, "a property", "boom"),
        ({"t": "scriptblock", "v": "1"}, "System.Management.Automation.ScriptBlock", "code"),
        ({"t": "depth", "type": "System.IO.FileInfo", "text": "x"}, "System.IO.FileInfo", "no other language"),
        ({"t": "object", "type": "System.Int32[,]", "v": [{"t": "int32", "v": "1"}]}, "System.Int32[,]", "no other"),
    ],
)
def test_what_stays_is_named(shown: TypedValue, type_name: str, why: str) -> None:
    with pytest.raises(Untransferable, match=why) as caught:
        from_powershell({"t": "custom", "v": [["a", {"t": "array", "of": "System.Object", "v": [shown]}]]})
    assert (caught.value.path, caught.value.type_name) == (".a[0]", type_name)


def test_keys_that_are_no_strings_are_said() -> None:
    with pytest.raises(Untransferable, match="map keys must be strings"):
        from_powershell({"t": "hashtable", "v": [[{"t": "int32", "v": "2"}, {"t": "string", "v": "b"}]]})


ARRAY = {"t": "array", "of": "System.Object"}


def below(type_name: str) -> TypedValue:
    return {"t": "depth", "type": type_name, "text": ""}


@pytest.mark.parametrize(
    ("shown", "items", "depth"),
    [
        ({**ARRAY, "v": [], "more": 5}, True, False),
        ({**ARRAY, "v": [below("System.Object[]")]}, False, True),
        ({**ARRAY, "v": [below("System.Object[]")], "more": 1}, True, True),
        ({"t": "custom", "v": [["a", below("System.Collections.Hashtable")]]}, False, True),
        ({"t": "custom", "v": [["a", below("System.Management.Automation.PSCustomObject")]]}, False, True),
    ],
)
def test_what_was_cut_is_asked_for_again(shown: TypedValue, items: bool, depth: bool) -> None:
    with pytest.raises(Unfinished) as caught:
        from_powershell(shown)
    assert (caught.value.items, caught.value.depth) == (items, depth)


def test_nesting_that_the_worker_can_not_read_is_said() -> None:
    value: list[object] = []
    for _ in range(29):
        value = [value]
    assert there_and_back(value) == value
    with pytest.raises(Untransferable, match="too deeply"):
        to_powershell(encode([[value]]))
