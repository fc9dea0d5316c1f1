"""Documentation that can't drift: what the pages say is compared with the program, and their examples are run."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

import verso
from tests.docs import reference
from tests.docs.examples import RUN, Workplace
from tests.docs.pages import DOCS, PAGES, README, ROOT, anchors, blocks, links, section, tables
from verso.api import errors, values
from verso.api.events import Event
from verso.cli.exit_codes import ExitCode
from verso.cli.kernels import availability
from verso.engine.plugins import Plugins

GUIDES = tuple(page for page in (README, *sorted(DOCS.glob("*.md"))) if any(b.language in RUN for b in blocks(page)))


@pytest.fixture(scope="session")
def available() -> frozenset[str]:
    """Names of the kernels that can start here."""
    plugins = Plugins.load()
    return frozenset(spec.name for spec in plugins.kernels if availability(spec, plugins).found)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_do_what_the_page_says(page: Path, available: frozenset[str], tmp_path: Path) -> None:
    left_out = Workplace(tmp_path, page).run(available)
    if left_out:
        pytest.skip("; ".join([*left_out, "all other examples ran"]))


# --- what the pages list is what there is ------------------------------------------------------------------


def test_every_hook_is_described_with_its_signature_and_an_example() -> None:
    page = DOCS / "plugins.md"
    examples = "".join(block.text for block in blocks(page) if block.language == "python")
    for name, signature in reference.hooks().items():
        assert f"`{signature}`" in section(page, name), f"docs/plugins.md does not show {signature}"
        assert re.search(rf"@hookimpl\ndef {name}\(", examples), f"docs/plugins.md has no example of {name}"
    described = set(re.findall(r"^## (verso_\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert described == set(reference.hooks())


COMMANDS = reference.commands()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_described(command: str) -> None:
    part = section(DOCS / "cli.md", f"verso {command}")
    subcommands = getattr(COMMANDS[command], "commands", {command: COMMANDS[command]})
    expected = {option for each in subcommands.values() for option in reference.options(each)}
    (table,) = (rows for rows in tables(part) if rows[0][0] == "Option")
    assert {row[0].strip("`") for row in table[1:]} == expected


def test_the_list_of_commands_is_complete() -> None:
    listed = next(tables((DOCS / "cli.md").read_text(encoding="utf-8")))
    assert [row[0] for row in listed[1:]] == [f"[`{name}`](#verso-{name})" for name in COMMANDS]


def test_exit_codes_are_those_of_the_program() -> None:
    expected = {code.value: code.name for code in ExitCode}
    (described,) = tables(section(DOCS / "cli.md", "Exit codes"))
    assert {int(code): name.strip("`") for code, name, _ in described[1:]} == expected
    (short,) = tables(section(README, "Exit codes"))
    assert [int(code) for code, _ in short[1:]] == list(expected)
    assert set(map(int, re.findall(r"\b(\d+) ", COMMANDS["run"].help or ""))) == set(expected)


def test_every_magic_is_described_with_its_options() -> None:
    page = DOCS / "magics.md"
    for name, said in reference.magics(Plugins.load()).items():
        part = section(page, f"#!{name}")
        for option in said["options"]:
            assert f"`{option}" in part, f"docs/magics.md does not describe {option} of #!{name}"
    described = set(re.findall(r"^#+ #!([\w-]+)$", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert described == set(reference.magics(Plugins.load()))


def test_every_connector_theme_layout_exporter_and_format_is_named() -> None:
    plugins = Plugins.load()
    connect, export = section(DOCS / "magics.md", "#!connect"), section(DOCS / "cli.md", "verso export")
    formats = section(DOCS / "cli.md", "verso run") + (DOCS / "formats.md").read_text(encoding="utf-8")
    exported = (*plugins.themes, *plugins.layouts, *plugins.exporters)
    named = [(export, each.name) for each in exported]
    named += [(connect, each.name) for each in plugins.connectors] + [(formats, each.name) for each in plugins.formats]
    missing = [name for text, name in named if f"`{name}`" not in text]
    assert missing == []


def test_every_kernel_is_in_the_guide() -> None:
    (table,) = tables(section(DOCS / "guide.md", "Cells and languages"))
    named = set(re.findall(r"`([^`]+)`", " ".join(row[1] for row in table[1:])))
    plugins = Plugins.load()
    expected = {name for spec in plugins.kernels for name in (spec.name, *spec.aliases)}
    assert named == expected | {f"{family.prefix}NAME" for family in plugins.families}


def test_every_event_is_described() -> None:
    page = (DOCS / "embedding.md").read_text(encoding="utf-8")
    assert [kind.__name__ for kind in get_args(Event) if f"`{kind.__name__}`" not in page] == []


def test_every_part_of_a_session_is_described() -> None:
    described = set()
    for rows in tables(section(DOCS / "embedding.md", "In an async program")):
        described |= {name for row in rows for name in re.findall(r"`(?:await )?(\w+)[^`]*`", row[0])}
    expected = {name for name in vars(verso.Session) if not name.startswith("_")}
    expected |= {name for name in inspect.signature(verso.open_session).parameters if name != "source"}
    assert expected - described == set()


def test_every_error_is_described() -> None:
    (table,) = tables((DOCS / "errors.md").read_text(encoding="utf-8"))
    kinds = {name for name, value in vars(errors).items() if inspect.isclass(value)}
    assert {row[0].strip("`") for row in table[1:]} == {kind for kind in kinds if kind.endswith("Error")}


def test_every_type_of_value_is_described() -> None:
    (table,) = tables(section(DOCS / "variables.md", "Types"))
    listed = re.findall(r"^\| ([a-z0-9, ]+?) \|", values.__doc__ or "", re.MULTILINE)
    expected = {name for cell in listed for name in cell.split(", ")} - {"t"}
    assert {name for row in table[1:] for name in row[0].split(", ")} == expected


# --- links and words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            assert not link.startswith("http://"), f"{page}: {link} is not https"
            continue
        target, _, fragment = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{page.relative_to(ROOT)} links to {link}, which is not there"
        if fragment:
            assert fragment in anchors(file), f"{page.relative_to(ROOT)} links to {link}: there is no such heading"


def test_every_page_is_in_the_index() -> None:
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    assert [
        str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md") if page not in linked | {DOCS / "README.md"}
    ] == []


def test_every_sample_is_in_the_index() -> None:
    samples = ROOT / "samples"
    linked = {(samples / link).resolve() for link in links(samples / "README.md")}
    notebooks = set((samples / "languages").glob("*.verso"))
    assert notebooks - linked == set()


def test_every_public_name_of_the_api_is_documented() -> None:
    assert [name for module in reference.api_modules() for name in reference.undocumented(module)] == []


def test_pictures_are_small() -> None:
    assert [path.name for path in DOCS.rglob("*.png") if path.stat().st_size > 300_000] == []


def test_extras_that_are_named_exist() -> None:
    extras = set(
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    )
    sources = [path for folder in ("verso", "kernels", "extensions") for path in (ROOT / folder).rglob("*.*")]
    for path in (*PAGES, *(path for path in sources if path.suffix in (".py", ".mjs", ".ps1"))):
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"(?:verso-notebook|install ['\"]?\.)\[([a-z,]+)\]", text)
        named += re.findall(r"extras? `(\w+)`", text) if path in PAGES else []
        unknown = {extra for group in named for extra in group.split(",")} - extras
        assert not unknown, f"{path.relative_to(ROOT)} names the extra {unknown}, which is not in pyproject.toml"


def test_every_public_name_of_the_package_is_documented() -> None:
    assert [name for name in verso.__all__ if name != "__version__" and not getattr(verso, name).__doc__] == []
