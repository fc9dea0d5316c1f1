"""Built-in renderers (MIME bundle → HTML or terminal), themes and layouts."""
