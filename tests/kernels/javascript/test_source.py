"""Sources made ready: what is declared, what is edited, and where everything was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("tree_sitter_typescript", reason="the extra `javascript` is not installed")

from verso_javascript.edits import Edits
from verso_javascript.source import prepare


@pytest.mark.parametrize(
    ("code", "prepared"),
    [
        ("const a = 1", "var   a = 1"),
        ("let a", "var a = undefined"),
        ("class A {}", "var A = class A {};"),
        ("if (x) { const a = 1 }", "if (x) { const a = 1 }"),
        ("for (let i = 0;;) {}", "for (let i = 0;;) {}"),
        ("import('a')", "$$load('a')"),
        ("'import(1)' + `import(2)` // import(3)", "'import(1)' + `import(2)` // import(3)"),
        ("import 'a'", "await $$load('a', undefined, []);"),
        ("export const a = 1", "       var   a = 1"),
        ("export default a + 1", "(a + 1)"),
        ("export {a, b}", ";            "),
        ("{a: 1}", "({a: 1})"),
        ("{ f(); }", "{ f(); }"),
        ("const a = 1; a = 2", 'var   a = 1;;$$const("a"); a = 2'),
    ],
)
def test_javascript(code: str, prepared: str) -> None:
    assert prepare(code, "javascript").code == prepared


@pytest.mark.parametrize(
    ("code", "prepared"),
    [
        ("f(a as string)", "f(a          )"),
        ("a satisfies T", "a;           "),
        ("b!.c", "b .c"),
        ("<T>b", "   b"),
        ("f<T>(b)", "f   (b)"),
        ("function f(this: T, a?: T, ...b: T[]): a is T {}", "function f(         a    , ...b     )         {}"),
        ("type A = {b: 1}\n(c)", ";              \n(c)"),
        ("interface A { b(): c }", ";                     "),
        ("declare const a: 1", ";                 "),
        ("import type {A} from 'a'", ";                       "),
        ("import {type A, B} from 'a'", 'var {"B": B} = await $$load(\'a\', undefined, ["B"]);'),
        ("class A { private readonly b: c = 1 }", "var A = class A {                  b    = 1 };"),
        ("class A { declare b: c; [k: string]: d }", "var A = class A { ;           ; ;              };"),
        ("abstract class A { abstract b(): c; }", "var A =          class A { ;              ; };"),
        ("class A { constructor(private b: c) {} }", "var A = class A { constructor(        b   ) {this.b = b;} };"),
        ("class A<T> extends B<T> implements C {}", "var A = class A    extends B                 {};"),
    ],
)
def test_types_become_blanks(code: str, prepared: str) -> None:
    assert prepare(code, "typescript").code == prepared


def test_enums_are_written_out() -> None:
    code = prepare('enum E { A, B = A << 2, C = "c" }', "typescript").code
    assert code.count("\n") == 0
    assert code == ('var E = ((E) => { E[E["A"] = 0] = "A"; E[E["B"] = E.A << 2] = "B"; E["C"] = "c"; return E;})({});')


def test_lines_stay_where_they_are() -> None:
    code = "import {\n  a,\n  b,\n} from 'm'\nenum E {\n  A,\n  B,\n}\ntype T = {\n  c: 1\n}\nlast"
    assert prepare(code, "typescript").code.split("\n")[-1] == "last"
    assert prepare(code, "typescript").code.count("\n") == code.count("\n")


def test_what_is_declared_and_assigned() -> None:
    code = "const {a, b: {c = 1}, ...d} = o; let [e,, ...f] = o; function g() { h = 1; i++ }\nimport j, * as k from 'l'"
    prepared = prepare(code, "javascript")
    assert prepared.declares == {
        **dict.fromkeys("acd", "const"),
        **dict.fromkeys("ef", "let"),
        "g": "function",
        **dict.fromkeys("jk", "import"),
    }
    assert prepared.assigns == ("h", "i")


@given(st.text(st.sampled_from("abc{}()[]`'\"/*=><;:,.\n😀\u2028 constletimportclass${"), max_size=60))
def test_any_text_can_be_prepared(code: str) -> None:
    for language in ("javascript", "typescript"):
        assert prepare(code, language).code is not None


@given(st.text(max_size=30), st.data())
def test_moves_lead_back(text: str, data: st.DataObject) -> None:
    text = text.encode("utf-8", "replace").decode()
    source = text.encode()
    starts = [len(text[:at].encode()) for at in range(len(text) + 1)]
    edits = Edits(source)
    for _ in range(data.draw(st.integers(0, 4))):
        edits.insert(data.draw(st.sampled_from(starts)), "inserted")
    edited = edits.apply()
    assert edited.text.replace("inserted", "") == text.replace("inserted", "")
    for start, length, _, was_length in edited.moves:
        assert (
            edited.text.encode("utf-16-le")[2 * start : 2 * (start + length)].decode("utf-16-le").startswith("inserted")
        )
        assert was_length == 0


@pytest.mark.parametrize(
    ("code", "prepared"),
    [
        ("namespace A { export type T = 1; interface I {} }", ";" + " " * 48),
        ("export namespace A.B { type T = 1 }", ";" + " " * 34),
        ("module A { namespace B { type T = 1 } }", ";" + " " * 38),
        ("declare enum E { A }", ";" + " " * 19),
        ("declare namespace A { const x: 1 }", ";" + " " * 33),
        ("module.exports = 1; const namespace = 2", "module.exports = 1; var   namespace = 2"),
    ],
)
def test_what_makes_no_code_is_blanked(code: str, prepared: str) -> None:
    made = prepare(code, "typescript")
    assert (made.code, made.refused) == (prepared, None)


@pytest.mark.parametrize(
    ("language", "code", "line", "column", "why"),
    [
        ("typescript", "1\n/* \U0001f600 */ namespace A { export const x = 1 }", 2, 10, "namespace"),
        ("typescript", "namespace A { namespace B { f() } }", 1, 1, "namespace"),
        ("typescript", "class A { @d m() {} }", 1, 11, "decorators"),
        ("javascript", "@d class A {}", 1, 1, "decorators"),
    ],
)
def test_what_can_not_be_taken_out_is_refused(language: str, code: str, line: int, column: int, why: str) -> None:
    made = prepare(code, language)
    assert made.refused is not None and made.code == code
    assert made.refused[:2] == (line, column) and why in made.refused[2]
