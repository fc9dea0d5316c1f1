"""Every installed Jupyter kernel as a language of a notebook, through jupyter_client (docs/kernels/jupyter.md)."""
