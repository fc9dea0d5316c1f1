"""A neuron, a layer of them, a network of layers."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from value import Value


class Neuron:
    """Weighs its inputs, adds its bias, and squeezes the sum into −1 … 1 with tanh."""

    def __init__(self, inputs: int, random: Random) -> None:
        self.weights = [Value(random.uniform(-1, 1), f"w{place}") for place in range(1, inputs + 1)]
        self.bias = Value(random.uniform(-1, 1), "b")

    def __call__(self, inputs: Sequence[Value | float]) -> Value:
        if len(inputs) != len(self.weights):
            raise ValueError(f"a neuron with {len(self.weights)} weights got {len(inputs)} inputs")
        total = self.bias
        for weight, given in zip(self.weights, inputs):
            total = total + weight * given
        return total.tanh()

    @property
    def parameters(self) -> list[Value]:
        return [*self.weights, self.bias]


class Layer:
    """Several neurons that look at the same inputs."""

    def __init__(self, inputs: int, outputs: int, random: Random) -> None:
        self.neurons = [Neuron(inputs, random) for _ in range(outputs)]

    def __call__(self, inputs: Sequence[Value | float]) -> list[Value]:
        return [neuron(inputs) for neuron in self.neurons]

    @property
    def parameters(self) -> list[Value]:
        return [parameter for neuron in self.neurons for parameter in neuron.parameters]


class MLP:
    """A multi-layer perceptron: each layer looks at the outputs of the one before."""

    def __init__(self, inputs: int, outputs: Sequence[int], random: Random) -> None:
        sizes = [inputs, *outputs]
        self.layers = [Layer(size, following, random) for size, following in zip(sizes, sizes[1:])]

    def __call__(self, inputs: Sequence[Value | float]) -> list[Value]:
        for layer in self.layers:
            inputs = layer(inputs)
        return list(inputs)

    @property
    def parameters(self) -> list[Value]:
        return [parameter for layer in self.layers for parameter in layer.parameters]


def squared_error(predictions: Sequence[Value], targets: Sequence[float]) -> Value:
    """The loss: how far the predictions are from the targets, squared and summed."""
    differences = [prediction - target for prediction, target in zip(predictions, targets, strict=True)]
    loss = Value(0.0)
    for difference in differences:
        loss = loss + difference * difference
    return loss.named("loss")
