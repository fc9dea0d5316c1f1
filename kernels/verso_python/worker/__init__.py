"""The worker: a program of its own, run by the notebook's interpreter as the package `verso_worker` (see main.py).

Standard library only, Python 3.9 syntax. What a small cell does not need is imported when it is needed: each
module that `1 + 1` loads is paid for by every start of a notebook.
"""
