"""The `verso` program: a front end of the engine, one file a command."""
