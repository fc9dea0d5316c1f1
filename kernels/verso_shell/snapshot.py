"""What a shell reported after a cell: exit status, folder, options and variables; and what changed between two."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Final

from verso.api.record import Record, field
from verso.api.variables import PREVIEW_LENGTH, VariableChanges, VariableInfo
from verso_shell.declarations import Variable, read_declarations

_FIELDS: Final = 6

OWN_PREFIX: Final = "__verso_"

_NAMES: Final = """
    _ PATH HOME SHELL USER LOGNAME PWD OLDPWD SHLVL TERM IFS PS0 PS1 PS2 PS3 PS4 OPTARG OPTIND OPTERR LINENO RANDOM
    SECONDS EPOCHREALTIME EPOCHSECONDS SRANDOM COLUMNS LINES PPID UID EUID GID EGID HISTCMD HISTFILE HISTSIZE
    HISTFILESIZE SAVEHIST PROMPT_COMMAND BASH BASHOPTS BASHPID SHELLOPTS FUNCNAME PIPESTATUS DIRSTACK GROUPS
    COMP_WORDBREAKS MAILCHECK ENV LD_LIBRARY_PATH LD_PRELOAD TMPDIR argv status pipestatus path cdpath fpath manpath
    mailpath fignore psvar prompt PROMPT RPROMPT RPS1 RPS2 precmd_functions preexec_functions chpwd_functions
    zsh_eval_context ZSH_EVAL_CONTEXT TTYIDLE TTY ERRNO signals functions aliases builtins reswords parameters
    commands options history dirstack historywords jobdirs jobstates jobtexts modules nameddirs userdirs usergroups
    funcstack functrace funcfiletrace funcsourcetrace MATCH MBEGIN MEND match mbegin mend
"""

SHELLS_OWN: Final = frozenset(_NAMES.split())
"""Names with a meaning of their own in a shell: never shared, and not taken from other languages, where `path` is any
variable and here would be where programs are looked for."""


class Snapshot(Record):
    """A report. `flags`: `$-`. `aborted`: the shell gave up the cell (an interrupt, `${x:?}`) and came back to its
    prompt. `at`: places of the last failed commands, `file:line` separated by commas, where the shell tells."""

    status: int = 0
    flags: str = ""
    directory: str = ""
    aborted: bool = False
    at: str = ""
    version: str = ""
    variables: Mapping[str, Variable] = field(default_factory=dict)


def read_snapshot(report: bytes) -> Snapshot:
    """`ValueError` for what is no report."""
    parts = report.split(b"\0", _FIELDS)
    if len(parts) <= _FIELDS:
        raise ValueError("the report is cut off")
    status, flags, directory, aborted, at, version = (
        part.decode("utf-8", "surrogateescape") for part in parts[:_FIELDS]
    )
    return Snapshot(
        status=int(status or 0),
        flags=flags,
        directory=directory,
        aborted=bool(aborted),
        at=at,
        version=version,
        variables=read_declarations(parts[_FIELDS]),
    )


def user_variables(snapshot: Snapshot, baseline: Snapshot) -> dict[str, Variable]:
    """What the user made or changed since the shell started: neither the shell's own nor what came with the
    environment."""
    return {
        name: variable
        for name, variable in snapshot.variables.items()
        if shareable(name, baseline) and variable != baseline.variables.get(name) and variable.value is not None
    }


def shareable(name: str, baseline: Snapshot) -> bool:
    """Whether a name is not the shell's own."""
    if name in SHELLS_OWN or name.startswith((OWN_PREFIX, "BASH_", "ZSH_", "COMP_")):
        return False
    known = baseline.variables.get(name)
    return known is None or not known.readonly


def changes(before: Mapping[str, Variable], after: Mapping[str, Variable]) -> VariableChanges:
    """What became of the variables."""
    return VariableChanges(
        added=tuple(describe(after[name]) for name in after if name not in before),
        changed=tuple(describe(after[name]) for name in after if name in before and after[name] != before[name]),
        removed=tuple(name for name in before if name not in after),
    )


def describe(variable: Variable) -> VariableInfo:
    """A variable without its value."""
    value = variable.value
    if isinstance(value, dict):
        shown = " ".join(f"[{key}]={_shown(item)}" for key, item in islice(value.items(), PREVIEW_LENGTH))
    elif isinstance(value, list):
        shown = " ".join(map(_shown, islice(value, PREVIEW_LENGTH)))
    else:
        shown = _shown(value or "")
    if len(shown) > PREVIEW_LENGTH:
        shown = shown[: PREVIEW_LENGTH - 1] + "…"
    count = len(value) if isinstance(value, (list, dict)) else None
    return VariableInfo(name=variable.name, type=variable.kind, preview=shown, count=count)


def _shown(text: str) -> str:
    line = text[: PREVIEW_LENGTH + 1].replace("\n", "⏎").encode("utf-8", "replace").decode()
    return f"'{line}'" if " " in line else line
