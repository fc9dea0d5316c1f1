"""`#!http-set-base`, `#!http-set-header` and `#!http-set-timeout`."""

from __future__ import annotations

import math

from verso.api.errors import MagicError
from verso.api.magics import MagicCall, MagicContext
from verso_http.kernel import HttpKernel


async def set_base(call: MagicCall, context: MagicContext) -> None:
    """Sets the URL that relative requests are sent to. `MagicError` when it is none."""
    url = call.arguments["url"]
    if "://" not in url and not url.startswith("{{"):
        raise MagicError(f"{url!r} is no URL", line=call.line, column=1, next_step="begin with https:// or http://")
    (await _kernel(context)).base = url


async def set_header(call: MagicCall, context: MagicContext) -> None:
    """Sets a header of every request, or removes it when no value is given."""
    kernel = await _kernel(context)
    name, value = call.arguments["name"].removesuffix(":"), call.arguments.get("value", "")
    for known in [key for key in kernel.headers if key.lower() == name.lower()]:
        del kernel.headers[known]
    if value:
        kernel.headers[name] = value


async def set_timeout(call: MagicCall, context: MagicContext) -> None:
    """Sets how many seconds a request may take; 0 for no limit. `MagicError`."""
    try:
        seconds = float(call.arguments["seconds"])
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise MagicError(f"{call.arguments['seconds']!r} is no number of seconds", line=call.line, column=1)
    (await _kernel(context)).timeout = seconds


async def _kernel(context: MagicContext) -> HttpKernel:
    kernel = await context.kernel("http")
    if not isinstance(kernel, HttpKernel):
        raise MagicError("the kernel named http is not Verso's HTTP kernel")
    return kernel
