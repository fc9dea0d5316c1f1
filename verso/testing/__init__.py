"""For plugin authors: contract suites to subclass, and ready parts to test with. pytest and hypothesis are imported
by the modules that use them, nowhere else."""

import sys

if "pytest" in sys.modules:  # so that an assertion that fails in the suite shows its values
    sys.modules["pytest"].register_assert_rewrite("verso.testing.kernel_contract")
