"""Makes documents of notebooks, with the installed exporters and formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from verso.api.errors import UnknownNameError
from verso.api.notebook import Notebook
from verso.api.rendering import ExportOptions, RenderContext
from verso.engine.documents import write_options
from verso.engine.plugins import Plugins


def exporter_names(plugins: Plugins) -> tuple[str, ...]:
    """All that a notebook can be exported to: exporters, and formats as documents."""
    return tuple(sorted({*plugins.exporters.names(), *plugins.formats.names()}))


def export_text(
    notebook: Notebook,
    name: str,
    plugins: Plugins,
    *,
    title: str = "",
    directory: Path | None = None,
    theme: str = "",
    layout: str = "",
    code: bool = True,
    trusted: bool = False,
    suffix: str = "",
) -> tuple[str, str]:
    """The document's text and the file ending it goes with. Blocking.

    `trusted`: outputs may bring active content. `UnknownNameError` for an exporter, theme or layout that is not
    there, `RenderError` for what can't be shown.
    """
    if theme:
        plugins.themes[theme]
    if layout:
        plugins.layouts[layout]
    exporter = plugins.exporters.get(name)
    if exporter is None:
        form = plugins.formats.get(name)
        if form is None:
            raise UnknownNameError.among("exporter", name, exporter_names(plugins))
        options = write_options(plugins)
        text: str = plugins.resolve(form.write)(notebook, options.replace(suffix=suffix or form.suffixes[0]))
        return text, form.suffixes[0]
    view = plugins.resolve("verso.rendering.views:Views")
    context = RenderContext(
        surface="html", trusted=trusted, sanitize=plugins.resolve("verso.rendering.sanitize:sanitize")
    )
    export = plugins.resolve(exporter.export, what=f"exporter {name!r}")
    options_ = _options(notebook, plugins).replace(
        title=title,
        directory=directory,
        theme=theme,
        layout=layout,
        code=code,
        suffix=suffix or exporter.suffix,
        render=view(plugins.renderers, context, resolve=plugins.resolve).view,
    )
    return export(notebook, options_), exporter.suffix or _script_suffix(notebook, plugins)


def _options(notebook: Notebook, plugins: Plugins) -> ExportOptions:
    specs: dict[str, Any] = {spec.name: spec for spec in plugins.kernels}
    for name in {cell.language for cell in notebook.cells if cell.language} - plugins.languages().keys():
        found = plugins.find_kernelspec(name)  # one of a family: `jupyter:ir`
        if found is not None:
            specs[name] = found
    return ExportOptions(
        themes=tuple(plugins.themes),
        layouts={
            layout.name: plugins.resolve(layout.place, what=f"layout {layout.name!r}") for layout in plugins.layouts
        },
        languages=plugins.languages(),
        comments={name: spec.comment for name, spec in specs.items()},
        highlights={name: spec.highlight or name for name, spec in specs.items()},
        titles={name: spec.title for name, spec in specs.items()},
        suffixes={name: spec.suffixes[0] for name, spec in specs.items() if spec.suffixes},
        prose=tuple(kind.name for kind in plugins.cell_types if kind.executes and not kind.shows_source),
    )


def _script_suffix(notebook: Notebook, plugins: Plugins) -> str:
    spec = plugins.find_kernelspec(notebook.default_kernel or "python")
    return spec.suffixes[0] if spec is not None and spec.suffixes else ".txt"
