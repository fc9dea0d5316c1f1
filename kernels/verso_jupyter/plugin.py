"""What this plugin brings: the family `jupyter:…` of kernels, and `#!connect jupyter`."""

from __future__ import annotations

from verso.api.kernel import KernelFamily
from verso.api.magics import Connector, MagicOption
from verso.api.marks import hookimpl


@hookimpl
def verso_kernels() -> tuple[KernelFamily, ...]:
    """Every kernelspec that Jupyter finds here, as `jupyter:<kernelspec>`."""
    return (
        KernelFamily(
            prefix="jupyter:",
            title="Jupyter kernel",
            find="verso_jupyter.kernelspecs:find",
            names="verso_jupyter.kernelspecs:names",
        ),
    )


@hookimpl
def verso_connectors() -> tuple[Connector, ...]:
    """`#!connect jupyter`: a kernelspec under a name of its own, or a kernel that runs already."""
    return (
        Connector(
            name="jupyter",
            summary="Connects a Jupyter kernel: one that Verso starts from a kernelspec, or one that runs already.",
            connect="verso_jupyter.connector:connect",
            options=(
                MagicOption(name="--kernel-name", help="what cells call it: #!NAME", required=True),
                MagicOption(name="--kernel-spec", help="an installed kernelspec: ir, julia-1.11, python3 …"),
                MagicOption(
                    name="--connection-file",
                    help="connection file of a running kernel: a path, or its name in Jupyter's",
                ),
            ),
        ),
    )
