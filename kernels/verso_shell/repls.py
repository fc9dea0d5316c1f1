"""The table of prompt-driven programs: one entry makes a kernel.

A new entry needs a command and a prompt; the rest has defaults that suit most programs. An entry is used by its name
(`#!lua`), and the same fields are the options of `#!connect repl`. The module is read whenever `verso` starts, so what
runs a program is imported when it is first needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from verso.api.kernel import Availability, Kernel, KernelContext, Kernelspec, ProbeContext
from verso.api.record import Record


class Repl(Record):
    """A program that reads a line, does it, and asks for the next one with a prompt.

    `command`: the program and its arguments. `prompt`, `continuation`: regular expressions that match the whole last
    line of its output when it waits for a statement, and for more of one (empty: it has none). `setup`: lines sent
    once. `load`: the line by which it reads a file, with `{file}` for the path: a cell is then handed over in one
    piece; without it, line by line. `finish`: what ends a block that is still open after the last line (an empty line
    in Python). `error`: a regular expression that is searched in each line of output; what it finds (its groups
    `name`, `message` and `line`, where there are such) makes the cell an error. `interrupt`: `sigint`, or text to
    type. `cancel`: what ends a statement that is not complete, likewise. `quit`: the line that ends it. `environ`:
    added to the environment. `start_timeout`: seconds until the first prompt.
    """

    name: str
    title: str
    command: tuple[str, ...]
    prompt: str
    continuation: str = ""
    setup: tuple[str, ...] = ()
    load: str = ""
    finish: str = ""
    error: str = ""
    interrupt: str = "sigint"
    cancel: str = "sigint"
    quit: str = ""
    comment: str = "#"
    suffixes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    highlight: str = ""
    environ: tuple[tuple[str, str], ...] = ()
    start_timeout: float = 10.0
    how_to_get: str = ""

    def kernelspec(self) -> Kernelspec:
        """The spec of this program's kernel. Variables are not shared: a prompt tells nothing of them."""

        async def create(context: KernelContext) -> Kernel:
            kernel: Kernel = import_module("verso_shell.repl").ReplKernel(self, context)
            return kernel

        def probe(context: ProbeContext) -> Availability:
            available: Availability = import_module("verso_shell.find").probe_repl(self, context)
            return available

        return Kernelspec(
            name=self.name,
            title=self.title,
            aliases=self.aliases,
            create=create,
            probe=probe,
            suffixes=self.suffixes,
            comment=self.comment,
            shares_variables=False,
            settings_id=f"verso.repl.{self.name}",
            highlight=self.highlight or self.name,
        )


REPLS: Final = (
    Repl(
        name="sqlite3",
        title="SQLite shell",
        command=("sqlite3", "-interactive"),
        prompt=r"sqlite> ",
        continuation=r" +\.\.\.> ",
        load='.read "{file}"',
        error=r"^(?P<name>(?:Parse|Runtime) error|Error)(?: near line (?P<line>\d+)| in \S+)?[:,]? ?(?P<message>.*)",
        setup=(".bail on",),
        quit=".quit",
        comment="--",
        highlight="sql",
        how_to_get="install the SQLite command line: apt install sqlite3, brew install sqlite",
    ),
    Repl(
        name="lua",
        title="Lua",
        command=("lua", "-i"),
        prompt=r"> ",
        continuation=r">> ",
        error=r"^(?:lua\S*: )?(?:stdin:(?P<line>\d+): (?P<message>.*)|interrupted!)",
        cancel=") ]] )\n",
        quit="os.exit()",
        comment="--",
        suffixes=(".lua",),
        how_to_get="install Lua: apt install lua5.4, brew install lua",
    ),
)
