"""The one rule for `@name` in prose."""

from __future__ import annotations

import datetime as dt
import decimal
import html.parser
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verso.api.substitution import places, substitute, substitute_html, table_of, value_text
from verso.api.values import encode

NAMES = ("x", "größe", "_a1")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@x", ["x"]),
        ("(@x, *@größe*) @_a1.", ["x", "größe", "_a1"]),
        ("anna@example.org", []),
        ("a.b-c@x", []),
        ("@1x @ x", []),
        ("$@x", ["x"]),
        ("@@x", [""]),
        ("@@@x", ["", "x"]),
        ("user@@host", [""]),
    ],
)
def test_places(text: str, names: list[str]) -> None:
    assert [place.name for place in places(text)] == names
    assert all(text[place.start : place.end] == f"@{place.name or '@'}" for place in places(text))


def test_nothing_is_a_place_inside_code() -> None:
    text = "@x `@x` @x"
    assert [place.start for place in places(text, [(3, 7)])] == [0, 8]
    assert substitute(text, lambda place: "1", [(3, 7)]) == "1 `@x` 1"


def test_a_name_without_a_value_stays_and_a_doubled_sign_is_one() -> None:
    assert substitute("@x @y @@x a@@b", lambda place: "1" if place.name == "x" else None) == "1 @y @x a@b"


@settings(deadline=None)
@given(st.text())
def test_text_without_the_sign_is_untouched(text: str) -> None:
    plain = text.replace("@", "")
    assert substitute(plain, lambda place: "!") == plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (-5, "-5"),
        (10**50, "1" + "0" * 50),
        (0.1, "0.1"),
        (float("nan"), "NaN"),
        (decimal.Decimal("1.50"), "1.50"),
        ("a\n'b'", "a\n'b'"),
        (b"abcd", "4 bytes"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.timedelta(minutes=1), "60 s"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([1, "a", None], '[1, "a", null]'),
        ({"k": [1], "é": "ü"}, '{k: [1], é: "ü"}'),
    ],
)
def test_values_as_text(value: Any, text: str) -> None:
    assert value_text(encode(value)) == text


def test_a_table_shows_its_first_rows_and_says_how_many_there_are() -> None:
    table = {
        "t": "table",
        "v": {"columns": [{"name": "n", "type": "int"}], "count": 1000, "rows": [[encode(n)] for n in range(1000)]},
    }
    read = table_of(table)
    assert read is not None
    assert (read.columns, len(read.rows), read.rows[3], read.count) == (("n",), 20, ("3",), 1000)
    assert "1,000 rows, first 20 shown" in substitute_html("@t", {"t": table})
    assert value_text(table) == "table of 1,000 rows and 1 columns"


class _Seen(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        self.text += data


def _seen(markup: str) -> _Seen:
    seen = _Seen()
    seen.feed(markup)
    seen.close()
    return seen


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("<>&\"'`= /onxa\n;-!@#")))
def test_no_value_brings_markup_into_html(value: str) -> None:
    page = "<p title=\"@x\" data-a='@x' data-b=@x class=k>@x</p>"
    seen = _seen(substitute_html(page, {"x": encode("z" + value)}))
    assert [tag for tag in seen.tags if tag[0] != "br"] == [("p", ["title", "data-a", "data-b", "class"])]


def test_scripts_styles_comments_code_and_event_handlers_are_code() -> None:
    page = (
        "<style>@media print {}</style><script>let a = '@x'</script><!-- @x --><pre>@x</pre>"
        "<code>@x</code><b onclick=\"f('@x')\">@x</b>"
    )
    shown = substitute_html(page, {"x": encode(1), "media": encode(2)})
    assert shown == page.replace("<b onclick=\"f('@x')\">@x", "<b onclick=\"f('@x')\">1")
