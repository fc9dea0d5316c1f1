"""Moments in the formats of editors."""

from __future__ import annotations

import datetime as dt

import pytest
from verso_http.moments import moment, shown

WHEN = dt.datetime(2024, 2, 3, 13, 4, 5, 67_000, dt.UTC)
"""A Saturday."""

PARIS = dt.timezone(dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("iso8601", "2024-02-03T13:04:05.067Z"),
        ("rfc1123", "Sat, 03 Feb 2024 13:04:05 GMT"),
        ("YYYY-MM-DD", "2024-02-03"),
        ("YY/M/D H:m:s", "24/2/3 13:4:5"),
        ("HH:mm:ss.SSS", "13:04:05.067"),
        ("hh:mm A, h a", "01:04 PM, 1 pm"),
        ("dddd ddd dd d", "Saturday Sat Sa 6"),
        ("Do MMMM, MMM", "3rd February, Feb"),
        ("[Day] DD [of] MM", "Day 03 of 02"),
        ("YYYY-MM-DDTHH:mm:ssZ", "2024-02-03T13:04:05+00:00"),
        ("ZZ X x", "+0000 1706965445 1706965445067"),
    ],
)
def test_formats(style: str, text: str) -> None:
    assert shown(WHEN, style) == text


def test_a_local_moment_keeps_its_offset() -> None:
    assert shown(WHEN.astimezone(PARIS), "rfc1123") == "Sat, 03 Feb 2024 14:04:05 +0100"
    assert shown(WHEN.astimezone(PARIS), "iso8601") == "2024-02-03T14:04:05.067+01:00"
    assert shown(WHEN.astimezone(dt.timezone(dt.timedelta(hours=-3, minutes=-30))), "Z") == "-03:30"


@pytest.mark.parametrize("unit", ["ms", "s", "m", "h", "d", "w", "M", "Q", "y"])
def test_offsets(unit: str) -> None:
    now = dt.datetime.now(dt.UTC)
    seconds = {"ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2.6e6, "Q": 7.9e6, "y": 3.15e7}
    for amount in (-24, 24):
        moved = (moment([str(amount), unit]) - now).total_seconds()
        assert moved == pytest.approx(amount * seconds[unit], rel=0.02, abs=5)


@pytest.mark.parametrize("words", [["1"], ["1", "century"], ["x", "d"], ["1.5", "h"]])
def test_offsets_that_are_none(words: list[str]) -> None:
    with pytest.raises((ValueError, KeyError, IndexError)):
        moment(words)
