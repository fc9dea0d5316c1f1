"""Outputs as plain text, where there is no terminal."""

from __future__ import annotations

from verso.cli.plain import plain_view


def test_a_picture_is_named_with_its_size_and_what_it_says_in_words() -> None:
    assert plain_view({"image/svg+xml": "<svg/>", "text/plain": "Graph()"}) == "[image/svg+xml, 0.0 kB] Graph()"
    assert plain_view({"image/png": "AAAA"}) == "[image/png, 0.0 kB]"


def test_a_drawing_in_characters_keeps_its_columns() -> None:
    drawing = "  ┌─┐\n  │A│\n  └─┘"
    assert plain_view({"image/svg+xml": "<svg/>", "text/plain": drawing}).splitlines()[1:] == drawing.splitlines()
