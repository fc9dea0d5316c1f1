"""What cells mean: declarations over several cells, modules, results, streams, errors."""

from __future__ import annotations

import asyncio

import pytest

from tests.kernels.javascript.conftest import Runner
from verso.api.errors import VariableError
from verso.api.messages import DiagnoseRequest
from verso.api.outputs import Error, Stream
from verso.api.values import encode


@pytest.mark.parametrize(
    "cells",
    [
        ["const x = 1", "const x = 2", "x"],
        ["let x = 1", "const x = 2", "x"],
        ["const x = 1", "let x = 1; x += 1", "x"],
        ["function x() {}", "const x = 2", "x"],
        ["class x {}", "var x = 2", "x"],
        ["var x = 1", "class x {}", "x = 2"],
        ["import x from 'node:fs'", "const x = 2", "x"],
        ["for (var x = 0; x < 9; x++);", "let x = 2", "x"],
        ["const {x, y: [z]} = {x: 1, y: [2]}", "const [x = 2, ...z] = [undefined, 3]", "x"],
    ],
)
async def test_any_cell_declares_a_name_anew(js: Runner, cells: list[str]) -> None:
    *before, last = cells
    for code in before:
        assert (await js.run(code))[0].status == "ok"
    assert await js.value(last) == "2"


@pytest.mark.parametrize("cells", [["const x = 1; x = 2"], ["const x = 1", "x = 2"], ["const x = 1", "x++"]])
async def test_a_constant_is_one(js: Runner, cells: list[str]) -> None:
    *before, last = cells
    for code in before:
        await js.run(code)
    reply, sink = await js.run(last)
    assert reply.status == "error" and sink.errors[0].evalue == "Assignment to constant variable."
    assert await js.value("x") == "1"


async def test_functions_are_hoisted_and_closures_see_new_values(js: Runner) -> None:
    assert await js.value("const n = twice(21)\nfunction twice(n) { return 2 * n }\nn") == "42"
    await js.run("let rate = 2; function priced(n) { return n * rate }")
    await js.run("rate = 3")
    assert await js.value("priced(5)") == "15"


async def test_a_failed_declaration_can_be_repeated(js: Runner) -> None:
    assert (await js.run("const data = (() => { throw new Error('no') })()"))[0].status == "error"
    assert (await js.run("data"))[1].errors[0].ename == "ReferenceError"
    assert await js.value("const data = 5; data") == "5"


async def test_top_level_await(js: Runner) -> None:
    assert await js.value("const late = await new Promise((done) => setTimeout(done, 5, 42)); late") == "42"
    assert await js.value("let sum = 0; for await (const n of [1, Promise.resolve(2)]) sum += n; sum") == "3"


async def test_imports(js: Runner) -> None:
    (js.folder / "shape.mjs").write_text(
        "export default 1; export const side = 2; export const area = () => side ** 2\n"
    )
    (js.folder / "old.cjs").write_text("module.exports = {answer: 42}\n")
    (js.folder / "data.json").write_text('{"n": 7}\n')
    assert await js.value("import one, {side as s, area} from './shape.mjs'\n[one, s, area()]") == "[ 1, 2, 4 ]"
    assert (
        await js.value("import * as all from './shape.mjs'; Object.keys(all).sort()") == "[ 'area', 'default', 'side' ]"
    )
    assert await js.value("(await import('./shape.mjs')).side") == "2"
    assert await js.value("require('./old.cjs').answer") == "42"
    assert await js.value("import data from './data.json' with {type: 'json'}\ndata.n") == "7"
    assert await js.value("import.meta.url.startsWith('file://')") == "true"
    written = await js.value("const text = `import('no') ${'import x from \\'y\\''}`; text")
    assert written == "\"import('no') import x from 'y'\""


async def test_what_is_imported_must_be_there(js: Runner) -> None:
    reply, sink = await js.run("1;\nimport {nothing} from 'node:fs'")
    assert reply.status == "error" and "does not provide an export named 'nothing'" in sink.errors[0].evalue
    assert sink.errors[0].line == 2
    reply, sink = await js.run("import left from 'no-such-package-here'")
    assert reply.status == "error" and "#!npm install no-such-package-here" in sink.errors[0].evalue
    assert (await js.run("left"))[1].errors[0].ename == "ReferenceError"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("1 + 1", "2"),
        ("1 + 1;", "2"),
        ("'text'", "'text'"),
        ("null", "null"),
        ("({a: 1})", "{ a: 1 }"),
        ("{a: 1, b: {c: 2}}", "{ a: 1, b: { c: 2 } }"),
        ("[1, , 3]", "[ 1, <1 empty item>, 3 ]"),
        ("new Map([['k', new Set([1])]])", "Map(1) { 'k' => Set(1) { 1 } }"),
        ("10n ** 20n", "100000000000000000000n"),
        ("Promise.resolve(4)", "Promise { 4 }"),
        ("const self = {}; self.self = self; self", "<ref *1> { self: [Circular *1] }"),
        ("undefined", ""),
        ("for (let n = 0; n < 3; n++) n", ""),
        ("5; const after = 1", ""),
        ("if (true) 5", ""),
        ("// nothing", ""),
    ],
)
async def test_the_last_expression_is_shown(js: Runner, code: str, shown: str) -> None:
    assert await js.value(code) == shown


async def test_a_huge_value_is_cut_and_says_so(js: Runner) -> None:
    text = await js.value("Object.fromEntries(Array.from({length: 50_000}, (_, n) => [`key${n}`, n]))")
    assert len(text) < 250_000 and "(cut: " in text
    assert "more items" in await js.value("Array.from({length: 1_000_000}, (_, n) => n)")


async def test_records_are_a_table(js: Runner) -> None:
    _, sink = await js.run("[{name: 'a<b', n: 1}, {name: null, n: 2.5}]")
    (bundle,) = sink.bundles
    assert bundle["application/vnd.dataresource+json"]["schema"]["fields"] == [
        {"name": "name", "type": "string"},
        {"name": "n", "type": "number"},
    ]
    assert bundle["application/vnd.dataresource+json"]["data"][0] == {"name": "a<b", "n": 1}
    assert "a&lt;b" in bundle["text/html"] and "text/plain" in bundle


async def test_rich_views(js: Runner) -> None:
    _, sink = await js.run(
        "display('# Hi', 'text/markdown'); display(new Uint8Array([1, 2]), 'image/png');"
        "display({a: 1}, 'application/json')"
    )
    assert [dict(bundle) for bundle in sink.bundles] == [
        {"text/markdown": "# Hi"},
        {"image/png": "AQI="},
        {"application/json": {"a": 1}, "text/plain": "{ a: 1 }"},
    ]
    _, sink = await js.run("({toSVG: async () => '<svg/>'})")
    assert sink.bundles[0]["image/svg+xml"] == "<svg/>"
    _, sink = await js.run("({[Symbol.for('Jupyter.display')]: () => ({'text/html': '<i>x</i>'})})")
    assert sink.bundles[0]["text/html"] == "<i>x</i>"


async def test_a_handle_as_last_expression_is_not_shown_again(js: Runner) -> None:
    _, sink = await js.run("const handle = display('once'); handle")
    assert len(sink.bundles) == 1


async def test_console_methods(js: Runner) -> None:
    _, sink = await js.run(
        "console.log('%s is %d', 'a', 1); console.group(); console.info('in'); console.groupEnd();"
        "console.table([{a: 1}]); console.warn('w')"
    )
    assert sink.text("stdout").startswith("a is 1\n  in\n┌") and sink.text("stderr") == "w\n"


async def test_what_a_child_prints_stands_in_its_place(js: Runner) -> None:
    code = "console.log('one'); require('child_process').execSync('echo two', {stdio: 'inherit'}); console.log('three')"
    for _ in range(3):
        _, sink = await js.run(code)
        assert sink.text("stdout").split() == ["one", "two", "three"]


async def test_errors_point_into_the_cell(js: Runner) -> None:
    await js.run("function inner() {\n  throw new TypeError('bad')\n}")
    reply, sink = await js.run("const fine = 1\n  const more = 2; inner()")
    assert reply.status == "error"
    (error,) = sink.errors
    assert (error.ename, error.evalue, error.line, error.column) == ("TypeError", "bad", 2, 19)
    assert list(error.traceback) == [
        "cell-2:2",
        "  const more = 2; inner()",
        " " * 18 + "^",
        "TypeError: bad",
        "    at inner (cell-1:2:9)",
        "    at cell-2:2:19",
    ]


async def test_positions_count_code_points_and_see_through_edits(js: Runner) -> None:
    _, sink = await js.run("const s = '😀😀'; class A { }; throw new Error(s)")
    assert (sink.errors[0].line, sink.errors[0].column) == (1, 36)


async def test_syntax_errors_say_where(js: Runner) -> None:
    reply, sink = await js.run("const a = 1\nlet b = ;")
    assert reply.status == "error"
    assert (sink.errors[0].ename, sink.errors[0].line, sink.errors[0].column) == ("SyntaxError", 2, 9)
    assert (await js.run("a"))[0].status == "error", "nothing of it ran"


async def test_causes_and_thrown_values(js: Runner) -> None:
    _, sink = await js.run("throw new Error('outer', {cause: new Error('inner')})")
    assert any("[cause]: Error: inner" in line for line in sink.errors[0].traceback)
    _, sink = await js.run("throw {code: 7}")
    assert (sink.errors[0].ename, sink.errors[0].evalue) == ("Uncaught", "{ code: 7 }")


@pytest.mark.parametrize(
    "code",
    [
        "Promise.reject(new RangeError('lost')); 1",
        "setTimeout(() => { throw new RangeError('lost') }, 1); await new Promise((done) => setTimeout(done, 30))",
        "(async () => { await 1; throw new RangeError('lost') })()",
    ],
)
async def test_what_nobody_catches_fails_the_cell(js: Runner, code: str) -> None:
    reply, sink = await js.run(code)
    assert reply.status == "error"
    assert [(error.ename, error.evalue, error.line) for error in sink.errors] == [("RangeError", "lost", 1)]
    assert await js.value("1 + 1") == "2"


async def test_an_interrupt_of_a_callback(js: Runner) -> None:
    await js.run("let kept = 7")
    for code in ("setTimeout(() => { while (true); }, 1); await new Promise(() => {})", "await 1; while (true);"):
        running = asyncio.create_task(js.run(code))
        await asyncio.sleep(0.3)
        await js.kernel.interrupt()
        reply, _ = await running
        assert reply.status == "cancelled"
        assert await js.value("kept") == "7"


async def test_typescript_shares_the_space(js: Runner) -> None:
    await js.run("interface Point { x: number; y?: number }\nconst p: Point = {x: 1}", language="typescript")
    assert await js.value("p.x") == "1"
    await js.run("const fromJs = 5")
    assert await js.value("(fromJs as number) + 1", language="ts") == "6"


async def test_typescript_errors_have_their_place(js: Runner) -> None:
    code = "type Name = string\nconst n: Name = 'x';  (undefined as any).foo"
    _, sink = await js.run(code, language="typescript")
    assert (sink.errors[0].line, sink.errors[0].column) == (2, 42)


async def test_answers(js: Runner) -> None:
    _, sink = await js.run("const name = prompt('name? '); const key = verso.secret('key? '); [name, key]", "Ada", "s3")
    assert sink.bundles[0]["text/plain"] == "[ 'Ada', 's3' ]"
    assert [question.kind for question in sink.questions] == ["line", "secret"]


async def test_unfinished_code_is_told_from_wrong_code(js: Runner) -> None:
    for code in ("function f() {", "foo(", "`text", "[1,"):
        assert (await js.kernel.diagnose(DiagnoseRequest(code=code))).incomplete, code
    for code in ("let b = ;", "1 1"):
        reply = await js.kernel.diagnose(DiagnoseRequest(code=code))
        assert reply.diagnostics and not reply.incomplete
    for code in ("await 1", "import a from 'b'", "export const c = 1"):
        assert (await js.kernel.diagnose(DiagnoseRequest(code=code))).diagnostics == ()


async def test_in_place_changes_are_seen(js: Runner) -> None:
    await js.run(
        "const deep = {a: {b: [1]}}; const list = [1]; const untouched = {x: 1}; const push = () => list.push(2)"
    )
    reply, _ = await js.run("deep.a.b.push(2)")
    assert [info.name for info in reply.changes.changed] == ["deep"]
    reply, _ = await js.run("push()")
    assert [info.name for info in reply.changes.changed] == ["list"]
    reply, _ = await js.run("untouched.x")
    assert reply.changes.changed == ()


async def test_late_output_belongs_to_the_cell_that_ran(js: Runner) -> None:
    _, sink = await js.run("setTimeout(() => console.log('late'), 50); 1")
    async with asyncio.timeout(20):
        while not any(isinstance(output, Stream) for output in sink.outputs):  # noqa: ASYNC110 (no event tells it)
            await asyncio.sleep(0.01)
    assert sink.text("stdout") == "late\n" and not any(isinstance(output, Error) for output in sink.outputs)


async def test_an_object_that_refuses_to_be_looked_at_holds_nothing_up(js: Runner) -> None:
    refusing = "new Proxy({}, {ownKeys() { throw 1 }, getPrototypeOf() { throw 2 }, get() { throw 3 }})"
    reply, sink = await js.run(
        f"var odd = {refusing}; var oddList = new Proxy([], {{get() {{ throw 4 }}}}); var kept = 42"
    )
    assert reply.status == "ok", sink.errors
    assert {info.name for info in reply.changes.added} == {"odd", "oddList", "kept"}
    reply, _ = await js.run("odd; oddList; undefined")
    assert reply.status == "ok"
    for name in ("odd", "oddList"):
        with pytest.raises(VariableError, match=name):
            await js.kernel.get_variable(name)


@pytest.mark.parametrize("name", ["NaN", "undefined", "Infinity", "class"])
async def test_names_that_javascript_keeps_for_itself_are_refused(js: Runner, name: str) -> None:
    with pytest.raises(VariableError, match=f'"{name}" is no name that a JavaScript variable can have'):
        await js.kernel.set_variable(name, {"t": "null"})


async def test_code_is_no_variable(js: Runner) -> None:
    reply, _ = await js.run("function f() {}\nclass C {}\nimport * as fs from 'node:fs'\nvar g = 1, h = () => 2")
    assert [info.name for info in reply.changes.added] == ["g"]
    reply, _ = await js.run("g = () => 3")
    assert reply.changes.removed == ("g",)
    reply, _ = await js.run("h = 4")
    assert [info.name for info in reply.changes.added] == ["h"]
    with pytest.raises(VariableError, match="function"):
        await js.kernel.get_variable("g")


@pytest.mark.parametrize(
    ("code", "replaced"),
    [
        ("const x = 1; const y = x", {"x", "y"}),
        ("var x = x + 1; let y = 1", {"y"}),
        ("x = 1", set()),
        ("let x", set()),
        ("console.log(x); let x = 1", set()),
        ("const f = () => x; const x = 1", {"f"}),
        ("const { x, z: [y = 2] } = { x: 1, z: [] }", {"y"}),
        ("const $x = 1, x$ = 2, é = 3", {"$x", "x$", "é"}),
        ("if (1) { const x = 1 }", set()),
        ("const x = 1; throw 1", set()),
    ],
)
async def test_what_a_cell_replaced_it_does_not_depend_on(js: Runner, code: str, replaced: set[str]) -> None:
    reply, _ = await js.run(f"{code}\n")
    assert set(reply.changes.replaced) == replaced


async def test_what_no_engine_runs_is_an_error_that_says_so(js: Runner) -> None:
    code = "console.log('never')\n/* \U0001f600 */ namespace A { export const x = 1 }"
    reply, sink = await js.run(code, language="typescript")
    (error,) = sink.errors
    assert (reply.status, error.line, error.column) == ("error", 2, 9)
    assert "make it an object" in error.evalue and sink.text() == ""
    found = await js.kernel.diagnose(DiagnoseRequest(code=code, language="typescript"))
    assert [(one.line, one.column, one.message) for one in found.diagnostics] == [(2, 9, error.evalue)]


LARGE = {
    "list": "Array.from({ length: 200_000 }, (_, n) => n)",
    "dates": "Array.from({ length: 200_000 }, (_, n) => new Date(n))",
    "table": "Array.from({ length: 50_000 }, (_, n) => ({ a: n, b: 'x', c: null }))",
    "bytes": "new Float64Array(200_000)",
}


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
async def test_a_large_value_that_is_only_read_is_not_changed(js: Runner, make: str) -> None:
    await js.run(f"var big = {make}")
    reply, _ = await js.run("console.log(big.length)")
    assert reply.changes.changed == ()


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("list", "big[100_000] = 'x'"),
        ("list", "big[0] = -0"),
        ("list", "big.length = 199_000"),
        ("dates", "big[100_000].setFullYear(2000)"),
        ("table", "big[25_000].b = 'y'"),
        ("table", "big[25_000].d = 1"),
        ("bytes", "big[100_000] = 1"),
    ],
)
async def test_a_change_within_a_large_value_is_seen(js: Runner, kind: str, change: str) -> None:
    await js.run(f"var big = {LARGE[kind]}")
    reply, _ = await js.run(change)
    assert [info.name for info in reply.changes.changed] == ["big"]


async def test_a_large_list_that_is_only_read_stays_its_makers(js: Runner) -> None:
    await js.kernel.set_variable("big", encode(list(range(200_000))))
    reply, _ = await js.run("big.length")
    assert reply.changes.changed == ()


async def test_names_of_the_runtime_that_a_cell_declares_are_variables(js: Runner) -> None:
    reply, _ = await js.run("const URL = 'http://a'; let fetch = 1; var name = 2")
    assert {info.name for info in reply.changes.added} == {"URL", "fetch", "name"}
    reply, _ = await js.run("Object.prototype.inherited = 1; loose = 3")
    assert {info.name for info in reply.changes.added} == {"loose"}
    assert {info.name for info in await js.kernel.list_variables()} == {"URL", "fetch", "name", "loose"}
