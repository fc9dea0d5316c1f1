"""Verso's own kernelspec: what it holds, and where it is put ("Kernel specs" in jupyter_client's documentation)."""

from __future__ import annotations

import json
import mimetypes
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from verso.api.errors import MissingComponentError, UnknownNameError, VersoError
from verso.api.kernel import Kernelspec

try:
    from jupyter_client.kernelspec import KernelSpecManager
except ImportError:
    KernelSpecManager = None  # type: ignore[assignment, misc]

DEFAULT_NAME: Final = "verso"
_LOGO: Final = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Verso">
<rect x="4" y="4" width="56" height="56" rx="10" fill="#2253c4"/>
<path d="M16 18l13 30h6l13-30" fill="none" stroke="#fff" stroke-width="6" stroke-linejoin="round"/>
</svg>
"""


def install_kernelspec(name: str, display_name: str, default: Kernelspec, *, user: bool, prefix: Path | None) -> Path:
    """Writes the kernelspec and returns its folder. `user`: for the user; else below `prefix`. `VersoError` when that
    can't be written or the name can't be one; `MissingComponentError` without jupyter_client."""
    manager = _manager()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        text = json.dumps(content(display_name, default), indent=2)
        (source / "kernel.json").write_text(text + "\n", encoding="utf-8")
        (source / "logo-svg.svg").write_text(_LOGO, encoding="utf-8")
        source.chmod(0o755)
        try:
            placed = manager.install_kernel_spec(
                str(source), name, user=user, prefix=None if prefix is None else str(prefix)
            )
        except ValueError as error:
            raise VersoError(str(error), next_step="choose another --name") from None
        except OSError as error:
            raise VersoError(
                f"the kernelspec can't be written: {error}", next_step="choose --user, --sys-prefix or --prefix PATH"
            ) from None
    return Path(placed)


def remove_kernelspec(name: str, *, user: bool, prefix: Path | None) -> Path:
    """Removes the kernelspec from where `install_kernelspec` puts it. `UnknownNameError` when it is not there."""
    manager = _manager()
    home = Path(manager.user_kernel_dir) if prefix is None else prefix / "share" / "jupyter" / "kernels"
    manager.kernel_dirs = [str(home)]
    manager.ensure_native_kernel = False
    known = manager.find_kernel_specs()
    if name.lower() not in known:
        raise UnknownNameError.among("kernelspec", name, known, where=str(home))
    return Path(manager.remove_kernel_spec(name.lower()))


def content(display_name: str, default: Kernelspec) -> dict[str, Any]:
    """What stands in `kernel.json`. Interrupts come by message: a signal would meet the engine and not the cell."""
    return {
        "argv": [
            sys.executable,
            "-m",
            "verso.jupyter",
            "--connection-file",
            "{connection_file}",
            "--default-kernel",
            default.name,
        ],
        "display_name": display_name,
        "language": default.highlight or default.name,
        "interrupt_mode": "message",
        "metadata": {"debugger": False},
    }


def language_info(default: Kernelspec, version: str) -> dict[str, str]:
    """`language_info` of a `kernel_info_reply`: the language of cells that name none."""
    suffix = default.suffixes[0] if default.suffixes else ".txt"
    name = default.highlight or default.name
    return {
        "name": name,
        "version": version,
        "mimetype": mimetypes.guess_type(f"cell{suffix}")[0] or "text/plain",
        "file_extension": suffix,
        "pygments_lexer": name,
        "codemirror_mode": name,
    }


def _manager() -> Any:
    if KernelSpecManager is None:
        raise MissingComponentError(
            "Jupyter's part of Verso needs jupyter_client, which is not here",
            next_step='pip install "verso-notebook[jupyter]"',
        )
    return KernelSpecManager()
