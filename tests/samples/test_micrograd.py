"""The micrograd sample: its library against known numbers, and its notebook from the first cell to the last.

The figures are what double precision gives for these expressions, to the last digit but for the platform's tanh.
"""

from __future__ import annotations

import importlib
import math
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from verso_graph import Graph

from verso.api.notebook import CellStatus
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.engine.session import Session, open_session

SAMPLE = Path(__file__).parents[2] / "samples" / "micrograd"
MODULES = ("value", "graphs", "neuron", "curve", "table")
POINTS = ([2, 3, -1], [3, -1, 0.5], [0.5, 1, 1], [1, 1, -1])
TARGETS = (1, -1, -1, 1)


@pytest.fixture
def micrograd(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """All names of the sample's modules, which a notebook imports from its own folder."""
    monkeypatch.syspath_prepend(str(SAMPLE))
    names: dict[str, Any] = {}
    for module in MODULES:
        names |= vars(importlib.import_module(module))
    yield SimpleNamespace(**names)
    for module in MODULES:
        del sys.modules[module]


def close(number: float, tolerance: float = 1e-12) -> Any:
    return pytest.approx(number, abs=tolerance, rel=0)


class TestAnExpression:
    def test_data_and_gradients(self, micrograd: SimpleNamespace) -> None:
        a, b, c, f = (micrograd.Value(number) for number in (2, -3, 10, -2))
        e = a * b
        d = e + c
        result = d * f
        assert (e.data, d.data, result.data) == (-6, 4, -8)
        micrograd.backpropagate(result)
        assert [v.grad for v in (a, b, c, e, d, f, result)] == [6, -4, -2, -2, -2, 4, 1]
        for v in (a, b, c, f):
            v.data += 0.01 * v.grad
        assert ((a * b + c) * f).data == close(-7.286496)

    def test_a_neuron(self, micrograd: SimpleNamespace) -> None:
        x1, x2, w1, w2, b = (micrograd.Value(number) for number in (2, 0, -3, 1, 6.8813735870195432))
        x1w1, x2w2 = x1 * w1, x2 * w2
        n = x1w1 + x2w2 + b
        o = n.tanh()
        assert n.data == close(0.88137358701954316)
        assert o.data == close(0.7071067811865476)
        micrograd.backpropagate(o)
        gradients = [v.grad for v in (n, b, x1w1, x2w2, x1, w1, x2, w2)]
        assert gradients == [close(number) for number in (0.5, 0.5, 0.5, 0.5, -1.5, 1, 0.5, 0)]

    def test_gradients_of_a_value_used_twice_add_up(self, micrograd: SimpleNamespace) -> None:
        a = micrograd.Value(3)
        micrograd.backpropagate(a + a)
        assert a.grad == 2
        a, b = micrograd.Value(-2), micrograd.Value(3)
        f = (a * b) * (a + b)
        assert f.data == -6
        micrograd.backpropagate(f)
        assert (a.grad, b.grad) == (-3, -8)

    def test_a_second_pass_adds_the_same_again(self, micrograd: SimpleNamespace) -> None:
        a, b = micrograd.Value(-2), micrograd.Value(3)
        e = a * b
        f = e * (a + b)
        micrograd.backpropagate(f)
        micrograd.backpropagate(f)
        assert (a.grad, b.grad, e.grad, f.grad) == (-6, -16, 2, 2)
        micrograd.clear_gradients(f)
        assert (a.grad, e.grad, f.grad) == (0, 0, 0)

    @pytest.mark.parametrize(
        "formula",
        [
            lambda a, b: a + b,
            lambda a, b: a - b,
            lambda a, b: a * b,
            lambda a, b: a / b,
            lambda a, b: -a + 2 * b - 1,
            lambda a, b: 1 - a / (2 + b) + 3 / b,
            lambda a, b: a**3 + b**-2,
            lambda a, b: (a * b).tanh() * a.exp(),
            lambda a, b: (a - b).relu() + (b - a).relu() * 2,
            lambda a, b: (a + a * a).tanh() * (a - b * b).tanh() + a,
        ],
    )
    def test_every_operation_agrees_with_differences(
        self, micrograd: SimpleNamespace, formula: Callable[[Any, Any], Any]
    ) -> None:
        h = 1e-6
        for x, y in ((0.7, -1.3), (-0.4, 0.9), (1.5, 2.5)):
            a, b = micrograd.Value(x), micrograd.Value(y)
            micrograd.backpropagate(formula(a, b))

            def result(p: float, q: float) -> float:
                return float(formula(micrograd.Value(p), micrograd.Value(q)).data)

            assert a.grad == close((result(x + h, y) - result(x - h, y)) / (2 * h), 1e-6 * max(1, abs(a.grad)))
            assert b.grad == close((result(x, y + h) - result(x, y - h)) / (2 * h), 1e-6 * max(1, abs(b.grad)))


class TestItsGraphs:
    def test_a_value_reached_twice_is_one_vertex(self, micrograd: SimpleNamespace) -> None:
        a = micrograd.Value(3, "a")
        b = (a + a).named("b")
        c = (a * b).named("c")
        graph: Graph = micrograd.value_graph(c)
        assert sorted(vertex.label for vertex in graph) == ["a", "b", "c"]
        assert [vertex.label for vertex in graph.topological_order(reverse=True)] == ["c", "b", "a"]

    def test_every_value_comes_after_all_its_consumers(self, micrograd: SimpleNamespace) -> None:
        chance = random.Random(5)
        values = [micrograd.Value(chance.uniform(-1, 1)) for _ in range(5)]
        for _ in range(200):
            left, right = chance.choice(values), chance.choice(values)
            values.append((left + right) if chance.random() < 0.5 else (left * right).tanh())
        order = [vertex.object for vertex in micrograd.value_graph(values[-1]).topological_order(reverse=True)]
        place = {value: n for n, value in enumerate(order)}
        assert len(place) == len(order) == len(micrograd.values_of(values[-1]))
        assert all(place[value] < place[operand] for value in order for operand in value.operands)

    def test_a_chain_of_ten_thousand_operations(self, micrograd: SimpleNamespace) -> None:
        first = value = micrograd.Value(1)
        for _ in range(10_000):
            value = value + 1
        micrograd.backpropagate(value)
        assert (value.data, first.grad) == (10_001, 1)

    def test_the_picture_has_a_record_a_value_and_an_ellipse_an_operation(self, micrograd: SimpleNamespace) -> None:
        a, b, c = (micrograd.Value(number, name) for number, name in ((2, "a"), (-3, "b"), (10, "c")))
        result = (a + b + c).named("L")
        micrograd.backpropagate(result)
        graph: Graph = micrograd.expression_graph(result)
        looks = [(vertex.attributes["shape"], vertex.label) for vertex in graph]
        assert looks.count(("ellipse", "+")) == 2
        assert ("record", "{{ L | data 9.0000 | grad 1.0000 }}") in looks
        assert ("record", "{{ a | data 2.0000 | grad 1.0000 }}") in looks
        assert (len(looks), len(graph.edges)) == (7, 6)
        svg = graph.to_svg()
        assert (svg.count('class="node"'), svg.count('class="edge"')) == (7, 6)

    def test_the_picture_of_the_readme_is_what_the_sample_draws(self, micrograd: SimpleNamespace) -> None:
        a, b, c, f = (micrograd.Value(number, name) for number, name in ((2, "a"), (-3, "b"), (10, "c"), (-2, "f")))
        result = (((a * b).named("e") + c).named("d") * f).named("L")
        micrograd.backpropagate(result)
        drawn, kept = micrograd.expression_graph(result).to_svg(), (SAMPLE / "expression.svg").read_text()
        assert re.findall("<text.*?>(.*?)</text>", drawn) == re.findall("<text.*?>(.*?)</text>", kept)

    def test_the_picture_can_stand_upright(self, micrograd: SimpleNamespace) -> None:
        dot = micrograd.expression_graph(micrograd.Value(1, "a"), rankdir="TB").to_dot()
        assert "rankdir=TB" in dot and 'label="{ a | data 1.0000 | grad 0.0000 }"' in dot


class TestANetwork:
    @staticmethod
    def sine_network(micrograd: SimpleNamespace) -> Any:
        """The 3-4-4-1 network whose k-th parameter is sin(k)."""
        net = micrograd.MLP(3, [4, 4, 1], random.Random(0))
        assert len(net.parameters) == 41
        for k, parameter in enumerate(net.parameters, start=1):
            parameter.data = math.sin(k)
        return net

    def test_training_gives_the_known_numbers(self, micrograd: SimpleNamespace) -> None:
        net = self.sine_network(micrograd)
        losses = []
        for step in range(51):
            predictions = [net(point)[0] for point in POINTS]
            loss = micrograd.squared_error(predictions, TARGETS)
            losses.append(loss.data)
            micrograd.clear_gradients(loss)
            micrograd.backpropagate(loss)
            if step == 0:
                known = (-0.9227036902770722, -0.9298549960007033, -0.541914796729665, -0.9241506535295497)
                assert [p.data for p in predictions] == [close(number) for number in known]
                gradients = [net.parameters[place].grad for place in (0, 1, 40)]
                known = (0.07349758360109768, 0.37224603685632346, -0.46703074673723177)  # type: ignore[assignment]
                assert gradients == [close(number) for number in known]
            for parameter in net.parameters:
                parameter.data -= 0.05 * parameter.grad
        assert losses[0] == close(7.61390759312455)
        later = {
            1: 7.10168312417844,
            5: 0.6543702167380308,
            10: 0.12437751833500768,
            20: 0.05506747808944256,
            50: 0.017227880673090605,
        }
        assert {step: losses[step] for step in later} == {step: close(loss, 1e-8) for step, loss in later.items()}

    def test_all_gradients_agree_with_differences(self, micrograd: SimpleNamespace) -> None:
        net = self.sine_network(micrograd)

        def loss() -> Any:
            return micrograd.squared_error([net(point)[0] for point in POINTS], TARGETS)

        micrograd.backpropagate(loss())
        h = 1e-6
        for parameter in net.parameters:
            here = parameter.data
            parameter.data = here + h
            above = loss().data
            parameter.data = here - h
            below = loss().data
            parameter.data = here
            assert parameter.grad == close((above - below) / (2 * h), 1e-6)

    def test_a_seed_gives_the_same_network(self, micrograd: SimpleNamespace) -> None:
        one, two = (micrograd.MLP(3, [4, 1], random.Random(7)) for _ in range(2))
        assert [p.data for p in one.parameters] == [p.data for p in two.parameters]
        assert all(-1 <= p.data <= 1 for p in one.parameters)

    def test_wrong_sizes_are_refused(self, micrograd: SimpleNamespace) -> None:
        with pytest.raises(ValueError, match="3 weights got 2 inputs"):
            micrograd.MLP(3, [4, 1], random.Random(7))([1, 2])
        with pytest.raises(ValueError):
            micrograd.squared_error([micrograd.Value(1)], [1, 2])


class TestTheNotebook:
    @staticmethod
    def text(session: Session, cell: str) -> str:
        """What a cell printed and the plain text of its results."""
        (found,) = (each for each in session.notebook.cells if each.id == cell)
        return "\n".join(
            output.text if isinstance(output, Stream) else str(output.data["text/plain"])
            for output in found.outputs
            if not isinstance(output, Error)
        )

    @staticmethod
    def picture(session: Session, cell: str) -> str:
        (found,) = (each for each in session.notebook.cells if each.id == cell)
        (shown,) = (each for each in found.outputs if isinstance(each, (ExecuteResult, DisplayData)))
        return str(shown.data["image/svg+xml"])

    async def test_runs_and_learns(self) -> None:
        async with open_session(SAMPLE / "micrograd.verso") as session:
            result = await session.run()
            wrong = [(cell.id, o) for cell in session.notebook.cells for o in cell.outputs if isinstance(o, Error)]
            assert not wrong
            assert result.ok and all(cell.status is CellStatus.OK for cell in result.cells)
            assert self.text(session, "expression") == "Value(L = -8, grad 0)"
            assert self.text(session, "order").strip() == "L → d → e → b → a → c → f"
            assert self.text(session, "nudge").strip() == "L rose from -8 to -7.286496"
            assert "data -8.0000" in self.picture(session, "before").replace("&#45;", "-")
            assert self.picture(session, "before").count("grad 0.0000") == 7
            assert "grad 6.0000" in self.picture(session, "backpropagate")
            assert "grad -1.5000" in self.picture(session, "neuron").replace("&#45;", "-")
            assert self.text(session, "network").startswith("41 parameters")
            before, after = map(float, re.findall(r"\d\.\d{6}", self.text(session, "step")))
            assert after < before
            assert float(self.text(session, "training").rpartition("loss ")[2]) < 0.01
            assert "<polyline" in self.picture(session, "curve")
            rows = [line.split() for line in self.text(session, "result").splitlines()[-4:]]
            assert all(abs(float(row[-1]) - float(row[-3])) < 0.1 for row in rows)
            everything = self.picture(session, "everything")
            vertices, edges = map(int, re.findall(r"(\d+) vertices, (\d+) edges", self.text(session, "everything"))[0])
            assert (everything.count('class="node"'), everything.count('class="edge"')) == (vertices, edges)
            assert vertices > 700

    async def test_parameters_steer_it(self) -> None:
        given = {"steps": "3", "rate": "0.05", "seed": "7"}
        async with open_session(SAMPLE / "micrograd.verso", parameters=given) as session:
            assert (await session.run()).ok
            assert "step 3/3" in self.text(session, "training")
            assert "Loss over 3 steps at rate 0.05" in self.text(session, "curve")
