"""Whether HTTP cells could run here."""

from __future__ import annotations

import importlib.util

from verso.api.kernel import Availability, ProbeContext


def probe(context: ProbeContext) -> Availability:
    """Found when httpx2 is installed."""
    if importlib.util.find_spec("httpx2") is None:
        return Availability(
            found=False, detail="httpx2 is not installed", how_to_get='pip install "verso-notebook[http]"'
        )
    return Availability(found=True, detail="httpx2, in process")
