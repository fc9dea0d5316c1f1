"""Moments as `{{$timestamp}}` and `{{$datetime}}` write them: moved by an offset, in the formats of editors."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Callable

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_MONTHS = {"M": 1, "Q": 3, "y": 12}
_TOKEN = re.compile(r"\[([^\]]*)\]|YYYY|YY|M{1,4}|Do|D{1,2}|d{1,4}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|SSS|A|a|ZZ|Z|X|x")
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def moment(words: list[str]) -> dt.datetime:
    """Now in UTC, moved by `[amount, unit]` where given. `ValueError`, `KeyError` or `IndexError` for other words."""
    now = dt.datetime.now(dt.UTC)
    if not words:
        return now
    amount, unit = int(words[0]), words[1]
    if unit not in _MONTHS:
        return now + dt.timedelta(seconds=amount * _SECONDS[unit])
    year, month = divmod(now.year * 12 + now.month - 1 + amount * _MONTHS[unit], 12)
    next_year, next_month = divmod(year * 12 + month + 1, 12)
    last = (dt.date(next_year, next_month + 1, 1) - dt.timedelta(1)).day
    return now.replace(year=year, month=month + 1, day=min(now.day, last))


def shown(when: dt.datetime, style: str) -> str:
    """`when` as `rfc1123`, `iso8601`, or in a format of day.js (`YYYY-MM-DD HH:mm`; text in brackets stays)."""
    if style == "rfc1123":
        return email.utils.format_datetime(when, usegmt=when.tzinfo is dt.UTC)
    if style == "iso8601":
        return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _TOKEN.sub(lambda found: _WRITERS[found[0]](when) if found[1] is None else found[1], style)


def _zone(when: dt.datetime, colon: str) -> str:
    minutes = round((when.utcoffset() or dt.timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{colon}{rest:02d}"


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _weekday(when: dt.datetime) -> str:
    return _DAYS[when.isoweekday() % 7]


_WRITERS: dict[str, Callable[[dt.datetime], str]] = {
    "YYYY": lambda when: f"{when.year:04d}",
    "YY": lambda when: f"{when.year % 100:02d}",
    "M": lambda when: str(when.month),
    "MM": lambda when: f"{when.month:02d}",
    "MMM": lambda when: _NAMES[when.month - 1][:3],
    "MMMM": lambda when: _NAMES[when.month - 1],
    "D": lambda when: str(when.day),
    "DD": lambda when: f"{when.day:02d}",
    "Do": lambda when: _ordinal(when.day),
    "d": lambda when: str(when.isoweekday() % 7),
    "dd": lambda when: _weekday(when)[:2],
    "ddd": lambda when: _weekday(when)[:3],
    "dddd": _weekday,
    "H": lambda when: str(when.hour),
    "HH": lambda when: f"{when.hour:02d}",
    "h": lambda when: str(when.hour % 12 or 12),
    "hh": lambda when: f"{when.hour % 12 or 12:02d}",
    "m": lambda when: str(when.minute),
    "mm": lambda when: f"{when.minute:02d}",
    "s": lambda when: str(when.second),
    "ss": lambda when: f"{when.second:02d}",
    "SSS": lambda when: f"{when.microsecond // 1000:03d}",
    "A": lambda when: "AM" if when.hour < 12 else "PM",
    "a": lambda when: "am" if when.hour < 12 else "pm",
    "Z": lambda when: _zone(when, ":"),
    "ZZ": lambda when: _zone(when, ""),
    "X": lambda when: str(int(when.timestamp())),
    "x": lambda when: str(int(when.timestamp() * 1000)),
}
