"""What every kernel promises, of JavaScript and of TypeScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from verso_javascript.plugin import verso_kernels
from verso_javascript.runtime import deno_from_extra as deno

from verso.testing.kernel_contract import KernelContract
from verso.testing.kernel_samples import MANY_LINES, UNICODE
from verso.testing.typed_values import KINDS

JAVASCRIPT, TYPESCRIPT = verso_kernels()


class TestJavaScript(KernelContract):
    kernelspec = JAVASCRIPT
    prints_hello = 'console.log("hello")'
    prints_to_stderr = 'console.error("careful")'
    prints_in_order = 'console.log("one"); console.error("two"); display("three"); console.log("four")'
    prints_unicode = f'console.log("{UNICODE}")'
    prints_many_lines = f"for (let n = 0; n < {MANY_LINES}; n++) console.log(`line ${{n}}`)"
    prints_bad_utf8 = 'require("fs").writeSync(1, Buffer.from([0x3c, 0xca, 0xff, 0xfe, 0x3e]))'
    runs_a_program = 'require("child_process").execSync("echo from a program", {stdio: "inherit"});'
    result = ("6 * 7", "42")
    silent = "const quiet = 1; void 0;"
    shows_html = 'display({toHTML: () => "<b>bold</b>"})'
    updates_a_display = 'const shown = display("first"); shown.update("second");'
    fails = ('console.log("before")\nthrow new RangeError("too far")', "too far")
    cannot_be_parsed = 'console.log("never")\nlet x = ;'
    loops_forever: ClassVar[str | None] = 'console.log("started"); while (true) {}'
    waits_forever = 'console.log("started"); await new Promise((done) => setTimeout(done, 100_000))'
    dies = "process.kill(process.pid, 'SIGKILL')"
    starts_a_child = 'console.log(require("child_process").spawn("sleep", ["60"]).pid)'
    assigns = "const answer = 42"
    prints_answer = "console.log(answer)"
    changes_answer = "let answer = 43"
    removes_answer = "delete globalThis.answer"
    untransferable = ("stuck = Symbol('s')", "symbol")
    kinds = KINDS
    asks = 'console.log(`hello ${prompt("name? ")}`)'
    completes = ("const person = {firstName: 'Ada'}", "person.fir", "firstName")
    inspects = ("function twice(x) { return 2 * x }", "twice", "return 2 * x")
    diagnoses = ("let a = 1\nlet b = ;", 2)


class TestTypeScript(KernelContract):
    kernelspec = JAVASCRIPT.replace(name="typescript", aliases=TYPESCRIPT.aliases, title=TYPESCRIPT.title)
    prints_hello = 'const greeting: string = "hello"; console.log(greeting)'
    diagnoses = ("let a: number = 1\nlet b: string = ;", 2)


class TestDeno(TestJavaScript):
    """The runtime of the extra `deno`. It can't stop a busy loop from outside and keep the state."""

    kernel_options: ClassVar[Mapping[str, str]] = {"program": deno() or "deno"}
    loops_forever: ClassVar[str | None] = None
