"""Built-in exporters: a self-contained HTML page, Markdown, a script."""
