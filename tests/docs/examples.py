"""Runs the examples of a page in a folder of its own, in order, as a reader would.

- `console` blocks: commands after `$ ` (and `> ` for lines that go on), each followed by what it prints (`…` stands
  for anything, on a line of its own for any lines). A command succeeds unless `$ echo $?` after it says otherwise.
  `make` and `pip install` aren't run: their targets and extras are looked up.
- `python` blocks are programs, `dib` blocks are notebooks; an `output` block after one is what it prints.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import ROOT, Block, blocks

BIN = Path(sys.executable).parent
RUN = ("console", "python", "dib")
"""The languages of blocks that are run."""

_SECONDS = 100


class Workplace:
    """A folder with the files of a page, in which its examples run."""

    def __init__(self, folder: Path, page: Path) -> None:
        self._folder = folder
        self._blocks = list(blocks(page))
        self._last_code = 0
        for block in self._blocks:
            self._save(block)
        self._install()

    def run(self, available: frozenset[str]) -> list[str]:
        """Runs every example, raising `AssertionError` at the first that does not do what it says. Returns what was
        left out because a kernel is missing."""
        left_out = []
        for place, block in enumerate(self._blocks):
            if block.language not in RUN or {"saved as", "added to", "not run"} & block.notes.keys():
                continue
            missing = sorted(set(block.notes.get("needs", "").split()) - available)
            if missing:
                left_out.append(f"{block.place} needs {', '.join(missing)}")
                continue
            if block.language == "console":
                self._run_commands(block)
            else:
                following = self._blocks[place + 1] if place + 1 < len(self._blocks) else None
                shows = following.text if following and following.language == "output" else None
                self._run_program(block, shows)
        return left_out

    def _save(self, block: Block) -> None:
        for note, mode in (("saved as", "w"), ("added to", "a")):
            if note in block.notes:
                target = self._folder / block.notes[note]
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open(mode, encoding="utf-8") as file:
                    file.write(block.text)

    def _install(self) -> None:
        """What `pip install -e .` does with the page's `pyproject.toml`: the folder is on the path, and its entry
        points are known."""
        project = self._folder / "pyproject.toml"
        if not project.exists():
            return
        described = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        metadata = self._folder / f"{described['name'].replace('-', '_')}-{described['version']}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {described['name']}\nVersion: {described['version']}\n"
        )
        groups = described.get("entry-points", {})
        lines = [
            f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in entries.items()) for group, entries in groups.items()
        ]
        (metadata / "entry_points.txt").write_text("\n".join(lines))

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": os.pathsep.join((str(BIN), os.environ.get("PATH", ""))),
            "PYTHONPATH": str(self._folder),
            "PYTHONIOENCODING": "utf-8",
            "NO_COLOR": "1",
            "JUPYTER_DATA_DIR": str(self._folder / "jupyter"),  # nothing is installed for the person who runs the tests
        }

    def _call(self, command: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
        )
        return done.returncode, done.stdout.decode()

    def _run_program(self, block: Block, shows: str | None) -> None:
        name = f"example{block.line}.{'py' if block.language == 'python' else 'dib'}"
        (self._folder / name).write_text(block.text, encoding="utf-8")
        command = [sys.executable, name] if block.language == "python" else [str(BIN / "verso"), "run", "-q", name]
        code, printed = self._call(command)
        assert code == 0, f"{block.place} ended with {code}:\n{printed}"
        if shows is not None:
            assert_printed(printed, shows, block.place)

    def _run_commands(self, block: Block) -> None:
        steps = list(commands(block.text))
        for place, (command, expected) in enumerate(steps):
            if command == "echo $?":
                assert expected.strip() == str(self._last_code), (
                    f"{block.place}: {steps[place - 1][0]} ended with {self._last_code}, not {expected.strip()}"
                )
                continue
            if is_looked_up(command):
                continue
            self._last_code, printed = self._call(["bash", "-c", command])
            told = place + 1 < len(steps) and steps[place + 1][0] == "echo $?"
            assert told or self._last_code == 0, f"{block.place}: {command} ended with {self._last_code}:\n{printed}"
            if expected:
                assert_printed(printed, expected, f"{block.place}: {command}")


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block and the text that it prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        found = re.match(r"(?P<command>(?:.*\\\n)*.*(?:\n> .*)*)\n?(?P<printed>[\s\S]*)", part)
        assert found
        yield found["command"].strip().replace("\n> ", "\n"), found["printed"]


def is_looked_up(command: str) -> bool:
    """Whether a command is one of those that change the machine: it is compared with the project's files instead."""
    words = shlex.split(command, comments=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if words[0] == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert set(words[1:]) <= set(targets), f"{command}: the Makefile has no such target"
        return True
    if words[:2] == ["pip", "install"]:
        for extras in re.findall(rf"(?:{project['name']}|\.)\[([^\]]+)\]", command):
            unknown = set(extras.split(",")) - set(project["optional-dependencies"])
            assert not unknown, f"{command}: there is no extra {unknown}"
        return True
    return False


def assert_printed(printed: str, expected: str, place: str) -> None:
    """Fails unless the text is as expected, white space at the ends of lines aside."""
    lines = [line.rstrip() for line in expected.strip("\n").splitlines()]
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"\n" for line in lines
    )
    shown = "".join(line.rstrip() + "\n" for line in printed.strip("\n").splitlines())
    assert re.fullmatch(pattern, shown), f"{place} prints\n{shown}\nand not\n{expected}"
