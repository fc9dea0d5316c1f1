"""Random values round every ordered pair of kernels: what comes back means what went in, or says why it can't go.

Each pair is driven through one real session: the value is set in the first kernel, taken from it, given to the second
and taken back, as the engine does before a cell.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings

from tests.powershell.values import fits
from verso import open_session
from verso.api.errors import VariableError
from verso.api.kernel import Availability, Kernel
from verso.api.notebook import Cell, Notebook
from verso.api.outputs import Stream
from verso.api.values import TypedValue
from verso.engine.kernels import LaunchContext
from verso.engine.plugins import Plugins
from verso.engine.session import Session
from verso.testing.typed_values import KINDS, SAMPLES, meaning, typed_values

KERNELS = ("python", "sql", "javascript", "powershell", "jupyter:python3")

# What a language has no value for and must refuse by name and type, never change (docs/variables.md).
REFUSES: dict[str, frozenset[str]] = {
    "python": frozenset(),
    "sql": frozenset(),
    "javascript": frozenset(),
    "powershell": frozenset({"set"}),
    "jupyter:python3": frozenset(),
}
PAIRS = list(itertools.permutations(KERNELS, 2))


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return Plugins.load()


@pytest.fixture
async def session(plugins: Plugins) -> AsyncIterator[Session]:
    async with open_session(Notebook(), plugins=plugins) as opened:
        yield opened


async def started(session: Session, name: str, tmp_path) -> Kernel:  # type: ignore[no-untyped-def]
    spec = session.plugins.find_kernelspec(name)
    if spec is None:
        pytest.skip(f"there is no kernel {name!r} here")
    if spec.probe is not None:
        found: Availability = session.plugins.resolve(spec.probe)(LaunchContext(directory=tmp_path, exchange=tmp_path))
        if not found.found:
            pytest.skip(f"{name}: {found.detail}")
    return (await session.kernel(name)).kernel


async def through(first: Kernel, second: Kernel, value: TypedValue) -> TypedValue:
    await first.set_variable("x", value)
    taken = await first.get_variable("x")
    await second.set_variable("x", taken)
    return await second.get_variable("x")


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda name: name)
async def test_every_kind_of_value_travels_or_is_refused(session: Session, tmp_path, first: str, second: str):
    kernels = [await started(session, name, tmp_path) for name in (first, second)]
    refused = REFUSES[first] | REFUSES[second]
    for kind, samples in SAMPLES.items():
        for value in samples:
            try:
                back = await through(*kernels, value)
            except VariableError as error:
                assert kind in refused, f"{value} was refused: {error}"
                assert str(error)
            else:
                assert kind in refused or meaning(back) == meaning(value), f"{value} came back as {back}"


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda name: name)
async def test_random_values_travel(session: Session, tmp_path, first: str, second: str):
    kernels = [await started(session, name, tmp_path) for name in (first, second)]
    made = typed_values(KINDS - REFUSES[first] - REFUSES[second] - {"table"})
    possible = made.filter(fits) if "powershell" in (first, second) else made
    values: list[TypedValue] = []

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(possible)
    def collect(value: TypedValue) -> None:
        values.append(value)

    collect()
    for value in values:
        assert meaning(await through(*kernels, value)) == meaning(value), value


async def test_a_table_is_read_by_every_kernel_from_one_file(plugins: Plugins, tmp_path):
    made = Cell(
        language="python", source="import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3], 'b': ['x', 'y', None]})"
    )
    cells = (
        made,
        Cell(language="sql", source="select sum(a) as total, count(b) as named from df"),
        Cell(language="javascript", source="console.log(df.length, df[0].a, df[2].b)"),
        Cell(language="sql", source="select * from df"),
    )
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session(Notebook(cells=cells), plugins=plugins))
        result = await session.run()
        assert [cell.status for cell in result.cells] == ["ok"] * 4, [cell.cell.outputs for cell in result.cells]
        printed = [out.text for out in result.cells[2].cell.outputs if isinstance(out, Stream)]
        assert printed == ["3 1 null\n"]
        files = list(session.directory.glob("*.arrow")) + list(session._exchange.glob("*"))
        assert len(files) <= 3  # one for the frame however many cells read it, and the SQL results' own
