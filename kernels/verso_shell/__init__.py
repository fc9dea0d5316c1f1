"""Shells (bash, zsh, sh) and any prompt-driven program as kernels, each on a terminal of its own."""
