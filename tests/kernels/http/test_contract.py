"""The contract of every kernel, on the HTTP kernel."""

from __future__ import annotations

from verso_http.plugin import verso_kernels

from verso.testing.kernel_contract import KernelContract
from verso.testing.typed_values import SAMPLES


class TestHttpKernel(KernelContract):
    kernelspec = verso_kernels()[0]
    silent = "@a = 1\n# a comment"
    kinds = tuple(SAMPLES)
    completes = ("@city = Oslo", "GET http://x/{{ci", "city")
    inspects = ("@city = Oslo", "GET http://x/{{city}}", "Oslo")
    diagnoses = ("GET http://x\n\n###\nNOPE x", 4)
