"""The page in a real browser: it loads nothing, complains of nothing, and a stranger's script reaches nothing."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.export.notebooks import WIDE, everything, png
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import DisplayData
from verso.api.rendering import ExportOptions
from verso.export.page import export

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("VERSO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH (VERSO_CHROMIUM names one)"),
]


class Visit:
    """A page in the browser, with what it asked for and what it complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, options: ExportOptions, tmp_path: Path) -> Any:
    (tmp_path / "local.png").write_bytes(png())

    def open_page(*, layout: str = "", hostile: bool = False, **context: Any) -> Visit:
        notebook = everything()
        if not hostile:
            notebook = notebook.replace(cells=notebook.cells[:-1])
        file = tmp_path / "page.html"
        file.write_text(export(notebook, options.replace(layout=layout)), encoding="utf-8")
        visit = Visit(browser.new_context(**context).new_page())
        visit.page.goto(file.as_uri(), wait_until="load")
        return visit

    return open_page


@pytest.mark.parametrize("layout", ["notebook", "dashboard", "presentation"])
def test_it_loads_nothing_and_complains_of_nothing(visit: Any, layout: str) -> None:
    seen = visit(layout=layout)
    assert [url for url in seen.requests if not url.startswith("data:")] == [seen.page.url]
    assert seen.complaints == []
    assert seen.page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")


def test_a_strangers_script_runs_apart_and_reaches_nothing(visit: Any) -> None:
    seen = visit(hostile=True)
    [frame] = [frame for frame in seen.page.frames if frame.parent_frame]
    frame.wait_for_function("document.getElementById('said').textContent !== 'waiting'")
    said = frame.evaluate("document.getElementById('said').textContent").split(",")
    assert said[:2] == ["SecurityError", "SecurityError"] and "title" not in said
    assert frame.evaluate("origin") == "null"
    assert seen.page.title() == "Weather"
    assert seen.page.url.startswith("file:") and "Cities" in seen.page.inner_text("body")
    assert [url for url in seen.requests if not url.startswith(("data:", "file:", "about:"))] == []


WAYS_OUT = (
    "<script>location = 'URL'</script>",
    "<meta http-equiv=refresh content='0;url=URL'>",
    "<script>fetch('URL')</script>",
    "<script>new Image().src = 'URL'</script>",
    "<script>open('URL')</script>",
    "<form action='URL' id=f></form><script>f.submit()</script>",
    "<a id=a href='URL' target=_top>x</a><script>a.click()</script>",
    "<iframe src='URL'></iframe>",
    "<script>navigator.sendBeacon('URL')</script>",
    "<style>@import 'URL'; b { background: url(URL) }</style><b>x</b>",
    "<link id=l rel=prefetch><script>l.href = 'URL'; document.head.append(l)</script>",
    "<script>import('URL')</script>",
)


def test_nothing_of_an_output_gets_out(browser: Any, options: ExportOptions, tmp_path: Path) -> None:
    asked: list[str] = []

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        outputs = tuple(
            DisplayData(data={"text/html": f"<i onclick=1></i>{way.replace('URL', f'{url}/{number}')}"})
            for number, way in enumerate(WAYS_OUT)
        )
        file = tmp_path / "page.html"
        notebook = Notebook(title="Mine", cells=(Cell(id=CellId("a"), source="x", outputs=outputs),))
        file.write_text(export(notebook, options), encoding="utf-8")
        page = browser.new_context().new_page()
        page.goto(file.as_uri(), wait_until="load")
        page.wait_for_timeout(500)
        assert len(page.frames) > len(WAYS_OUT) - 1
        assert asked == []
        assert (page.title(), page.url) == ("Mine", file.as_uri())
        # Without the page around it, the same content does get out.
        free = tmp_path / "free.html"
        free.write_text(WAYS_OUT[3].replace("URL", f"{url}/free"), encoding="utf-8")
        with page.expect_response(f"{url}/free"):
            page.goto(free.as_uri())
        server.shutdown()
    assert asked == ["/free"]


def test_a_frame_is_as_high_as_its_content(visit: Any) -> None:
    seen = visit(hostile=True)
    seen.page.wait_for_function("document.querySelector('.verso-frame').style.height !== ''")
    assert 24 <= seen.page.evaluate("parseFloat(document.querySelector('.verso-frame').style.height)") <= 120


def test_light_and_dark_follow_the_reader_and_the_button(visit: Any) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(255, 255, 255)", "rgb(19, 22, 28)"
    assert visit(color_scheme="light").page.evaluate(ground) == light
    seen = visit(color_scheme="dark")
    assert seen.page.evaluate(ground) == dark
    seen.page.click(".theme-toggle")
    assert seen.page.evaluate(ground) == light
    seen.page.click(".theme-toggle")
    assert seen.page.evaluate(ground) == dark


@pytest.mark.parametrize("width", [360, 800, 1400])
@pytest.mark.parametrize("layout", ["notebook", "dashboard", "presentation"])
def test_nothing_sticks_out_of_the_page(visit: Any, width: int, layout: str) -> None:
    seen = visit(layout=layout, viewport={"width": width, "height": 700})
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_long_output_unfolds_and_is_whole_on_paper(visit: Any) -> None:
    seen = visit()
    height = "document.querySelector('.long').getBoundingClientRect().height"
    folded = seen.page.evaluate(height)
    seen.page.click("text=Show all 100 lines")
    whole = seen.page.evaluate(height)
    assert whole > 3 * folded
    seen.page.click("text=Show less")
    seen.page.emulate_media(media="print")
    assert seen.page.evaluate(height) == pytest.approx(whole, rel=0.2)
    assert not seen.page.is_visible(".theme-toggle")


def test_a_reduced_picture_shows_at_its_actual_size_on_a_click(visit: Any) -> None:
    seen = visit(viewport={"width": 360, "height": 700})
    width = "document.querySelector('.output > img').getBoundingClientRect().width"
    fitted = seen.page.evaluate(width)
    assert fitted < 360
    seen.page.click(".output > img")
    assert seen.page.evaluate(width) == WIDE
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    seen.page.click(".output > img")
    assert seen.page.evaluate(width) == fitted


def test_it_works_without_scripts(visit: Any) -> None:
    seen = visit(java_script_enabled=False)
    assert not seen.page.is_visible(".theme-toggle")
    seen.page.click("text=Show all 100 lines")
    assert seen.page.is_visible("text=Show less")
