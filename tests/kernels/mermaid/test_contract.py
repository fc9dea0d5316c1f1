"""What every kernel promises, of Mermaid."""

from __future__ import annotations

from verso_mermaid.plugin import verso_kernels

from verso.testing.kernel_contract import KernelContract
from verso.testing.typed_values import KINDS


class TestMermaid(KernelContract):
    kernelspec = verso_kernels()[0]
    silent = "  \n"
    kinds = KINDS
    completes = ("", "flowch", "flowchart")
