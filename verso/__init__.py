"""Verso: the polyglot notebook engine."""

__version__ = "0.1.0"
