"""Reading and replacing files: which format, what is refused, and that nothing is lost."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.formats.notebooks import LANGUAGES
from verso.api.errors import FormatError, NotebookUnreadableError, NotebookUnwritableError, UnknownNameError, VersoError
from verso.api.formats import ReadOptions, WriteOptions
from verso.api.notebook import Cell, Notebook
from verso.engine.references import resolve
from verso.formats.files import NotebookFiles
from verso.formats.plugin import verso_formats

FILES = NotebookFiles(verso_formats(), resolve)
EMPTY = '{\n  "verso": "1.0",\n  "metadata": {},\n  "cells": []\n}\n'
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


class Standard:
    """Stands in for standard input or output with bytes."""

    def __init__(self, content: bytes = b"") -> None:
        self.buffer = io.BytesIO(content)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- which format ---------------------------------------------------------------------------------------

DOCUMENTS = {
    "verso": '{"verso": "1.0", "cells": [{"id": "a", "source": "x"}]}',
    "dotnet": '{"metadata": {}, "cells": [{"id": "a", "source": "x"}]}',
    "ipynb": '{"metadata": {}, "cells": [{"cell_type": "code", "source": "x", "metadata": {}, "outputs": [], '
    '"execution_count": null}], "nbformat": 4, "nbformat_minor": 4}',
    "dib": "#!python\nx",
    "dib with metadata": "#!meta\n{}\n#!python\nx",
    "script": "# %%\nx",
    "script of javascript": "// %%\nx",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_standard_input_is_sniffed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Standard(DOCUMENTS[name].encode()))
    notebook = FILES.read("-", options=ReadOptions(languages=LANGUAGES, suffix=".js"))
    assert notebook.cells[-1].source.removeprefix("// %%\n") == "x"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_file_of_an_unknown_suffix_is_sniffed(name: str, tmp_path: Path) -> None:
    path = tmp_path / "notebook.txt"
    path.write_text(DOCUMENTS[name])
    assert FILES.read(path, options=ReadOptions(languages=LANGUAGES)).cells[-1].source.removeprefix("// %%\n") == "x"


def test_a_named_format_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.verso"
    path.write_text("x = 1")
    assert FILES.read(path, format="script").cells[0].source == "x = 1"


def test_suffixes_of_any_case_and_of_installed_kernels(tmp_path: Path) -> None:
    (tmp_path / "A.VERSO").write_text(EMPTY)
    assert FILES.read(tmp_path / "A.VERSO") == Notebook()
    (tmp_path / "a.zz").write_text("x")
    assert FILES.read(tmp_path / "a.zz", options=ReadOptions(suffixes={".zz": "zig"})).default_kernel == "zig"


def test_text_of_no_format_asks_for_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Dear diary")
    with pytest.raises(FormatError, match=r"no format has the suffix '.txt' .*\.ipynb.*\n.*--from dib \| ipynb"):
        FILES.read(tmp_path / "a.txt")
    with pytest.raises(FormatError, match=r"no format has the suffix '.txt' .*\n.*--to dib \| ipynb"):
        FILES.write(Notebook(), tmp_path / "b.txt")
    assert not (tmp_path / "b.txt").exists()


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="known: dib, ipynb, script, verso"):
        FILES.read("-", format="docx")


def test_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Standard()
    monkeypatch.setattr(sys, "stdout", out)
    FILES.write(Notebook(), "-")
    FILES.write(Notebook(cells=(Cell(source="é"),)), "-", format="script")
    assert out.buffer.getvalue().decode() == EMPTY + "# %%\né\n"


# --- reading what can't be read -------------------------------------------------------------------------


def refused(path: Path, files: NotebookFiles = FILES) -> VersoError:
    with pytest.raises(VersoError) as caught:
        files.read(path)
    assert str(path) in caught.value.where
    return caught.value


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert isinstance(refused(tmp_path / "no.verso"), NotebookUnreadableError)
    assert "no such file" in str(refused(tmp_path / "no.verso"))
    (tmp_path / "a.verso").mkdir()
    assert isinstance(refused(tmp_path / "a.verso"), NotebookUnreadableError)
    assert "a folder" in str(refused(tmp_path / "a.verso"))
    (tmp_path / "file").touch()
    assert isinstance(refused(tmp_path / "file" / "a.verso"), NotebookUnreadableError)


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(NotebookUnreadableError):
        FILES.read("a\0.verso")
    with pytest.raises(NotebookUnreadableError):
        FILES.read("a" * 5000 + ".verso")


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.verso"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    error = refused(path)
    assert isinstance(error, NotebookUnreadableError)
    assert "too large for a notebook: 1,099,511,627,776 bytes" in str(error)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_an_endless_device_is_refused() -> None:
    with pytest.raises(NotebookUnreadableError, match="too large"):
        NotebookFiles(verso_formats(), resolve, size_limit=1 << 20).read("/dev/zero", format="verso")


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b'{\n"cells":\n "\xff"}', 3, "not UTF-8: byte 0xff at offset 13"),
        (b"# %%\nprint('caf\xe9')\n", 2, "not UTF-8: byte 0xe9"),
        ("{}".encode("utf-16"), 1, "UTF-16"),
    ],
)
def test_what_is_not_utf_8(content: bytes, line: int, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.verso"
    path.write_bytes(content)
    error = refused(path)
    assert isinstance(error, FormatError)
    assert error.where == f"{path}:{line}"
    assert said in error.what


@pytest.mark.parametrize("name", ["a.verso", "a.ipynb", "a.dib", "a.py"])
def test_a_byte_order_mark_is_no_part_of_the_text(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    FILES.write(Notebook(default_kernel="python", cells=(Cell(source="x"),)), path)
    without = FILES.read(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert FILES.read(path) == without


@pytest.mark.parametrize("name", ["a.verso", "a.ipynb"])
def test_mistakes_name_the_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("{")
    assert refused(path).where == f"{path}:1:2"
    path.write_text('{"nbformat": 4, "nbformat_minor": 5, "verso": "1.0", "metadata": {}, "cells": 3}')
    assert refused(path).where == f"{path}: $.cells"


# --- as somebody who is not root ------------------------------------------------------------------------

NOBODY = """
import os, sys
from pathlib import Path
from verso.api.errors import VersoError
from verso.api.notebook import Notebook
from verso.engine.references import resolve
from verso.formats.files import NotebookFiles
from verso.formats.plugin import verso_formats
from verso.formats import verso_file
os.setgroups([]); os.setgid(65534); os.setuid(65534)
files = NotebookFiles(verso_formats(), resolve)
verb, path = sys.argv[1:]
try:
    files.read(path) if verb == "read" else files.write(Notebook(title="new"), path)
except VersoError as error:
    print(type(error).__name__, error)
else:
    print("fine")
"""


@pytest.fixture
def as_nobody() -> Any:
    """Reads or writes a file as a user without privileges; for root, who may do everything, in a process of theirs."""
    if not ROOT:
        pytest.skip("only root can become somebody else; the same is tested by not being root")
    if sys.platform == "win32":
        pytest.skip("there is no nobody here")

    def run(verb: str, path: Path) -> str:
        result = subprocess.run([sys.executable, "-c", NOBODY, verb, str(path)], capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


@pytest.fixture
def open_folder() -> Any:
    """A folder that everybody may enter and write to."""
    folder = Path("/var/tmp") / f"verso-test-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


def test_a_forbidden_file(as_nobody: Callable[[str, Path], str], open_folder: Path) -> None:
    path = open_folder / "a.verso"
    path.write_text(EMPTY)
    path.chmod(0o600)
    said = as_nobody("read", path)
    assert said.startswith(f"NotebookUnreadableError {path}: no permission")
    assert as_nobody("write", path).startswith(f"NotebookUnwritableError {path}: can't be written: permission denied")
    assert path.read_text() == EMPTY
    assert names_in(open_folder) == ["a.verso"]


def test_a_read_only_file_and_folder(as_nobody: Callable[[str, Path], str], open_folder: Path) -> None:
    path = open_folder / "a.verso"
    path.write_text(EMPTY)
    path.chmod(0o444)
    assert "NotebookUnwritableError" in as_nobody("write", path)
    path.chmod(0o666)
    open_folder.chmod(0o755)
    assert "NotebookUnwritableError" in as_nobody("write", path)
    assert "NotebookUnwritableError" in as_nobody("write", open_folder / "new.verso")
    assert path.read_text() == EMPTY
    assert names_in(open_folder) == ["a.verso"]


@pytest.mark.skipif(ROOT, reason="root may read and write everything: tested as nobody instead")
def test_permissions_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "a.verso"
    path.write_text(EMPTY)
    path.chmod(0o000)
    assert "no permission" in str(refused(path))
    path.chmod(0o444)
    with pytest.raises(NotebookUnwritableError, match="permission denied"):
        FILES.write(Notebook(title="new"), path)
    assert path.read_text() == EMPTY


# --- writing --------------------------------------------------------------------------------------------


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.verso"
    path.write_text("old")
    path.chmod(0o640)
    before = path.stat().st_ino
    FILES.write(Notebook(), path)
    assert path.read_text() == EMPTY
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_ino != before
    assert names_in(tmp_path) == ["a.verso"]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    FILES.write(Notebook(), tmp_path / "a.verso")
    assert (tmp_path / "a.verso").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.verso").write_text("old")
    link = tmp_path / "link.verso"
    link.symlink_to("real/a.verso")
    FILES.write(Notebook(), link)
    assert link.is_symlink()
    assert (tmp_path / "real" / "a.verso").read_text() == EMPTY
    dangling = tmp_path / "dangling.verso"
    dangling.symlink_to("real/b.verso")
    FILES.write(Notebook(), dangling)
    assert (tmp_path / "real" / "b.verso").read_text() == EMPTY


def test_a_folder_a_missing_folder_and_a_file_as_folder(tmp_path: Path) -> None:
    (tmp_path / "a.verso").mkdir()
    with pytest.raises(NotebookUnwritableError, match="is a directory"):
        FILES.write(Notebook(), tmp_path / "a.verso")
    with pytest.raises(NotebookUnwritableError, match=r"no such file or directory\n.*make the folder first"):
        FILES.write(Notebook(), tmp_path / "no" / "a.verso")
    (tmp_path / "file").touch()
    with pytest.raises(NotebookUnwritableError):
        FILES.write(Notebook(), tmp_path / "file" / "a.verso")


def test_a_long_name(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 249 + ".verso")
    FILES.write(Notebook(), path)
    assert path.read_text() == EMPTY


def test_text_that_utf_8_can_not_hold_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("old")
    with pytest.raises(NotebookUnwritableError, match="half a surrogate pair"):
        FILES.write(Notebook(cells=(Cell(source="\ud800"),)), path)
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["a.py"]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.verso"
    path.write_text("old")
    with pytest.raises(TypeError, match="has no form in JSON"):
        FILES.write(Notebook(metadata={"x": object()}), path)
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["a.verso"]


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from verso.api.errors import NotebookUnwritableError
from verso.api.notebook import Cell, Notebook
from verso.engine.references import resolve
from verso.formats.files import NotebookFiles
from verso.formats.plugin import verso_formats
try:
    NotebookFiles(verso_formats(), resolve).write(Notebook(cells=(Cell(source="x" * 1_000_000),)), sys.argv[1])
except NotebookUnwritableError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits on the size of a file are POSIX")
@pytest.mark.parametrize("name", ["a.verso", "a.ipynb", "a.dib", "a.py"])
def test_no_room_for_the_file_leaves_the_old_one(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("old")
    result = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    assert result.stdout.startswith(f"{path}: can't be written: file too large")
    assert path.read_text() == "old"
    assert names_in(tmp_path) == [name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device() -> None:
    with pytest.raises(NotebookUnwritableError, match=r"no space left on device\n.*free some space"):
        FILES.write(Notebook(), "/dev/full", format="verso")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no /dev/stdout here")
def test_a_pipe_is_written_to_as_it_is() -> None:
    program = (
        "from verso.api.notebook import Notebook; from verso.engine.references import resolve; "
        "from verso.formats.files import NotebookFiles; from verso.formats.plugin import verso_formats; "
        "NotebookFiles(verso_formats(), resolve).write(Notebook(), '/dev/stdout', format='verso')"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.stdout == EMPTY, result.stderr


def test_write_text(tmp_path: Path) -> None:
    FILES.write_text("<p>é</p>\r\n", tmp_path / "a.html")
    assert (tmp_path / "a.html").read_bytes() == "<p>é</p>\r\n".encode()


def test_the_format_that_a_path_would_have() -> None:
    assert (found := FILES.format_of("a.dib")) is not None and found.name == "dib"
    assert FILES.format_of("a.html") is None
    assert (found := FILES.format_of("a.zz", options=WriteOptions(suffixes={".zz": "z"}))) and found.name == "script"
