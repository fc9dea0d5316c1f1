"""Whether the kernel could start here. Needs neither the parsers nor a runtime to be installed."""

from __future__ import annotations

from verso.api.errors import KernelStartError
from verso.api.kernel import Availability, ProbeContext
from verso_javascript.runtime import find_runtime, has_parser


def probe(context: ProbeContext) -> Availability:
    """A runtime and the parsers have to be installed."""
    if not has_parser():
        return Availability(
            found=False,
            detail="the parsers of JavaScript are not installed",
            how_to_get='pip install "verso-notebook[javascript]"',
        )
    try:
        runtime = find_runtime(context.options, context.settings)
    except KernelStartError as error:
        return Availability(found=False, detail=error.what, how_to_get=error.next_step)
    return Availability(found=True, detail=runtime.program)
