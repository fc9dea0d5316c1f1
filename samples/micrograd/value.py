"""A number that remembers how it was made."""

from __future__ import annotations

import math


class Value:
    """A number in an expression.

    `data`: the number itself. `grad`: the gradient, how fast the result of the expression rises when this number
    rises; 0 until a result was backpropagated. `operation`: the sign of what made it, empty for a number that was
    just given. `operands`: the values that went in, and `slopes`: how fast this value rises with each of them.
    """

    __slots__ = ("data", "grad", "label", "operands", "operation", "slopes")

    def __init__(
        self,
        data: float,
        label: str = "",
        *,
        operation: str = "",
        operands: tuple[Value, ...] = (),
        slopes: tuple[float, ...] = (),
    ) -> None:
        self.data = float(data)
        self.grad = 0.0
        self.label = label
        self.operation = operation
        self.operands = operands
        self.slopes = slopes

    def named(self, label: str) -> Value:
        """This value, with a name."""
        self.label = label
        return self

    def __add__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data + other.data, operation="+", operands=(self, other), slopes=(1.0, 1.0))

    def __sub__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data - other.data, operation="−", operands=(self, other), slopes=(1.0, -1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data * other.data, operation="*", operands=(self, other), slopes=(other.data, self.data))

    def __pow__(self, exponent: float) -> Value:
        slope = exponent * self.data ** (exponent - 1)
        return Value(self.data**exponent, operation=f"^{exponent:g}", operands=(self,), slopes=(slope,))

    def __truediv__(self, other: Value | float) -> Value:
        return self * as_value(other) ** -1

    def __neg__(self) -> Value:
        return self * -1.0

    def __radd__(self, other: float) -> Value:
        return as_value(other) + self

    def __rsub__(self, other: float) -> Value:
        return as_value(other) - self

    def __rmul__(self, other: float) -> Value:
        return as_value(other) * self

    def __rtruediv__(self, other: float) -> Value:
        return as_value(other) / self

    def tanh(self) -> Value:
        t = math.tanh(self.data)
        return Value(t, operation="tanh", operands=(self,), slopes=(1 - t * t,))

    def exp(self) -> Value:
        e = math.exp(self.data)
        return Value(e, operation="exp", operands=(self,), slopes=(e,))

    def relu(self) -> Value:
        up = self.data > 0
        return Value(self.data if up else 0.0, operation="relu", operands=(self,), slopes=(1.0 if up else 0.0,))

    def __repr__(self) -> str:
        name = f"{self.label} = " if self.label else ""
        return f"Value({name}{self.data:.6g}, grad {self.grad:.6g})"


def as_value(number: Value | float) -> Value:
    """A value as it is, or a plain number as an unnamed value."""
    return number if isinstance(number, Value) else Value(number)
