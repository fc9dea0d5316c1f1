"""The contract of every kernel, on the SQL kernel."""

from __future__ import annotations

from verso_sql.plugin import verso_kernels

from verso.testing.kernel_contract import KernelContract
from verso.testing.typed_values import SAMPLES


class TestSqlKernel(KernelContract):
    kernelspec = verso_kernels()[0]
    result = ("select 42 as answer", "answer\n------\n    42\n1 row")
    silent = "create table quiet (i int)"
    cannot_be_parsed = "--no-display\nselect 'never' as; selct 1"
    kinds = tuple(SAMPLES)
    completes = ("create table orders (id int)", "select * from ord", "orders")
    inspects = ("create table orders (id int)", "select * from orders", "INTEGER")
    diagnoses = ("select 1;\nselect (", 2)
