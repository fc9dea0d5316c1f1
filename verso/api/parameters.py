"""Typed notebook parameters: what a notebook asks for and how text becomes such a value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from verso.api.errors import ParameterError
from verso.api.record import Record, field

PARAMETER_TYPES: Final = ("string", "int", "float", "bool", "date", "datetime")
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})

ParameterValue = str | int | float | bool | date | datetime


class Parameter(Record):
    """One parameter. `type` is one of `PARAMETER_TYPES`. `default`: JSON as in the file, `None` for none.
    `order`: place in a form, lower first. `extra`: keys that Verso does not know."""

    name: str
    type: str = "string"
    description: str | None = None
    default: Any = None
    required: bool = False
    order: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def parameter_value(parameter: Parameter, given: object) -> ParameterValue:
    """`given` (text from a command line, or a JSON value) as the parameter's type.

    Dates are ISO 8601. `ParameterError` names the parameter, its type and what was given.
    """
    try:
        return _CONVERSIONS[parameter.type](given)
    except KeyError:
        raise _unknown_type(parameter) from None
    except (ValueError, TypeError, OverflowError):
        raise ParameterError(
            f"parameter {parameter.name!r} is of type {parameter.type}, and {given!r} is none",
            next_step=f"give it as {_EXAMPLES[parameter.type]}",
        ) from None


def parameter_values(parameters: Iterable[Parameter], given: Mapping[str, object]) -> dict[str, ParameterValue]:
    """The value of each parameter, in order: what was given, else (or when that is None) its default; those without
    either are left out.

    `ParameterError` for a type that is none, for a name that is no parameter (lists the known ones), for required ones
    without a value (lists them all), and for values of a wrong type.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for parameter in known.values():
        if parameter.type not in PARAMETER_TYPES:
            raise _unknown_type(parameter)
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise ParameterError(f"the notebook has no parameter {name!r}", next_step=f"its parameters: {listed}")
    missing = [p for p in known.values() if p.required and p.default is None and given.get(p.name) is None]
    if missing:
        listed = ", ".join(f"{p.name} ({p.type})" for p in missing)
        raise ParameterError(
            f"no value for required parameter{'s' * (len(missing) > 1)} {listed}",
            next_step="give each with -p name=value or --params-file",
        )
    values = {}
    for name, parameter in sorted(known.items(), key=lambda item: (item[1].order is None, item[1].order or 0)):
        chosen = given.get(name)
        if chosen is None:
            chosen = parameter.default
        if chosen is not None:
            values[name] = parameter_value(parameter, chosen)
    return values


def _unknown_type(parameter: Parameter) -> ParameterError:
    return ParameterError(
        f"parameter {parameter.name!r} has the unknown type {parameter.type!r}",
        next_step=f"known types: {', '.join(PARAMETER_TYPES)}",
    )


def _int(given: object) -> int:
    if isinstance(given, bool) or (isinstance(given, float) and not given.is_integer()):
        raise ValueError
    return int(given)  # type: ignore[call-overload, no-any-return]


def _float(given: object) -> float:
    if isinstance(given, bool):
        raise ValueError
    value = float(given)  # type: ignore[arg-type]
    if isinstance(given, str) and math.isinf(value) and "inf" not in given.lower():
        raise ValueError
    return value


def _bool(given: object) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _string(given: object) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, (str, int, float)):
        return str(given)
    raise ValueError


def _date(given: object) -> date:
    if isinstance(given, datetime):
        raise ValueError
    return given if isinstance(given, date) else date.fromisoformat(given)  # type: ignore[arg-type]


def _datetime(given: object) -> datetime:
    return given if isinstance(given, datetime) else datetime.fromisoformat(given)  # type: ignore[arg-type]


_CONVERSIONS: Final[dict[str, Callable[[object], ParameterValue]]] = {
    "string": _string,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "date": _date,
    "datetime": _datetime,
}
_EXAMPLES: Final = {
    "string": "text",
    "int": "a whole number like 42",
    "float": "a number like 0.5",
    "bool": "true or false",
    "date": "2025-12-31",
    "datetime": "2025-12-31T23:59:00+01:00",
}
