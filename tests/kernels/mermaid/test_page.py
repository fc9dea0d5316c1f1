"""Diagrams that the page draws itself."""

from __future__ import annotations

import os
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from verso_mermaid.page import SCRIPT, render

from verso.api.rendering import RenderContext
from verso.export.frames import frame


@pytest.fixture
def script() -> str:
    """The text of mermaid.js, which the build puts into the package."""
    file = files("verso_mermaid").joinpath("assets", SCRIPT)
    if not file.is_file():
        pytest.skip("this checkout was not built, so mermaid.js is not in it: pip install -e .")
    return file.read_text(encoding="utf-8")


def test_the_view_carries_its_script_and_loads_nothing(script: str) -> None:
    view = render("flowchart LR\n  A --> B", {}, RenderContext())
    assert view is not None and view.sandboxed
    assert [asset.key for asset in view.assets] == ["mermaid", "mermaid-draw"]
    assert view.assets[0].content == script and len(script) > 1_000_000
    assert not re.search(r"(src|href)=", view.content)


def test_a_script_can_stand_in_a_script_element(script: str) -> None:
    assert "</script" not in script.lower()


def test_the_text_is_escaped(script: str) -> None:
    view = render("flowchart LR\n  A[<script>alert(1)</script>] --> B", {}, RenderContext())
    assert view is not None and "<script" not in view.content and "&lt;script&gt;" in view.content


def test_what_is_no_text_is_for_another_view(script: str) -> None:
    assert render({"no": "text"}, {}, RenderContext()) is None


@pytest.mark.browser
def test_a_browser_draws_it_without_a_network(script: str, tmp_path: Path) -> None:
    chromium = os.environ.get("VERSO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("there is no Chromium here: apt install chromium")
    view = render("flowchart LR\n  Start --> Stop", {}, RenderContext())
    assert view is not None
    page_file = tmp_path / "page.html"
    page_file.write_text(f"<!doctype html><meta charset=utf-8>{frame(view, title='diagram')}", encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(offline=True)
        page.goto(page_file.as_uri())
        drawn = page.frame_locator("iframe").locator(".mermaid-drawn svg")
        drawn.wait_for(timeout=60_000)
        text = drawn.text_content() or ""
        assert "Start" in text and "Stop" in text
        browser.close()
