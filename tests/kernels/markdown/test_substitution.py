"""`@name` in Markdown: where it counts, and that no value becomes markup."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verso_markdown.document import to_html
from verso_markdown.substitution import put_plain_values, put_values

from verso.api.values import encode

VALUES = {"x": encode(42), "name": encode("a*b*_c_ <i>`k`</i>"), "url": encode("https://h/a b(1)")}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("Total: @x", "Total: 42"),
        ("**@x**, (@x) and ~~@x~~", "**42**, (42) and ~~42~~"),
        ("`@x` ``a ` @x`` @x", "`@x` ``a ` @x`` 42"),
        ("```py\n@x\n```\n@x", "```py\n@x\n```\n42"),
        ("~~~\n@x\n\n@x", "~~~\n@x\n\n@x"),
        ("text\n\n    @x\n", "text\n\n    @x\n"),
        ("> - `@x\n\n@x", "> - `42\n\n42"),
        ("a ` b\n\nc ` @x", "a ` b\n\nc ` 42"),
        ("<code>@x</code> @x", "<code>@x</code> 42"),
        ("mail a@x.org, @nobody, @@x, \\@x", "mail a@x.org, @nobody, @x, \\@x"),
        ("https://host/@x [l](https://host/@x)", "https://host/@x [l](https://host/42)"),
        ("[l](@url)", "[l](https://h/a%20b%281%29)"),
        ("[l]: @url", "[l]: https://h/a%20b%281%29"),
        ("$y = @x$, $$@x$$ and $5 @x $6", "$y = 42$, $$42$$ and $5 42 $6"),
        ("| a | b |\n|---|---|\n| `@x` | @x |", "| a | b |\n|---|---|\n| `@x` | 42 |"),
    ],
)
def test_where_a_name_counts(source: str, shown: str) -> None:
    assert put_values(source, VALUES) == shown


def test_a_value_shows_as_its_characters() -> None:
    assert "a*b*_c_ &lt;i&gt;`k`&lt;/i&gt;" in to_html(put_values("# @name", VALUES))
    assert put_plain_values("# @name", VALUES) == "# a*b*_c_ <i>`k`</i>"


MARKS = st.text(alphabet=st.sampled_from("ab*_`~[]()<>!#-+=:|$\\&;1. \t\n@'\"/^"), max_size=25)


@settings(deadline=None)
@given(MARKS)
def test_no_value_becomes_structure(value: str) -> None:
    """Whatever the text, the paragraph stays one paragraph whose text is the value (white space aside)."""
    shown = to_html(put_values("@v", {"v": encode("a" + value)}))
    assert _text_of_only_paragraph(shown) == _squeezed("a" + value)


@settings(deadline=None)
@given(MARKS)
def test_no_value_at_the_start_of_a_line_becomes_structure(value: str) -> None:
    if not value.strip():
        return
    shown = to_html(put_values("@v", {"v": encode(value)}))
    assert _text_of_only_paragraph(shown) == _squeezed(value)


@settings(deadline=None)
@given(MARKS)
def test_a_value_stays_in_its_table_cell(value: str) -> None:
    shown = to_html(put_values("| a | b |\n| --- | --- |\n| @v | z |\n", {"v": encode("q" + value)}))
    assert shown.count("<td>") == 2
    assert "<td>z</td>" in shown


@settings(deadline=None)
@given(MARKS)
def test_a_value_in_math_brings_no_elements(value: str) -> None:
    shown = to_html(put_values("$$a = @v$$", {"v": encode("q" + value)}))
    tags = set(re.findall(r"</?([a-zA-Z]+)", shown))
    assert tags <= {"p", "span", "math", "mrow", "mi", "mo", "mn", "mtext", "mover", "div", "code"}


def test_a_table_alone_on_its_line_is_a_table_and_elsewhere_a_word() -> None:
    table = {
        "t": "table",
        "v": {
            "columns": [{"name": "city", "type": "string"}, {"name": "a|b", "type": "int"}],
            "count": 2,
            "rows": [[encode("Os*lo*"), encode(1)], [encode("Rome\nItaly"), encode(None)]],
        },
    }
    shown = to_html(put_values("Before\n@t\nAfter", {"t": table}))
    assert shown.count("<table>") == 1
    right = ' style="text-align:right"'
    assert f"<th>city</th>\n<th{right}>a|b</th>" in shown, "numbers stand to the right"
    assert f"<td>Os*lo*</td>\n<td{right}>1</td>" in shown and f"<td>Rome<br>Italy</td>\n<td{right}>null</td>" in shown
    assert "<p>Before</p>" in shown and "<p>After</p>" in shown
    assert "table of 2 rows" in to_html(put_values("It is @t.", {"t": table}))


def _text_of_only_paragraph(markup: str) -> str:
    found = re.fullmatch(r"<p>(.*)</p>\s*", markup, re.DOTALL)
    assert found, markup
    inner = re.sub(r'<a href="(?:https?://|mailto:)[^"]*">(.*?)</a>', r"\1", found[1])
    inner = inner.replace("<br>", " ")
    assert "<" not in inner, markup
    return _squeezed(html.unescape(inner))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def test_plain_text_shows_a_table_in_columns_where_it_has_the_line_for_itself():
    rows = [[{"t": "string", "v": "Oslo"}, {"t": "int", "v": str(number)}] for number in range(25)]
    table = {"t": "table", "v": {"columns": [{"name": "city"}, {"name": "total"}], "count": 25, "rows": rows}}
    lines = put_plain_values("So:\n\n@t\n\nIt is @t.", {"t": table}).splitlines()
    assert lines[:5] == ["So:", "", "city  total", "----  -----", "Oslo  0"]
    assert lines[-3:] == ["25 rows, first 20 shown", "", "It is table of 25 rows and 2 columns."]
