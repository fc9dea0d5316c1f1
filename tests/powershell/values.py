"""Which values PowerShell holds."""

from __future__ import annotations

from verso_powershell.read_values import from_powershell
from verso_powershell.write_values import to_powershell

from verso.api.values import TypedValue, Untransferable
from verso.testing.typed_values import meaning


def fits(value: TypedValue) -> bool:
    """Whether .NET has an exact value for it under the same names, and PowerShell takes it for the same: a list of
    records is a table there. A zero of `decimal` has no sign."""
    try:
        back = from_powershell(to_powershell(value))
    except Untransferable:
        return False
    return meaning(back) == meaning(value) and "-0." not in str(value) and "-0E" not in str(value)
