"""Takes the pictures of the documentation anew: `python docs/pictures/take.py` (needs Chromium and playwright)."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import async_playwright

import verso
from verso.engine.exporting import export_text

FOLDER = Path(__file__).parent
SAMPLE = FOLDER.parents[1] / "samples/micrograd/micrograd.verso"
CHROMIUM = os.environ.get("VERSO_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
CELL = "#cell-12"
"""The cell at the top of the picture: the graph after backpropagation."""


async def take() -> None:
    """Runs the sample, exports it as a page, and photographs the part with the first graph."""
    plugins = verso.Plugins.load()
    async with verso.open_session(SAMPLE, plugins=plugins) as session:
        if not (await session.run()).ok:
            sys.exit("a cell of the sample failed")
        page_text, _ = export_text(session.notebook, "html", plugins, title="Micrograd", directory=SAMPLE.parent)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(page_text, encoding="utf-8")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = await browser.new_context(
                viewport={"width": 1180, "height": 850}, device_scale_factor=1.5, color_scheme="light"
            )
            page = await context.new_page()
            await page.goto(file.as_uri())
            await page.evaluate(
                "cell => scrollBy(0, document.querySelector(cell).getBoundingClientRect().top - 16)", CELL
            )
            picture = await page.screenshot()
            await browser.close()
    image = Image.open(io.BytesIO(picture)).convert("P", palette=Image.Palette.ADAPTIVE, colors=128)
    image.save(FOLDER / "micrograd-page.png", optimize=True)


asyncio.run(take())
