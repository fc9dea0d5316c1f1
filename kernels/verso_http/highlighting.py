"""Colours for HTTP cells: a lexer that Pygments finds by its entry point, for pages that show the source."""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, Token, Whitespace

from verso_http.document import METHODS


class HttpCellLexer(RegexLexer):  # type: ignore[misc]
    """The `.http` format of editors (`verso_http.document`)."""

    name = "HTTP requests"
    aliases: ClassVar[list[str]] = ["http"]
    filenames: ClassVar[list[str]] = ["*.http", "*.rest"]
    url = ""

    tokens: ClassVar[dict[str, Any]] = {
        "root": [
            include("divider"),
            include("comment"),
            (r"\s*\n", Whitespace),
            (
                r"([ \t]*)(@[\w.-]+)([ \t]*)(=)([ \t]*)",
                bygroups(Whitespace, Name.Class, Whitespace, Operator, Whitespace),
                "value",
            ),
            (words(METHODS, prefix=r"[ \t]*", suffix=r"(?=[ \t])"), Keyword, ("headers", "value")),
            default(("headers", "value")),
        ],
        "divider": [(r"(#{3,})([^\n]*\n?)", Token.Generic.Heading)],
        "comment": [
            (r"([ \t]*(?:#|//)[ \t]*)(@[\w-]+)([^\n]*\n?)", bygroups(Comment, Keyword, Comment)),
            (r"[ \t]*(?:#|//)[^\n]*\n?", Comment),
        ],
        "place": [(r"(\{\{)([^{}\n]*)(\}\})", bygroups(Punctuation, Name.Class, Punctuation))],
        "value": [  # the rest of a line: a URL, what a header or a variable is
            (r"\n", Whitespace, "#pop"),
            include("place"),
            (r"[ \t]+HTTP/[\d.]+(?=[ \t]*\n)", Keyword),
            (r"[^\n{]+?(?=\s+HTTP/[\d.]+\s*\n)|[^\n{]+|\{", String),
        ],
        "headers": [
            (r"(?=#{3,})", Text, "#pop"),
            (r"[ \t]*\n", Whitespace, ("#pop", "body")),
            (r"[ \t]*(?=[?&])", Whitespace, "value"),
            include("comment"),
            (r"([ \t]*[\w!#$%&'*+.^`|~-]+)([ \t]*:[ \t]*)", bygroups(Name.Attribute, Operator), "value"),
            default("value"),
        ],
        "body": [
            (r"^(?=#{3,})", Text, "#pop"),
            include("place"),
            (r"^(<@?\w*)([ \t]+[^\n]+)", bygroups(Operator, String)),
            (r'"(?:\\.|[^"\\\n{])*"(?=\s*:)', Name.Attribute),
            (r'"', String, "string"),
            (r"-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b", Number),
            (r"\b(?:true|false|null)\b", Keyword),
            (r"[\[\]{},:]", Punctuation),
            (r"\s+", Whitespace),
            (r"[^\s\"{}\[\],:]+|.", Text),
        ],
        "string": [
            (r'"|(?=\n)', String, "#pop"),
            include("place"),
            (r'(?:\\.|[^"\\\n{])+|.', String),
        ],
    }
