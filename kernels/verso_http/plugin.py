"""What this plugin brings: the HTTP kernel, its cell type and the magics that set what its requests share."""

from __future__ import annotations

from verso.api.celltypes import CellType
from verso.api.kernel import Kernelspec
from verso.api.magics import Magic, MagicOption
from verso.api.marks import hookimpl


@hookimpl
def verso_kernels() -> tuple[Kernelspec, ...]:
    return (
        Kernelspec(
            name="http",
            title="HTTP",
            create="verso_http.kernel:create",
            suffixes=(".http", ".rest"),
            probe="verso_http.probe:probe",
            settings_id="verso.http",
            highlight="http",
        ),
    )


@hookimpl
def verso_cell_types() -> tuple[CellType, ...]:
    return (CellType(name="http", title="HTTP", kernel="http", shows_source=True),)


@hookimpl
def verso_magics() -> tuple[Magic, ...]:
    return (
        Magic(
            name="http-set-base",
            summary="Sets the URL that relative requests are sent to.",
            run="verso_http.magics:set_base",
            options=(MagicOption(name="url", help="for example https://api.example.com/v1", required=True),),
            examples=("#!http-set-base https://api.example.com/v1",),
        ),
        Magic(
            name="http-set-header",
            summary="Sets a header of every request; without a value, removes it.",
            run="verso_http.magics:set_header",
            options=(
                MagicOption(name="name", help="the header's name", required=True),
                MagicOption(name="value", help="its value; {{name}} is filled in", rest=True),
            ),
            examples=("#!http-set-header Authorization Bearer {{token}}", "#!http-set-header X-Trace"),
        ),
        Magic(
            name="http-set-timeout",
            summary="Sets how many seconds a request may take.",
            run="verso_http.magics:set_timeout",
            options=(MagicOption(name="seconds", help="a number of seconds, 0 for no limit", required=True),),
            examples=("#!http-set-timeout 5",),
        ),
    )
