"""Verso as a Jupyter kernel: a front end of the engine for JupyterLab, VS Code and every other Jupyter client."""
