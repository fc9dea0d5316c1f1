"""Views for a terminal."""

from __future__ import annotations

import base64
import struct
import subprocess
import sys

import pytest

from verso.rendering.terminal import byte_size, placeholder
from verso.rendering.views import Views

TABLE = {
    "schema": {"fields": [{"name": "city"}, {"name": "n", "type": "integer"}]},
    "data": [{"city": "[red]Oslo", "n": None}],
}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("mime", "content", "shown"),
    [
        (
            "image/png",
            _base64(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480)),
            "[image/png 640×480, 24 B]",
        ),
        ("image/gif", _base64(b"GIF89a" + struct.pack("<HH", 3, 4)), "[image/gif 3×4, 10 B]"),
        (
            "image/jpeg",
            _base64(b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08" + struct.pack(">HH", 20, 30) + b"\0" * 10),
            "[image/jpeg 30×20, 27 B]",
        ),
        ("image/png", "not base64", "[image/png, 7 B]"),
        ("image/svg+xml", '<?xml version="1.0"?><svg width="62pt" height="116.00pt"/>', "[image/svg+xml 62×116, 58 B]"),
        ("image/svg+xml", '<svg width="100%" height="50%"/>', "[image/svg+xml, 32 B]"),
        ("application/vnd.x", {"a": 1}, "[application/vnd.x, 6 B]"),
    ],
)
def test_placeholders(mime: str, content: object, shown: str) -> None:
    assert placeholder(mime, content) == shown


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (12_345, "12.3 kB"), (999_999, "1.0 MB"), (5 * 10**12, "5000.0 GB")]
)
def test_sizes(count: int, text: str) -> None:
    assert byte_size(count) == text


def test_a_picture_beats_its_one_line_of_text_but_not_a_drawing(terminal: Views) -> None:
    png = _base64(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 6, 4))
    assert terminal.view({"image/png": png, "text/plain": "<Figure>"}).content == "[image/png 6×4, 24 B]"
    assert terminal.view({"image/svg+xml": "<svg/>", "text/plain": "a\n|\nb"}).content == "a\n|\nb"


def test_text_is_preferred_to_html_whose_tags_go_where_there_is_nothing_else(terminal: Views) -> None:
    assert terminal.view({"text/html": "<b>x</b>", "text/plain": "x y"}).content == "x y"
    only = "<style>p{}</style><p>one <b>two</b></p><script>no()</script><table><tr><td>a</td><td>b</td></tr></table>"
    assert terminal.view({"text/html": only}).content == "one two\na  b"


def test_colours_only_where_they_are_welcome_and_never_other_sequences(terminal: Views, plain_terminal: Views) -> None:
    bundle = {"text/plain": "\x1b[31mred\x1b[0m\x1b[2J\x1b]52;c;eA==\x07!"}
    assert terminal.view(bundle).content == "\x1b[31mred\x1b[0m!"
    assert plain_terminal.view(bundle).content == "red!"


def test_tables_and_markdown(terminal: Views, plain_terminal: Views) -> None:
    shown = terminal.view({"application/vnd.dataresource+json": TABLE, "text/plain": "plain"}).content
    assert "[red]Oslo" in shown and "NULL" in shown and shown.endswith("1 row") and "┃" in shown
    assert "\x1b[1m" in terminal.view({"text/markdown": "some **bold** text"}).content
    assert plain_terminal.view({"application/vnd.dataresource+json": TABLE, "text/plain": "plain"}).content == "plain"
    alone = plain_terminal.view({"application/vnd.dataresource+json": TABLE}).content
    assert "\x1b" not in alone and "[red]Oslo" in alone


def test_plain_text_needs_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "import verso.rendering.plugin, verso.export.plugin, verso_markdown.plugin, verso_html.plugin\n"
        "from verso.api.rendering import RenderContext\n"
        "from verso.engine.references import resolve\n"
        "from verso.rendering.views import Views\n"
        "views = Views(verso.rendering.plugin.verso_renderers(), RenderContext(surface='terminal'), resolve=resolve)\n"
        "assert views.view({'text/plain': 'x', 'text/html': 'x', 'text/markdown': 'x'}).content == 'x'\n"
        "heavy = {'rich', 'jinja2', 'markdown_it', 'pygments', 'nh3', 'html', 'latex2mathml'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
