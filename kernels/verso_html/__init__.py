"""HTML cells with `@name` from the shared variables."""
