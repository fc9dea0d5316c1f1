"""What each file in `tests/golden/formats/read` becomes in each format; run as a program, it writes them all."""

from __future__ import annotations

from pathlib import Path

from tests.formats.notebooks import LANGUAGES
from verso.api.formats import ReadOptions, WriteOptions
from verso.engine.references import resolve
from verso.formats.files import NotebookFiles
from verso.formats.plugin import verso_formats

FOLDER = Path(__file__).parent.parent / "golden" / "formats"
TARGETS = (".verso", ".ipynb", ".dib", ".py", ".ps1")
FILES = NotebookFiles(verso_formats(), resolve)
READ = ReadOptions(languages=LANGUAGES)
WRITE = WriteOptions(languages=LANGUAGES)


def sources() -> list[Path]:
    """The files to read, one of each kind that is found in the wild."""
    return sorted((FOLDER / "read").iterdir())


def cases() -> list[tuple[Path, Path]]:
    """Each source with the golden file of each format."""
    return [(source, FOLDER / "written" / f"{source.name}{suffix}") for source in sources() for suffix in TARGETS]


def write(source: Path, target: Path) -> None:
    """Converts a file, by the suffixes of the two."""
    FILES.write(FILES.read(source, options=READ), target, options=WRITE)


if __name__ == "__main__":
    for source, golden in cases():
        write(source, golden)
