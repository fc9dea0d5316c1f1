"""Dates and times as text: ISO 8601, with as many digits of a second as each side keeps."""

from __future__ import annotations

import re
from typing import Final

ISO: Final = re.compile(
    r"(?P<main>(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d(?::\d\d)?)(?:\.(?P<fraction>\d+))?"
    r"(?P<offset>Z|[+-]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"
)
"""A time, with a date before it or not: groups `main`, `fraction`, `offset`."""
