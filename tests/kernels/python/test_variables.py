"""Variables: what a cell did to them, and their values on the way to other languages and back."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kernels.python.conftest import Make, Runner
from verso.api.errors import VariableError
from verso.api.values import decode, encode
from verso.api.variables import VariableInfo


async def changes(python: Runner, code: str) -> tuple[set[str], set[str], set[str]]:
    reply, sink = await python.run(code)
    assert reply.status == "ok", sink.shown
    found = reply.changes
    return {i.name for i in found.added}, {i.name for i in found.changed}, set(found.removed)


NOTHING: tuple[set[str], set[str], set[str]] = (set(), set(), set())


async def test_a_cell_reports_what_it_did(python: Runner) -> None:
    code = "import sys, os.path as p\nfrom math import pi, sin\nx = 1\n_hidden = 2\ny = [1]\n"
    code += "def f(): pass\nclass C: pass\nz = C()"
    assert await changes(python, code) == ({"x", "y", "pi", "z"}, set(), set())
    assert await changes(python, "x") == NOTHING
    assert await changes(python, "x = 2\ndel y") == (set(), {"x"}, {"y"})
    assert await changes(python, "x = 2") == (set(), {"x"}, set())  # made again
    assert await changes(python, "def x(): pass") == (set(), set(), {"x"})
    assert await changes(python, "for i in range(3): pass\nwith open('/dev/null') as handle: pass") == (
        {"i", "handle"},
        set(),
        set(),
    )
    assert await changes(python, "1 + 1; Out, In, _") == NOTHING


async def test_changes_in_place_are_seen(python: Runner) -> None:
    await python.show(
        "import numpy, pandas\na = [1, [2]]; d = {'k': {}}; s = {1}\n"
        "n = numpy.zeros(5); f = pandas.DataFrame({'c': [1]})\n"
        "class P: pass\np = P(); p.x = 1\ndef grow(): a.append(3)\ndef swap():\n    global a\n    a = 'other'"
    )
    for code, name in (
        ("a[1].append(3)", "a"),
        ("d['k']['deep'] = 1", "d"),
        ("s.add(2)", "s"),
        ("n[2] = 1", "n"),
        ("f.loc[0, 'c'] = 2", "f"),
        ("f['new'] = 1", "f"),
        ("p.x = 2", "p"),
        ("a += [5]", "a"),
        ("grow()", "a"),
        ("swap()", "a"),
        ("globals()['s'] = 5", "s"),
        ("exec('d = 1')", "d"),
    ):
        assert (code, await changes(python, code)) == (code, (set(), {name}, set()))
    assert await changes(python, "print(a, d, s, n, f, p)") == NOTHING
    assert await changes(python, "from math import *") == (
        {name for name in dir(math) if isinstance(getattr(math, name), float)},
        set(),
        set(),
    )


@pytest.mark.parametrize(
    ("code", "replaced"),
    [
        ("x = 1\ny = x", {"x", "y"}),
        ("x += 1", set()),
        ("x = x + 1; y = 1", {"y"}),
        ("x = 1\nx", {"x"}),
        ("x\nx = 1", set()),
        ("if a: x = 1", {"x"}),
        ("if a: x = 1\nprint(x)", set()),
        ("for x in [1]: y = x", {"y"}),  # a loop may never begin: then what was in x is read below
        ("x = [x for _ in a]", set()),
        ("def f(): return x\nx = 1", {"f"}),
        ("x = reads_x()", set()),
        ("del x\nx = 1", set()),
        ("exec('y = x'); x = 1", set()),
        ("import os as x", {"x"}),
        ("try: x = 1\nexcept ValueError: pass\nx", {"x"}),
    ],
)
async def test_what_a_cell_replaced_it_does_not_depend_on(python: Runner, code: str, replaced: set[str]) -> None:
    await python.show("x = 5; a = [1]\ndef reads_x(): return x")
    reply, sink = await python.run(code)
    assert reply.status == "ok", sink.shown
    assert set(reply.changes.replaced) == replaced


async def test_a_failed_cell_reports_what_it_did_before(python: Runner) -> None:
    reply, _ = await python.run("x = 1\n1/0\ny = 2")
    assert [info.name for info in reply.changes.added] == ["x"]
    assert (await python.run("z = = 1"))[0].changes.added == ()


async def test_of_many_variables_all_changes_are_seen(python: Runner) -> None:
    await python.show("for i in range(10_000): globals()['v%d' % i] = i")
    assert len(await python.kernel.list_variables()) == 10_001
    assert await changes(python, "v5 = 7") == (set(), {"v5"}, set())
    assert await changes(python, "new = 1") == ({"new"}, set(), set())
    assert await changes(python, "del v6, new") == (set(), set(), {"v6", "new"})
    assert await changes(python, "def f():\n    global v7, v8\n    v7 = 'x'\n    del v8") == NOTHING
    assert await changes(python, "f()") == (set(), {"v7"}, {"v8"})
    assert await changes(python, "import __main__\nsetattr(__main__, 'v9', 'y')") == (set(), {"v9"}, set())
    assert await changes(python, "pass") == NOTHING


@pytest.mark.parametrize(
    ("expression", "info"),
    [
        ("5", VariableInfo(name="x", type="int", preview="5")),
        ("'a\\nb'", VariableInfo(name="x", type="str", preview="'a\\\\nb'".replace("\\\\", "\\"))),
        ("[1, 2]", VariableInfo(name="x", type="list", preview="[1, 2]", count=2)),
        ("{}", VariableInfo(name="x", type="dict", preview="{}", count=0)),
        ("set()", VariableInfo(name="x", type="set", preview="set()", count=0)),
        ("(1,)", VariableInfo(name="x", type="tuple", preview="(1,)", count=1)),
        ("10 ** 5000", VariableInfo(name="x", type="int", preview="<int of 16610 bits>")),
        ("range(9)", VariableInfo(name="x", type="range", preview="range(0, 9)", count=9)),
        ("None", VariableInfo(name="x", type="NoneType", preview="None")),
        ("object()", VariableInfo(name="x", type="object", preview="<object>")),
    ],
)
async def test_infos(python: Runner, expression: str, info: VariableInfo) -> None:
    reply, _ = await python.run(f"x = {expression}")
    shown = reply.changes.added[0]
    if expression != "object()":
        assert shown == info
    assert await python.kernel.list_variables() == (shown,)


async def test_infos_of_data(python: Runner) -> None:
    pytest.importorskip("pandas")
    code = (
        "import pandas, numpy\nf = pandas.DataFrame({'a': [1, 2], 'b': 3})\nn = numpy.arange(6).reshape(2, 3)\ns = f.a"
    )
    reply, _ = await python.run(code)
    assert reply.changes.added == (
        VariableInfo(name="f", type="DataFrame", preview="2 rows: a, b", count=2, shape="2 x 2"),
        VariableInfo(name="n", type="ndarray", preview="int64 [0, 1, 2, 3, 4, 5]", count=2, shape="2 x 3"),
        VariableInfo(name="s", type="Series", preview="int64 [1, 2]", count=2, shape="2"),
    )


async def test_no_code_of_the_user_runs_for_a_preview(python: Runner) -> None:
    code = """
class Trap:
    def __init__(self): self.x = 1; self.me = self
    def __repr__(self): raise SystemExit
    __len__ = __iter__ = __eq__ = __hash__ = __bool__ = __str__ = __repr__
class Sub(dict):
    __repr__ = items = __iter__ = __len__ = Trap.__repr__
class Many(list):
    __repr__ = __iter__ = __len__ = __getitem__ = Trap.__repr__
class Proxy:
    __class__ = property(Trap.__repr__)
    def __getattribute__(self, name): raise SystemExit
t = Trap(); l = [Trap()] * 3; d = Sub(a=Trap()); m = Many([1]); p = Proxy()
big = ['x' * 10_000] * 100_000; deep = []; deep.append(deep)
"""
    reply, _ = await python.run(code)
    assert reply.status == "ok"
    assert all(len(info.preview) <= 120 for info in reply.changes.added)
    assert reply.changes.added[0].preview == "Trap(x=1, me=<Trap>)"


# --- values ---------------------------------------------------------------------------------------------------


async def test_plain_values_travel_by_their_meaning(python: Runner) -> None:
    await python.show(
        "import numpy, pandas, datetime, enum, dataclasses, collections, pathlib, decimal\n"
        "class Color(enum.Enum): RED = 'red'\n"
        "@dataclasses.dataclass\nclass Point:\n    x: int\n    y: object\n"
        "values = [numpy.int64(5), numpy.float32(0.5), numpy.bool_(True), numpy.str_('s'), pandas.NA, pandas.NaT,"
        "pandas.Timestamp('2024-01-02'), numpy.datetime64('2024-01-02'), numpy.timedelta64(1, 's'), Color.RED,"
        "Point(1, Point(2, None)), collections.deque([1]), range(2), pathlib.PurePosixPath('/a'),"
        "numpy.arange(4).reshape(2, 2),"
        "pandas.Series([1, None]), collections.OrderedDict(a=1), numpy.array(['2024-01-02'], 'datetime64[D]')]"
    )
    travelled = decode(await python.kernel.get_variable("values"))
    assert travelled[:15] == [
        5,
        0.5,
        True,
        "s",
        None,
        None,
        dt.datetime(2024, 1, 2),
        dt.date(2024, 1, 2),
        dt.timedelta(seconds=1),
        "red",
        {"x": 1, "y": {"x": 2, "y": None}},
        [1],
        [0, 1],
        "/a",
        [[0, 1], [2, 3]],
    ]
    assert travelled[16:] == [{"a": 1}, [dt.date(2024, 1, 2)]]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = object()", "object"),
        ("x = {'a': [1, {2: 3}]}", "map keys must be strings"),
        ("x = []; x.append(x)", "contains itself"),
        ("x = 1 + 2j", "complex"),
        ("x = (i for i in ())", "generator"),
    ],
)
async def test_what_cant_travel_says_so(python: Runner, code: str, words: str) -> None:
    await python.show(code)
    with pytest.raises(VariableError, match=words) as caught:
        await python.kernel.get_variable("x")
    assert "x" in str(caught.value)
    assert await python.show("1") == "1"


async def test_names_that_are_none(python: Runner) -> None:
    for name in ("class", "a b", "1a", "", "None"):
        with pytest.raises(VariableError, match="name of a variable"):
            await python.kernel.set_variable(name, encode(1))
    for name in ("nothing", "print"):
        with pytest.raises(VariableError, match="no variable"):
            await python.kernel.get_variable(name)
    await python.kernel.set_variable("größe", encode(1))
    assert await python.show("größe") == "1"


async def test_a_value_that_was_set_is_no_change_of_this_kernel(python: Runner) -> None:
    await python.kernel.set_variable("x", encode({"a": [1, None]}))
    assert await changes(python, "x") == NOTHING
    assert await changes(python, "x['a'] = 2") == (set(), {"x"}, set())


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.times().map(lambda time: time.replace(fold=0))
    | st.datetimes().map(lambda moment: moment.replace(fold=0))
    | st.timedeltas(min_value=dt.timedelta(days=-99999), max_value=dt.timedelta(days=99999))
    | st.uuids(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(value=values)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_values_come_back_as_they_went(python: Runner, value: Any) -> None:
    await python.kernel.set_variable("value", encode(value))
    back = decode(await python.kernel.get_variable("value"))
    assert repr(back) == repr(value)


# --- tables ---------------------------------------------------------------------------------------------------

TABLES = {
    "pandas": "import pandas as pd\nt = pd.DataFrame({'i': [1, 2], 'f': [0.5, None],"
    " 's': ['a', None], 'b': [True, False], 'd': pd.to_datetime(['2024-01-02', None])})",
    "polars": "import polars, datetime\nt = polars.DataFrame({'i': [1, 2], 'f': [0.5, None], 's': ['a', None],"
    " 'b': [True, False], 'd': [datetime.datetime(2024, 1, 2), None]})",
    "pyarrow": "import pyarrow, datetime\nt = pyarrow.table({'i': [1, 2], 'f': [0.5, None], 's': ['a', None],"
    " 'b': [True, False], 'd': [datetime.datetime(2024, 1, 2), None]})",
}


@pytest.mark.parametrize("arrow", [True, False])
@pytest.mark.parametrize("library", TABLES)
async def test_tables_travel_as_arrow_files_or_rows(python: Runner, library: str, arrow: bool, tmp_path: Path) -> None:
    pytest.importorskip(library)
    await python.show(TABLES[library])
    typed = await python.kernel.get_variable("t", arrow=arrow)
    assert typed["t"] == "table"
    content = typed["v"]
    assert ([column["name"] for column in content["columns"]], content["count"]) == (["i", "f", "s", "b", "d"], 2)
    assert ("arrow" in content, "rows" in content) == (arrow, not arrow)
    if arrow:
        assert Path(content["arrow"]).parent == tmp_path / "exchange"
    await python.kernel.set_variable("back", typed)
    code = (
        "[type(back).__name__, back.i.tolist(), float(back.f[0]), back.s[0], back.s.isna().tolist(), back.b.tolist()]"
    )
    assert await python.value(code) == ["DataFrame", [1, 2], 0.5, "a", [False, True], [True, False]]
    assert await python.value("str(back.d[0])[:10]") == "2024-01-02"


async def test_odd_frames_travel(python: Runner) -> None:
    pytest.importorskip("pandas")
    await python.show(
        "import pandas as pd\nempty = pd.DataFrame()\n"
        "keyed = pd.DataFrame({1: [5]}, index=pd.Index(['k'], name='key'))\n"
        "mixed = pd.DataFrame({'a': [1, 'x']})\ntwice = pd.DataFrame([[1, 2]], columns=['a', 'a'])\n"
        "two = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([('a', 'b')]))\nseries = pd.Series([1.5, 2])"
    )
    for arrow in (True, False):
        assert (await python.kernel.get_variable("empty", arrow=arrow))["v"]["count"] == 0
        keyed = (await python.kernel.get_variable("keyed", arrow=arrow))["v"]
        assert [column["name"] for column in keyed["columns"]] == ["key", "1"]
        two = (await python.kernel.get_variable("two", arrow=arrow))["v"]
        assert [column["name"] for column in two["columns"]] == ["a_b"]
    assert decode(await python.kernel.get_variable("series")) == [1.5, 2.0]
    for arrow in (True, False):  # a column of several types is none that Arrow knows
        rows = (await python.kernel.get_variable("mixed", arrow=arrow))["v"]["rows"]
        assert [[decode(cell) for cell in row] for row in rows] == [[1], ["x"]]


async def test_without_data_libraries_a_table_is_a_list_of_dicts(make: Make, bare_python: str) -> None:
    python = Runner(await make(options={"program": bare_python}))
    table = {"t": "table", "v": {"columns": [{"name": "a", "type": "int"}], "count": 1, "rows": [[encode(5)]]}}
    await python.kernel.set_variable("t", table)
    assert await python.show("t") == "[{'a': 5}]"


@pytest.mark.parametrize(
    "source",
    [
        "pandas.DataFrame({'s': ['a', 'b'], 'n': pandas.array([1000, None], dtype='Int64')})",
        "pandas.DataFrame({'i': pandas.arrays.IntervalArray.from_breaks([0, 1000, 2000])})",
        "pandas.DataFrame({'d': pandas.array([1.5, None], dtype='double[pyarrow]')})",
        "polars.DataFrame({'s': ['a', 'b']})",
        "pyarrow.table({'s': ['a', 'b']})",
    ],
)
async def test_a_cell_that_only_looks_at_a_frame_changes_nothing(python: Runner, source: str) -> None:
    for library in ("pandas", "polars", "pyarrow"):
        pytest.importorskip(library)
    await python.show(f"import pandas, polars, pyarrow\nframe = {source}")
    assert await changes(python, "repr(frame), len(frame)") == NOTHING
    assert await changes(python, "frame") == NOTHING


async def test_a_changed_text_in_a_frame_is_seen(python: Runner) -> None:
    pytest.importorskip("pandas")
    await python.show(
        "import pandas\nf = pandas.DataFrame({'s': ['a'] * 5000, 'n': pandas.array([1] * 5000, dtype='Int64')})"
    )
    assert await changes(python, "f.loc[3333, 's'] = 'x'") == (set(), {"f"}, set())
    assert await changes(python, "f.loc[3333, 'n'] = 7") == (set(), {"f"}, set())


async def test_a_lazy_frame_is_not_worked_out_to_describe_it(python: Runner) -> None:
    pytest.importorskip("polars")
    reply, sink = await python.run("import polars\nlazy = polars.LazyFrame({'a': [1]})")
    assert sink.text("stderr") == ""
    assert [(info.name, info.preview) for info in reply.changes.added] == [("lazy", "<LazyFrame>")]


async def test_two_columns_of_one_name_are_refused(python: Runner) -> None:
    pytest.importorskip("pandas")
    await python.show("import pandas\ntwice = pandas.DataFrame([[1, 2]], columns=['a', 'a'])")
    for arrow in (False, True):
        with pytest.raises(VariableError, match=r"twice of type DataFrame.*'a'"):
            await python.kernel.get_variable("twice", arrow=arrow)
