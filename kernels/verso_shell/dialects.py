"""What differs between bash, zsh and any other POSIX shell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from verso.api.record import Record

_STARTUP: Final = Path(__file__).parent / "startup"


class Dialect(Record):
    """A shell. `quiet`: arguments that keep the user's own start-up files out; `arguments`: the others. `startup`: the
    script that makes it a kernel. `arrays`, `maps`: whether it has them. `check`: arguments to look for faults without
    running anything. `fault`: finds the line and the message of a fault in what `check` prints. `place`: finds the line
    of a cell in an error message at run time, with `{name}` for the cell's name."""

    name: str
    arguments: tuple[str, ...]
    quiet: tuple[str, ...]
    startup: Path
    arrays: bool
    maps: bool
    check: tuple[str, ...]
    fault: re.Pattern[str]
    place: str
    how_to_get: str


BASH: Final = Dialect(
    name="bash",
    arguments=("--noediting", "-i"),
    quiet=("--noprofile", "--norc"),
    startup=_STARTUP / "bash.sh",
    arrays=True,
    maps=True,
    check=("-n", "-O", "extglob"),
    fault=re.compile(r"^[^\n]*?: line (\d+): (?!`)(.*)$", re.MULTILINE),
    place=r"{name}: line (\d+): ",
    how_to_get="install bash: apt install bash, brew install bash",
)

ZSH: Final = Dialect(
    name="zsh",
    arguments=("-i", "+o", "zle"),
    quiet=("-f",),
    startup=_STARTUP / "zsh.zsh",
    arrays=True,
    maps=True,
    check=("-f", "-n", "/dev/stdin"),
    fault=re.compile(r"^[^\n]*?:(\d+): (.*)$", re.MULTILINE),
    place=r"{name}:(\d+): ",
    how_to_get="install zsh: apt install zsh, brew install zsh",
)

SH: Final = Dialect(
    name="sh",
    arguments=("-i",),
    quiet=(),
    startup=_STARTUP / "posix.sh",
    arrays=False,
    maps=False,
    check=("-n",),
    fault=re.compile(r"^[^\n]*?: (?:line )?(\d+): (.*)$", re.MULTILINE),
    place=r"^sh: (\d+): ",
    how_to_get="every POSIX system has sh: look at PATH",
)
