"""Bundles get a plain text, and tables their data."""

from __future__ import annotations

import re
from typing import Any

import pytest
from verso_powershell.bundles import with_plain_text, with_table

TABLE = "application/vnd.dataresource+json"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"text/plain": "kept", "text/html": "<b>x</b>"}, "kept"),
        (
            {"text/html": "<p>one <b>two</b></p><script>no()</script><!-- no --><ul><li>a &lt; b</li></ul>"},
            "one two\na < b",
        ),
        ({"text/html": "<img src='x'>"}, "HTML"),
        ({"image/svg+xml": "<svg width='1'>\n<title>A &amp; B</title></svg>"}, "A & B"),
        ({"image/svg+xml": "<svg><g><title>G</title></g></svg>"}, "SVG picture"),
        ({"image/png": "AAEC"}, "PNG picture, 3 bytes"),
        ({"application/pdf": "AAEC"}, "application/pdf, 3 bytes"),
        ({"application/json": {"é": [1, None]}}, '{"é": [1, null]}'),
        ({"application/vnd.x+json": 7}, "7"),
        ({"text/markdown": "# Title"}, "# Title"),
        ({"text/latex": "$x$"}, "$x$"),
    ],
)
def test_a_plain_text(data: dict[str, Any], text: str) -> None:
    assert with_plain_text(data) == {**data, "text/plain": text}


def test_an_empty_bundle_stays_empty() -> None:
    assert with_plain_text({}) == {}


def table(head: list[str], *rows: list[str]) -> str:
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    names = "".join(f"<th>{name}</th>" for name in head)
    return f'<table class="ps-table"><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>'


def test_the_data_of_a_table() -> None:
    html = table(
        ["n", "x", "zip", "version", "text", "none"],
        ["1", "0.5", "007", "1.10", "a &lt; b", ""],
        ["", "-2", "42", "1.2", "", ""],
    )
    found = with_table({"text/html": html})[TABLE]
    assert [(field["name"], field["type"]) for field in found["schema"]["fields"]] == [
        ("n", "integer"),
        ("x", "number"),
        ("zip", "string"),
        ("version", "string"),
        ("text", "string"),
        ("none", "string"),
    ]
    assert found["data"] == [
        {"n": 1, "x": 0.5, "zip": "007", "version": "1.10", "text": "a < b", "none": None},
        {"n": None, "x": -2.0, "zip": "42", "version": "1.2", "text": None, "none": None},
    ]


def test_numbers_are_on_the_right() -> None:
    """As in the console; an empty cell and a thousands separator make no text of a column."""
    html = table(["Name", "Size", "Share", "Day"], ["a", "1,234", "0.50", "2026-01-02"], ["b", "", "1E-05", ""])
    shown = with_table(
        {"text/html": html.replace("<tbody>", '<tbody><tr class="ps-group"><th colspan="4">G</th></tr>')}
    )
    rows = re.findall(r"<tr>(.*?)</tr>", shown["text/html"])
    sides = [re.findall(r'<t[dh] style="text-align:(\w+)">', row) for row in rows]
    assert sides == [["left", "right", "right", "left"]] * 3
    assert '<tr class="ps-group"><th style="text-align:left" colspan="4">G</th></tr>' in shown["text/html"]
    assert re.sub(' style="[^"]*"', "", shown["text/html"]).count("<td>") == html.count("<td>")


def test_a_list_is_on_the_left() -> None:
    html = '<table class="ps-list"><tbody><tr><th>a</th><td>1</td></tr></tbody></table>'
    aligned = html.replace("<th>", '<th style="text-align:left">').replace("<td>", '<td style="text-align:left">')
    assert with_table({"text/html": html})["text/html"] == aligned


def test_headings_of_groups_are_no_rows() -> None:
    html = table(["Name"], ["a"]).replace(
        "<tbody>", '<tbody><tr class="ps-group"><th colspan="1">Directory: /usr</th></tr>'
    )
    assert with_table({"text/html": html})[TABLE]["data"] == [{"Name": "a"}]


def test_the_data_of_a_list() -> None:
    one = (
        '<table class="ps-list"><tbody><tr><th>a</th><td>1</td></tr><tr><th>b</th><td>x&amp;y</td></tr></tbody></table>'
    )
    assert with_table({"text/html": one + one})[TABLE]["data"] == [{"a": 1, "b": "x&y"}] * 2


@pytest.mark.parametrize(
    "html",
    ["<pre>free text</pre>", '<table class="ps-table"><thead><tr></tr></thead></table>', table(["a", "a"], ["1", "2"])],
)
def test_what_is_no_table_of_data(html: str) -> None:
    found = with_table({"text/html": html})
    assert found.keys() == {"text/html"} and re.sub(' style="[^"]*"', "", found["text/html"]) == html


def test_a_note_below_the_table_is_no_row() -> None:
    html = table(["i"], ["1"]) + "<p>… and 700 more (the first 500 are shown)</p>"
    assert with_table({"text/html": html})[TABLE]["data"] == [{"i": 1}]
