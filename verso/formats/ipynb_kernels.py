"""Which kernel a Jupyter notebook or cell means, and how that is written into its metadata.

Jupyter names one kernel a notebook (`kernelspec`, `language_info`). Polyglot Notebooks add a language a cell
(`polyglot_notebook.kernelName`, before that `dotnet_interactive.language`), VS Code its own (`vscode.languageId`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

VERSO_KERNELSPEC: Final = "verso"
_CARRIERS: Final = (("polyglot_notebook", "kernelName"), ("dotnet_interactive", "language"), ("vscode", "languageId"))
_VSCODE: Final = {"shellscript": "bash", "dotnet-interactive.csharp": "csharp", "dotnet-interactive.pwsh": "pwsh"}
_NOT_RUN: Final = frozenset({"plaintext", "restructuredtext", "latex", "markdown"})
_PYTHON: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}


def default_kernel(metadata: Mapping[str, Any], languages: Mapping[str, str]) -> str | None:
    """The kernel that a notebook's metadata names: as in `languages` where it is there, `jupyter:<kernelspec>` for
    another Jupyter kernel, None when nothing is named. Without known `languages`, the language's own name."""
    for info_of in ("polyglot_notebook", "dotnet_interactive"):
        named = _text(metadata, info_of, "kernelInfo", "defaultKernelName") or _text(
            metadata, info_of, "defaultKernelName"
        )
        if named:
            return named
    spec, language = _text(metadata, "kernelspec", "name"), _text(metadata, "kernelspec", "language")
    language = language or _text(metadata, "language_info", "name")
    if spec and spec.startswith(".net-"):
        return {"csharp": "csharp", "fsharp": "fsharp", "powershell": "pwsh"}.get(spec.removeprefix(".net-"))
    for name in (language, language and language.lower(), spec):
        if name and name in languages:
            return languages[name]
    if languages and spec and spec != VERSO_KERNELSPEC:
        return f"jupyter:{spec}"
    return language.lower() if language else None


def with_default_kernel(metadata: dict[str, Any], kernel: str, languages: Mapping[str, str]) -> dict[str, Any]:
    """The metadata with a kernelspec for `kernel`, unless it names that kernel already."""
    if default_kernel(metadata, languages) == kernel:
        return metadata
    rest = {key: value for key, value in metadata.items() if key not in ("kernelspec", "language_info")}
    if kernel == "python":
        return {**rest, "kernelspec": dict(_PYTHON), "language_info": {"name": "python"}}
    if kernel.startswith("jupyter:"):
        name = kernel.removeprefix("jupyter:")
        return {**rest, "kernelspec": {"display_name": name, "name": name}}
    return {
        **rest,
        "kernelspec": {"display_name": "Verso", "language": kernel, "name": VERSO_KERNELSPEC},
        "language_info": {"name": kernel},
    }


def without_default_kernel(metadata: dict[str, Any], languages: Mapping[str, str]) -> dict[str, Any]:
    """The metadata without the kernelspec where `with_default_kernel` would put the same back."""
    kernel = default_kernel(metadata, languages)
    rest = {key: value for key, value in metadata.items() if key not in ("kernelspec", "language_info")}
    if kernel is not None and len(rest) < len(metadata) and with_default_kernel(rest, kernel, languages) == metadata:
        return rest
    return metadata


def cell_language(metadata: Mapping[str, Any]) -> str | None:
    """The language that a code cell's metadata names, or None."""
    for carrier, key in _CARRIERS:
        language = _text(metadata, carrier, key)
        if language and not (carrier == "vscode" and language in _NOT_RUN):
            return _VSCODE.get(language, language) if carrier == "vscode" else language
    return None


def without_cell_language(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata without the language where `with_cell_language` would put the same back."""
    language = _text(metadata, *_CARRIERS[0])
    if language and metadata["polyglot_notebook"] == {"kernelName": language}:
        rest = {key: value for key, value in metadata.items() if key != "polyglot_notebook"}
        if cell_language(rest) is None:
            return rest
    return metadata


def with_cell_language(metadata: dict[str, Any], language: str | None) -> dict[str, Any]:
    """The metadata of a code cell in `language`; unchanged where it names that already."""
    if cell_language(metadata) == language:
        return metadata
    if language is None:
        return {key: value for key, value in metadata.items() if key not in {carrier for carrier, _ in _CARRIERS}}
    carrier, key = _CARRIERS[0]
    there = metadata.get(carrier)
    return {**metadata, carrier: {**(there if isinstance(there, dict) else {}), key: language}}


def _text(value: object, *keys: str) -> str | None:
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value if isinstance(value, str) and value else None
