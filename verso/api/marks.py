"""The mark by which a plugin's function is known as the implementation of a hook.

It is the same attribute that pluggy's `HookimplMarker("verso")` sets, so a plugin needs nothing but this
module, and the engine reads it through pluggy's documented `parse_hookimpl_opts`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def hookimpl(function: F) -> F:
    """Marks a function as the implementation of the hook that has its name."""
    function.verso_impl = {  # type: ignore[attr-defined]
        "wrapper": False,
        "hookwrapper": False,
        "optionalhook": False,
        "tryfirst": False,
        "trylast": False,
        "specname": None,
    }
    return function


def hookspec(function: F) -> F:
    """Marks a function as a hook: its name, arguments and documentation are the contract."""
    function.verso_spec = {  # type: ignore[attr-defined]
        "firstresult": False,
        "historic": False,
        "warn_on_impl": None,
        "warn_on_impl_args": None,
    }
    return function
