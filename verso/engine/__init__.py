"""The engine: opens notebooks, runs cells in kernels, keeps outputs and variables. It knows no user interface."""
