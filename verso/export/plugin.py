"""What this plugin brings: the built-in exporters."""

from __future__ import annotations

from verso.api.marks import hookimpl
from verso.api.rendering import Exporter


@hookimpl
def verso_exporters() -> tuple[Exporter, ...]:
    return (
        Exporter(name="html", title="HTML page", suffix=".html", export="verso.export.page:export"),
        Exporter(name="markdown", title="Markdown", suffix=".md", export="verso.export.markdown:export"),
        Exporter(name="script", title="Script", suffix="", export="verso.export.script:export"),
    )
