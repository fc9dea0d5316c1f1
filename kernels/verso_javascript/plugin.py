"""What this plugin brings: the kernelspecs `javascript` and `typescript`, and the magic `#!npm`."""

from __future__ import annotations

from collections.abc import Sequence

from verso.api.kernel import Kernelspec
from verso.api.magics import Magic, MagicOption
from verso.api.marks import hookimpl


@hookimpl
def verso_kernels() -> Sequence[Kernelspec]:
    """One process and one global space for both languages."""
    return (
        Kernelspec(
            name="javascript",
            title="JavaScript",
            create="verso_javascript.kernel:create",
            probe="verso_javascript.availability:probe",
            aliases=("js", "node"),
            suffixes=(".js", ".mjs", ".cjs"),
            comment="//",
            identifier=r"(?:[^\W\d]|\$)[\w$]*",
            mentions=r"(?:[^\W\d]|\$)[\w$]*",
            settings_id="verso.javascript",
            highlight="javascript",
        ),
        Kernelspec(
            name="typescript",
            title="TypeScript",
            probe="verso_javascript.availability:probe",
            aliases=("ts",),
            suffixes=(".ts", ".mts", ".cts"),
            comment="//",
            runs_in="javascript",
            identifier=r"(?:[^\W\d]|\$)[\w$]*",
            mentions=r"(?:[^\W\d]|\$)[\w$]*",
            settings_id="verso.javascript",
            highlight="typescript",
        ),
    )


@hookimpl
def verso_magics() -> Sequence[Magic]:
    """`#!npm install …`: packages for this notebook's cells."""
    return (
        Magic(
            name="npm",
            summary="Install npm packages for this notebook's JavaScript and TypeScript cells.",
            run="verso_javascript.npm:run",
            options=(
                MagicOption(name="command", help="install (or i, add)", required=True),
                MagicOption(name="packages", help="names, with @version where wanted", rest=True),
            ),
            examples=("#!npm install lodash", "#!npm install d3@7 typescript@5"),
        ),
    )
