"""Plugins: one at a time, blamed by name, blocked by name, and never two of one name."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from verso.api import API_VERSION
from verso.api.errors import PluginError, UnknownNameError
from verso.api.kernel import KernelFamily, Kernelspec
from verso.api.marks import hookimpl
from verso.engine.plugins import BLOCK_VARIABLE, Plugins, describe_problem
from verso.engine.references import resolve


def brings(*specs: Kernelspec | KernelFamily) -> object:
    class Plugin:
        @hookimpl
        def verso_kernels(self):  # type: ignore[no-untyped-def]
            return specs

    return Plugin()


def spec(name: str, *aliases: str) -> Kernelspec:
    return Kernelspec(name=name, title=name.title(), aliases=aliases)


def test_names_and_aliases_lead_to_the_spec():
    plugins = Plugins()
    plugins.add("p", brings(spec("one", "uno")))
    assert plugins.kernelspec("uno").name == "one"
    assert plugins.languages() == {"one": "one", "uno": "one"}
    assert plugins.kernels.owner("uno") == "p"
    with pytest.raises(UnknownNameError, match="known: one, uno"):
        plugins.kernelspec("two")


def test_two_plugins_that_claim_a_name_are_an_error_that_names_both():
    plugins = Plugins()
    plugins.add("first", brings(spec("one", "shared")))
    with pytest.raises(PluginError, match=r"'first' and 'second'.*'shared'"):
        plugins.add("second", brings(spec("two", "shared")))


def test_a_hook_that_raises_is_a_problem_and_the_others_work():
    class Broken:
        @hookimpl
        def verso_kernels(self):  # type: ignore[no-untyped-def]
            raise RuntimeError("out of order")

        @hookimpl
        def verso_magics(self):  # type: ignore[no-untyped-def]
            return ["no magic"]

    plugins = Plugins()
    plugins.add("broken", Broken())
    plugins.add("good", brings(spec("one")))
    assert "one" in plugins.kernels
    told = "\n".join(map(describe_problem, plugins.problems))
    assert "'broken'" in told
    assert "out of order" in told
    assert "verso_magics returned a str" in told


def test_a_misspelt_hook_is_a_problem_of_its_plugin():
    class Misspelt:
        @hookimpl
        def verso_kernel(self):  # type: ignore[no-untyped-def]
            return ()

    plugins = Plugins()
    plugins.add("misspelt", Misspelt())
    plugins.add("good", brings(spec("one")))
    assert [problem.plugin for problem in plugins.problems] == ["misspelt"]
    assert "verso_kernel" in plugins.problems[0].message
    assert "one" in plugins.kernels


def test_another_version_of_the_api_is_refused():
    module = ModuleType("old_plugin")
    module.VERSO_API = API_VERSION + 1  # type: ignore[attr-defined]
    plugins = Plugins()
    plugins.add("old", module)
    assert f"version {API_VERSION + 1}" in plugins.problems[0].message


def install(folder: Path, name: str, code: str) -> None:
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    metadata = folder / f"{name}-3.2.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.2\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(f"[verso]\n{name} = {name}\n", encoding="utf-8")


GOOD = """
from verso.api.kernel import Kernelspec
from verso.api.marks import hookimpl

@hookimpl
def verso_kernels():
    return [Kernelspec(name="installed", title="Installed")]
"""


def test_installed_plugins_are_found_with_their_packages(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, "good_plugin", GOOD)
    install(tmp_path, "bad_plugin", "raise ImportError('needs libfoo')")
    install(tmp_path, "ending_plugin", "raise SystemExit(3)")
    plugins = Plugins.load()
    assert any(p.plugin == "ending_plugin" and "SystemExit" in p.message for p in plugins.problems)
    assert plugins.kernels.owner("installed") == "good_plugin"
    origins = {origin.name: origin for origin in plugins.origins()}
    assert (origins["good_plugin"].package, origins["good_plugin"].version) == ("good_plugin", "3.2")
    assert any(p.plugin == "bad_plugin" and "needs libfoo" in p.message for p in plugins.problems)


def test_plugins_are_blocked_by_name(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, "good_plugin", GOOD)
    assert "installed" not in Plugins.load(blocked=["good_plugin"]).kernels
    monkeypatch.setenv(BLOCK_VARIABLE, "other, good_plugin ")
    blocked = Plugins.load()
    assert "installed" not in blocked.kernels
    assert [origin.name for origin in blocked.origins() if origin.blocked] == ["good_plugin"]


def test_families_find_kernels_when_asked():
    asked = []

    def find(rest: str) -> Kernelspec | None:
        asked.append(rest)
        return spec(f"far:{rest}") if rest == "known" else None

    plugins = Plugins()
    plugins.add("p", brings(KernelFamily(prefix="far:", title="Far", find=find, names=lambda: ("far:known",))))
    assert plugins.find_kernelspec("far:known") is plugins.find_kernelspec("far:known")
    assert plugins.find_kernelspec("far:unknown") is None
    assert asked == ["known", "unknown"]


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("nowhere", "not of the form"),
        ("nowhere_at_all:x", "can't be imported"),
        ("verso.api.mime:NOPE", "has no 'NOPE'"),
    ],
)
def test_references_that_lead_nowhere_say_why(reference, words):
    with pytest.raises(PluginError, match=words):
        resolve(reference, what="kernel 'x'")
