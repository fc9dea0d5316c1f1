"""Kernels that put shared variables into a text (Markdown, HTML, Mermaid) and make no variables themselves."""

from __future__ import annotations

from verso.api.errors import VariableError
from verso.api.kernel import Kernel
from verso.api.previews import variable_info
from verso.api.values import TypedValue
from verso.api.variables import VariableInfo


class TemplateKernel(Kernel):
    """Keeps the values that were set, for `verso.api.substitution`. `values`: name → typed value, for the subclass to
    read; it starts and executes as its language asks."""

    def __init__(self) -> None:
        self.values: dict[str, TypedValue] = {}

    async def shutdown(self) -> None:
        """Forgets all values."""
        self.values.clear()

    async def list_variables(self) -> tuple[VariableInfo, ...]:
        """What was set, in the order of setting."""
        return tuple(variable_info(name, value) for name, value in self.values.items())

    async def get_variable(self, name: str, *, arrow: bool = False) -> TypedValue:
        """A value as it was set. `VariableError` for a name that was not."""
        try:
            return self.values[name]
        except KeyError:
            raise VariableError(f"this kernel was given no variable {name!r}") from None

    async def set_variable(self, name: str, value: TypedValue) -> None:
        """Keeps a value."""
        self.values[name] = value
