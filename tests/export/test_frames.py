"""Frames: an asset stays inside its own element, whatever its text holds."""

from __future__ import annotations

from html import unescape

import pytest

from verso.api.rendering import Asset, View
from verso.export.frames import frame


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("script", "let end = '</SCRIPT>'", r"let end = '<\/SCRIPT>'"),
        ("style", "a::after { content: '</style>' }", r"a::after { content: '<\/style>' }"),
    ],
)
def test_a_closing_tag_in_an_asset_does_not_end_its_element(kind, text, kept):
    asset = Asset(key="k", kind=kind, content=text)
    page = unescape(frame(View(content="<p>x</p>", assets=(asset,)), title="t"))
    assert f"<{kind}>{kept}</{kind}>" in page
