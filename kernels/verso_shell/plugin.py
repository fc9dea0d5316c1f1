"""What this plugin brings: the kernels of shells and of prompt-driven programs, and `#!connect repl`."""

from __future__ import annotations

from collections.abc import Sequence

from verso.api.kernel import Kernelspec
from verso.api.magics import Connector, MagicOption
from verso.api.marks import hookimpl
from verso_shell.repls import REPLS

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_MENTIONS = rf"(?:\$\{{?[#!^]?|\$?\(\(\s*|\b(?:export|readonly|unset|declare(?: -\w+)?|-v)\s+)({_NAME})"


@hookimpl
def verso_kernels() -> Sequence[Kernelspec]:
    """bash, zsh, sh and each program of the table in `verso_shell.repls`."""
    shells = (
        ("bash", "Bash", ("shell",), (".sh", ".bash")),
        ("zsh", "Zsh", (), (".zsh",)),
        ("sh", "POSIX shell", (), ()),
    )
    return [
        *(
            Kernelspec(
                name=name,
                title=title,
                aliases=aliases,
                create=f"verso_shell.kernel:create_{name}",
                probe=f"verso_shell.find:probe_{name}",
                suffixes=suffixes,
                identifier=_NAME,
                mentions=_MENTIONS,
                settings_id="verso.shell",
                highlight=name,
            )
            for name, title, aliases, suffixes in shells
        ),
        *(repl.kernelspec() for repl in REPLS),
    ]


@hookimpl
def verso_connectors() -> Sequence[Connector]:
    """`#!connect repl`: any program with a prompt."""
    return [
        Connector(
            name="repl",
            summary="Makes a program that asks for its input with a prompt a kernel of this notebook.",
            connect="verso_shell.connector:connect",
            options=(
                MagicOption(name="--kernel-name", help="what cells call it: #!NAME", required=True),
                MagicOption(
                    name="--command", help="the program and its arguments, as a shell takes them", required=True
                ),
                MagicOption(name="--prompt", help="a regular expression for its prompt, e.g. 'lua> '", required=True),
                MagicOption(name="--continuation", help="a regular expression for the prompt inside a statement"),
                MagicOption(name="--load", help="a line by which it reads a file: .read {file}"),
                MagicOption(name="--error", help="a regular expression that finds an error message in its output"),
                MagicOption(name="--setup", help="a line to send once at the start", repeatable=True),
                MagicOption(name="--interrupt", help="what stops a statement: sigint (default), or text to type"),
                MagicOption(name="--start-timeout", help="seconds until its first prompt has to be there (10)"),
            ),
        )
    ]
