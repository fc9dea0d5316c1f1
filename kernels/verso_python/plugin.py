"""What the Python kernel brings: its kernelspec and `#!pip`."""

from __future__ import annotations

from collections.abc import Sequence

from verso.api.kernel import Kernelspec
from verso.api.magics import Magic, MagicOption
from verso.api.marks import hookimpl


@hookimpl
def verso_kernels() -> Sequence[Kernelspec]:
    """Python in a process of its own, in any interpreter."""
    return (
        Kernelspec(
            name="python",
            title="Python",
            aliases=("py", "python3"),
            create="verso_python.kernel:create",
            probe="verso_python.kernel:probe",
            suffixes=(".py",),
            settings_id="verso.python",
            highlight="python",
        ),
    )


@hookimpl
def verso_magics() -> Sequence[Magic]:
    """`#!pip`: installs into the notebook's own interpreter."""
    return (
        Magic(
            name="pip",
            summary="Runs pip for the interpreter of the notebook's Python cells",
            run="verso_python.pip:run",
            options=(MagicOption(name="arguments", rest=True, required=True, help="what pip is given: install NAME"),),
            examples=("#!pip install pandas",),
        ),
    )
