"""The HTML page: what stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.export.notebooks import everything, png
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import DisplayData, Error
from verso.api.rendering import Asset, ExportOptions, View
from verso.engine.exporting import export_text
from verso.engine.plugins import Plugins
from verso.export.highlighting import highlighted
from verso.export.page import export


@pytest.fixture
def page(options: ExportOptions, tmp_path: Path) -> str:
    (tmp_path / "local.png").write_bytes(png())
    (tmp_path.parent / "secret.png").write_bytes(png())
    return export(everything(), options)


def _policy(page: str) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found
    return found[1].replace("&#39;", "'")


def test_it_refers_to_nothing_outside(page: str) -> None:
    assert not re.search(r'\b(?:src|srcset|poster|action)="(?!data:)', page)
    assert not re.search(r"<link\b|@import|url\((?!data:)", page)
    assert "default-src 'none'" in _policy(page)


def test_contents_list_headings_with_anchors_of_their_own(page: str) -> None:
    contents = re.findall(r'<li class="level-(\d)"><a href="#([^"]*)">([^<]*)</a>', page)
    assert contents == [("1", "cities", "Cities"), ("2", "data", "Data"), ("2", "data-2", "Data")]
    ids = re.findall(r'\sid="([^"]*)"', re.sub(r'srcdoc="[^"]*"', "", page))
    assert len(ids) == len(set(ids))
    assert {anchor for _, anchor, _ in contents} <= set(ids)
    footnotes = re.findall(r'href="#(fn[^"]*)"', page)
    assert {"fn1", "fn1-2"} <= set(footnotes) <= set(ids)


def test_code_is_highlighted_with_language_count_status_and_time(page: str) -> None:
    assert '<span class="language">Python</span><span class="count" title="execution count">3</span>' in page
    assert '<span class="status" title="">ok</span><span class="elapsed">12 ms</span>' in page
    assert '<span class="status" title="">failed</span><span class="elapsed">1 min 1 s</span>' in page
    assert '<span class="c1"># rows</span>' in page
    assert '<span class="k">select</span>' in page and '<span class="language">SQL</span>' in page
    assert "1 of 2 cells failed" in page


def test_outputs(page: str) -> None:
    assert '<span class="ansi-fg-2">ok</span> &lt;b&gt;' in page
    assert re.search(r'output-stderr">\s*<pre class="verso-text">careful', page)
    assert "<td>1</td>" in page
    assert "ZeroDivisionError: division" in page and "Traceback\nboom" in page
    assert "Show all 100 lines" in page
    assert "raw &lt;text&gt;" in page


def test_pictures_come_in_from_the_folder_and_attachments_only(page: str) -> None:
    assert page.count('src="data:image/png;base64,') == 3
    assert 'picture on the network: <a href="https://far.example/p.png"' in page
    assert "missing picture: out" in page


def test_parameters(page: str) -> None:
    assert "<code>Os&lt;lo&gt;</code>" in page and "where | it rains" in page
    assert page.count('class="parameters"') == 1
    assert page.index('<h1 id="cities">') < page.index('class="parameters"') < page.index(">frame<")


def test_the_policy_knows_its_scripts_by_hash_unless_there_are_frames(options: ExportOptions, page: str) -> None:
    quiet = export(everything().replace(cells=everything().cells[:-1]), options)
    assert "'unsafe-inline' 'unsafe-eval'" in _policy(page)
    script = next(part for part in _policy(quiet).split("; ") if part.startswith("script-src"))
    assert re.fullmatch(r"script-src 'sha256-[A-Za-z0-9+/]{43}='", script)


def test_a_title_where_no_heading_gives_one(options: ExportOptions) -> None:
    notebook = Notebook(title="A <title>", cells=(Cell(id=CellId("a"), source="1"),))
    page = export(notebook, options)
    assert "<title>A &lt;title&gt;</title>" in page and '<h1 class="title">A &lt;title&gt;</h1>' in page
    assert "<title>Given</title>" in export(notebook, options.replace(title="Given"))
    assert "<title>Notebook</title>" in export(Notebook(), options)


def test_without_code_only_outputs_and_prose_are_left(options: ExportOptions) -> None:
    page = export(everything(), options.replace(code=False))
    assert 'class="source"' not in page
    assert "Show all 100 lines" in page and "ZeroDivisionError" in page and "Cities" in page


def test_themes(options: ExportOptions) -> None:
    both = export(everything(), options)
    assert "screen and (prefers-color-scheme: dark)" in both and 'class="theme-toggle"' in both
    fixed = export(everything(), options.replace(theme="verso-highcontrast"))
    assert "screen and (prefers-color-scheme" not in fixed and 'class="theme-toggle"' not in fixed
    assert "--background: #000000" in fixed
    wished = export(everything().replace(preferred_theme="verso-highcontrast"), options)
    assert "--background: #000000" in wished and "screen and (prefers-color-scheme" not in wished
    assert "screen and (prefers-color-scheme" in export(everything().replace(preferred_theme="verso-dark"), options)


def test_a_dashboard_puts_cells_on_the_grid(options: ExportOptions) -> None:
    grid = {
        "dashboard": {"cells": {"table": {"row": 1, "col": 6, "width": 6, "height": 3}, "wrong": {"visible": False}}}
    }
    page = export(everything().replace(active_layout="dashboard", layouts=grid), options)
    assert '<body class="layout-dashboard">' in page
    assert 'style="grid-column: 7 / span 6; grid-row: 3 / span 3"' in page
    assert "ZeroDivisionError" not in page and 'class="source"' not in page


def test_slides(options: ExportOptions) -> None:
    page = export(everything(), options.replace(layout="presentation"))
    assert '<body class="layout-presentation">' in page and page.count('<section class="slide">') == 2


def test_an_unknown_layout_is_the_plain_flow(options: ExportOptions) -> None:
    assert '<body class="layout-notebook">' in export(everything().replace(active_layout="nobody:knows"), options)


def test_assets_come_once_a_page_and_are_allowed(options: ExportOptions) -> None:
    asset = Asset(key="draw", kind="script", content="window.drawn = '</script>';")
    style = Asset(key="look", kind="style", content=".drawn{}</style>")
    cells = tuple(
        Cell(id=CellId(str(n)), type="mermaid", source="graph TD", outputs=(DisplayData(data={"text/x": "y"}),))
        for n in range(2)
    )
    view = View(content='<div class="drawn">d</div>', assets=(asset, style))
    page = export(Notebook(cells=cells), options.replace(render=lambda bundle, metadata: view))
    assert page.count("window.drawn") == 1 and page.count(".drawn{}") == 1
    assert page.count("</script>") == 2 and page.count("</style>") == 1
    assert _policy(page).count("sha256-") == 2


def test_without_renderers_there_is_still_text() -> None:
    page = export(everything(), ExportOptions())
    assert "careful" in page and "raw &lt;text&gt;" in page


def test_hostile_names_stay_text(options: ExportOptions) -> None:
    bad = '"><script>alert(1)</script>'
    notebook = Notebook(
        title=bad,
        modified=bad,
        default_kernel=bad,
        active_layout=bad,
        preferred_theme=bad,
        cells=(
            Cell(id=CellId(bad), type=bad, language=bad, source=bad, metadata={"verso:execution": {"status": bad}}),
            Cell(id=CellId("r"), type="raw", source=bad, metadata={"raw_mimetype": bad}),
            Cell(id=CellId("m"), type="markdown", source=f"# {bad}\n## {bad}\n![x](attachment:{bad})"),
        ),
    )
    page = export(notebook, options)
    assert "<script>alert" not in page
    assert page.count("<script>") == 1


@pytest.mark.parametrize(
    ("error", "label", "below"),
    [
        (Error(ename="E", evalue="no", traceback=("Traceback", "E: no")), "E: no", "Traceback\nE: no"),
        (
            Error(ename="E", evalue="no\n  do this\n  or that", traceback=("E: no\n  do this\n  or that",)),
            "E: no",
            "do this\nor that",
        ),
        (Error(ename="E", evalue="no", traceback=("E: no", "line 1, column 2")), "E: no", "line 1, column 2"),
        (Error(ename="E", evalue="no", traceback=("no",)), "E: no", ""),
        (Error(ename="E", evalue="no"), "E: no", ""),
        (Error(ename="E"), "E", ""),
    ],
)
def test_an_error_is_said_once(options: ExportOptions, error: Error, label: str, below: str) -> None:
    page = export(Notebook(cells=(Cell(id=CellId("a"), source="x", outputs=(error,)),)), options)
    (shown,) = re.findall(r'output-error">\s*(.*?)\s*</div>', page, re.DOTALL)
    texts = re.findall(r">([^<]+)<", shown.replace("\n<", "<"))
    assert [text for text in texts if text.strip()] == [label, *([below] if below else [])]


def test_a_language_of_a_family_has_its_title_and_colours() -> None:
    notebook = Notebook(cells=(Cell(id=CellId("a"), language="jupyter:python3", source="import os"),))
    page, _ = export_text(notebook, "html", Plugins.load())
    assert '<span class="language">Python 3 (ipykernel)</span>' in page and '<span class="kn">import</span>' in page


def test_http_cells_are_coloured_as_cells_have_them() -> None:
    shown = highlighted('# @name a\nPOST {{h}}/x HTTP/1.1\nA: {{b}}\n\n{"k": "v {{c}}"}\n\n### next', "http")
    for token in (
        '<span class="k">@name</span>',
        '<span class="k">POST</span>',
        '<span class="nc">h</span>',
        '<span class="s">/x</span>',
        '<span class="na">A</span>',
        '<span class="na">"k"</span>',
        '<span class="nc">c</span>',
        '<span class="gh">### next</span>',
    ):
        assert token in shown, shown
