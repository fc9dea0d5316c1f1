"""Markdown cells: GitHub-flavoured Markdown with math, footnotes and `@name` from the shared variables."""
