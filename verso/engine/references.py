"""`package.module:name` references, by which plugins describe things without importing them."""

from __future__ import annotations

import importlib
from typing import Any

from verso.api.errors import PluginError


def resolve(reference: Any, *, what: str = "") -> Any:
    """The object that a reference names; anything that is no string is returned as it is.

    `PluginError` when the module can't be imported or has no such name; `what` says what it was for.
    """
    if not isinstance(reference, str):
        return reference
    module_name, colon, name = reference.partition(":")
    subject = f"{what} " if what else ""
    if not colon:
        raise PluginError(f"{subject}reference {reference!r} is not of the form package.module:name")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise PluginError(
            f"{subject}{reference!r} can't be imported: {error}",
            next_step=_how_to_install(error),
        ) from error
    try:
        return getattr(module, name)
    except AttributeError:
        raise PluginError(f"{subject}{reference!r}: the module has no {name!r}") from None


def _how_to_install(error: ImportError) -> str:
    missing = (error.name or "").partition(".")[0]
    return f"install what it needs: pip install {missing}" if missing else ""
