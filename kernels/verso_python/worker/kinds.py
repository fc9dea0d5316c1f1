"""Names for annotations. The `.pyi` beside this file says what they mean; at run time importing `typing` would cost
more than half of the worker's own start."""

Any = object
Callable = object
Iterator = object
Message = dict
"""A JSON object of the wire protocol (docs/wire.md)."""
