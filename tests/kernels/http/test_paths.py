"""Parts of bodies: paths and JSONPath into JSON, XPath into XML; and XML as it is shown."""

from __future__ import annotations

from typing import Any

import pytest
from verso_http.paths import PathError, part_of_body, part_of_data
from verso_http.values import as_text
from verso_http.xml_text import indented

from tests.kernels.http.conftest import Cells

DATA = {"a": [{"b": 1, "id": 5}, {"b": 2, "id": 6}], "x y": {"k": None}, "deep": {"er": {"q": [9]}}}
FEED = (
    '<?xml version="1.0" encoding="iso-8859-2"?>\n<!-- top --><s:feed xmlns:s="urn:s" xmlns="urn:d"><!-- c -->'
    '<item id="1" s:k="v">a<b>x</b> &amp;</item><e/><item id="20">B &amp; ž</item>'
    "<part><x><y>1</y><![CDATA[<z>]]></x><q> </q></part></s:feed>"
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", DATA),
        ("$.a[0].b", 1),
        ("$.a[-1].b", 2),
        ("$['x y']['k']", None),
        ('$["x y"].k', None),
        ("$.a[*].id", 5),
        ("$.a.*", {"b": 1, "id": 5}),
        ("$..q[0]", 9),
        ("$.a[?(@.id==6)].b", 2),
        ("$.a[?@.id > 5].b", 2),
        ("$.a[-1:].b", 2),
        ("$['deep','a'].er.q", [9]),
        ("#json.$.a[1].id", 6),
        ("a[0].b", 1),
    ],
)
def test_paths_into_json(path: str, found: Any) -> None:
    assert part_of_body(DATA, path, "application/json") == found


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("$.nope", "there is: a, x y, deep"),
        ("$.a[7]", "a list of 2"),
        ("$.a[0].b.c", "nothing within it"),
        ("$..nope", "there is nothing at '$..nope'"),
        ("$.a[?(@.]", "can't be read"),
        ("$.a[", "can't be read"),
    ],
)
def test_paths_that_lead_nowhere_say_what_is_there(path: str, says: str) -> None:
    with pytest.raises(PathError) as raised:
        part_of_body(DATA, path, "application/json")
    assert says in str(raised.value)


def test_text_that_is_json_is_read() -> None:
    assert part_of_body('{"a": [1]}', "$.a[0]", "text/plain") == 1
    with pytest.raises(PathError, match="no JSON"):
        part_of_body("plain", "$.a", "text/plain")
    with pytest.raises(PathError, match="bytes"):
        part_of_body(b"\0", "$.a", "application/zip")
    assert part_of_data([{"c": 1}], "[0].c") == part_of_data([{"c": 1}], ".[0].c".lstrip(".")) == 1


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("//item/@id", "1"),
        ("//item[2]", "B & ž"),
        ("/s:feed/item[1]", 'a<b xmlns="urn:d">x</b> &amp;'),
        ("//item[@id=20]/text()", "B & ž"),
        ("//item[@id>5]/@id", "20"),
        ("//item[last()]/@id", "20"),
        ("//*[local-name()='b']", "x"),
        ("//item[1]/@s:k", "v"),
        ("count(//item)", "2"),
        ("sum(//item/@id)", "21"),
        ("string(//b)", "x"),
        ("boolean(//b)", "true"),
        ("name(/*)", "s:feed"),
        ("//comment()", " c "),
        ("//part/x", '<y xmlns="urn:d">1</y>&lt;z&gt;'),
        ("#xml.//b", "x"),
    ],
)
def test_xpaths(path: str, found: str) -> None:
    assert as_text(part_of_body(FEED, path, "application/atom+xml")) == found


def test_an_xpath_to_the_document_is_all_of_it() -> None:
    whole = part_of_body(FEED, "/", "text/xml")
    assert whole.startswith('<s:feed xmlns:s="urn:s">') and whole.endswith("</s:feed>")
    assert part_of_body(whole, "//item[2]", "text/xml") == "B & ž"


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        (FEED, "//nope", "there is nothing at '//nope'"),
        (FEED, "//item[", "can't be read"),
        (FEED, "//zz:a", "prefix 'zz' is not declared"),
        ("{}", "//a", "no XML"),
        ("<a>", "//a", "no XML"),
        ("<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>", "//a", "entities"),
    ],
)
def test_xpaths_that_fail_say_why(text: str, path: str, says: str) -> None:
    with pytest.raises(PathError, match=says):
        part_of_body(text, path, "text/xml")


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        (f"{'<a>' * 5000}x{'</a>' * 5000}", "/a/a", "application/xml"),
        ("[" * 100_000 + "]" * 100_000, "$[0]", "text/plain"),
    ],
)
def test_a_body_that_is_nested_too_deeply_is_told(text: str, path: str, kind: str) -> None:
    with pytest.raises(PathError, match="nested too deeply"):
        part_of_body(text, path, kind)


def test_xml_is_shown_as_it_is_but_indented() -> None:
    assert indented(FEED) == (
        '<?xml version="1.0" encoding="iso-8859-2"?>\n<!-- top -->\n<s:feed xmlns:s="urn:s" xmlns="urn:d">\n'
        '  <!-- c -->\n  <item id="1" s:k="v">a<b>x</b> &amp;</item>\n  <e/>\n  <item id="20">B &amp; ž</item>\n'
        "  <part>\n    <x><y>1</y><![CDATA[<z>]]></x>\n    <q> </q>\n  </part>\n</s:feed>"
    )
    for text in ("<a", "<!DOCTYPE a><a><b/></a>", "<a>" * 5000 + "</a>" * 5000):
        assert indented(text) == text


async def test_an_xpath_in_a_cell(cells: Cells) -> None:
    await cells.ok("# @name feed\nGET {S}/typed/xml")
    code = "POST {S}/echo\n\n{{feed.response.body.//b/@c}} {{feed.response.body.//b}}"
    assert (await cells.body(code))["body"] == "1 x"
    reply, sink = await cells.run("GET {S}/echo\nX: {{feed.response.body.//nope}}")
    assert reply.status == "error" and "nothing at '//nope'" in sink.errors[0].evalue
    assert (sink.errors[0].line, sink.errors[0].column) == (2, 4)


async def test_a_path_into_what_was_sent(cells: Cells) -> None:
    await cells.ok('# @name sent\nPOST {S}/echo\nContent-Type: application/json\n\n{"a": [{"b": 7}]}')
    assert (await cells.body("POST {S}/echo\n\n{{sent.request.body.$.a[0].b}} {{sent.request.body.*}}"))["body"] == (
        '7 {"a": [{"b": 7}]}'
    )
