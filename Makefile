# Everything a checkout needs, on a machine with Python >= 3.11, make and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SAMPLE := samples/micrograd
OUT := build/demo
TESTS ?= tests

.PHONY: setup demo test lint types check test-powershell verify-powershell bench wheel clean

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Verso needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check install --quiet uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[dev,bench]'
	$(BIN)/python -m compileall -q verso kernels extensions
	touch $(READY)

demo: setup
	mkdir -p $(OUT)
	$(BIN)/verso run $(SAMPLE)/micrograd.verso --output-notebook $(OUT)/micrograd.verso
	$(BIN)/verso export $(OUT)/micrograd.verso --output $(OUT)/micrograd.html
	$(BIN)/verso run $(SAMPLE)/micrograd-ps.verso --output-notebook $(OUT)/micrograd-ps.verso || \
	  { [ $$? -eq 6 ] && cp $(SAMPLE)/micrograd-ps.verso $(OUT)/micrograd-ps.verso && \
	    echo 'No PowerShell here: its edition is shown with the outputs that it was saved with.'; }
	$(BIN)/verso export $(OUT)/micrograd-ps.verso --output $(OUT)/micrograd-ps.html
	@echo
	@echo 'Executed notebooks and pages:'
	@ls -1 $(CURDIR)/$(OUT)/micrograd*.verso $(CURDIR)/$(OUT)/micrograd*.html

# Real processes on a shared machine: what fails once and passes at once again is shown as a rerun (R) and does not fail.
test: setup
	$(BIN)/python -m pytest -n auto --dist worksteal --reruns 1 -raR --durations=15 $(TESTS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy verso kernels extensions

check: lint types test

test-powershell: setup
	$(BIN)/python -m pytest -m powershell -rs tests

verify-powershell: setup
	$(BIN)/python -m tests.powershell.verify

bench: setup
	$(BIN)/python -m benchmarks

wheel: setup
	$(BIN)/uv build --wheel --quiet --out-dir dist .

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
