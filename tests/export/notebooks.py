"""A notebook with one of everything that a page has to show."""

from __future__ import annotations

import base64
import struct
import zlib

from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import DisplayData, Error, ExecuteResult, Stream
from verso.api.parameters import Parameter


def png(width: int = 2, height: int = 2) -> bytes:
    """A picture that browsers draw."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x22\x53\xc4" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


WIDE = 1200
WIDE_PNG = base64.b64encode(png(WIDE, 20)).decode()
PNG = base64.b64encode(png()).decode()
REACHES_OUT = (
    "<p id=said>waiting</p><script>"
    "let said = [];"
    "try { parent.document.title = 'taken'; said.push('title'); } catch (error) { said.push(error.name); }"
    "try { parent.document.body.textContent = 'gone'; } catch (error) { said.push(error.name); }"
    "try { top.location = 'https://taken.example/'; } catch (error) { said.push(error.name); }"
    "document.getElementById('said').textContent = said.join();"
    "</script>"
)


def everything() -> Notebook:
    ran = {"verso:execution": {"status": "ok", "elapsed": 0.0123}}
    return Notebook(
        title="Weather",
        default_kernel="python",
        modified="2026-01-02T03:04:05+00:00",
        parameters=(
            Parameter(name="city", default="Os<lo>", description="where | it rains"),
            Parameter(name="days", type="int", required=True),
        ),
        cells=(
            _cell(
                "intro",
                "markdown",
                "# Cities\n\n*Text* with $x^2$ and a note[^1].\n\n## Data\n\n![a](attachment:a.png) ![l](local.png) "
                "![far](https://far.example/p.png) ![out](../secret.png)\n\n[^1]: The note.",
                attachments={"a.png": {"image/png": PNG}},
            ),
            _cell(
                "table",
                source="# rows\nframe",
                execution_count=3,
                metadata=ran,
                outputs=(
                    Stream(text="\x1b[32mok\x1b[0m <b>\n"),
                    Stream(name="stderr", text="careful\n"),
                    ExecuteResult(data={"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "1"}),
                ),
            ),
            _cell("again", "markdown", "## Data\n\nAnother[^1].\n\n[^1]: Another note."),
            _cell(
                "picture",
                outputs=(DisplayData(data={"image/png": WIDE_PNG, "text/plain": "<Figure>"}),),
                source="plot()",
            ),
            _cell(
                "wrong",
                source="1 / 0",
                metadata={"verso:execution": {"status": "error", "elapsed": 61.5}},
                outputs=(Error(ename="ZeroDivisionError", evalue="division", traceback=("Traceback", "boom")),),
            ),
            _cell("long", source="loop()", outputs=(Stream(text="".join(f"line {n}\n" for n in range(100))),)),
            _cell("query", language="sql", source="select 1 -- one"),
            _cell("raw", "raw", "raw <text>"),
            _cell("hostile", source="html", outputs=(DisplayData(data={"text/html": REACHES_OUT, "text/plain": "x"}),)),
        ),
    )


def _cell(name: str, type_: str = "code", source: str = "", **fields: object) -> Cell:
    return Cell(id=CellId(name), type=type_, source=source, **fields)  # type: ignore[arg-type]
