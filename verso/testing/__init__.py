"""For plugin authors: contract suites to subclass, and ready parts to test with. pytest and hypothesis are imported
by the modules that use them, nowhere else."""
