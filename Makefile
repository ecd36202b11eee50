# Two commands from a fresh clone: `make bench`, `make test`. `make` alone prints this help.
# make keeps .venv itself: it is built from requirements.lock when it is absent or older.

PYTHON ?= python3
CONFIG ?= config/reference.yaml
FULL   := models/onnx/agi_audio_core.onnx
MODEL  ?= $(FULL)

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE   := harness agents core models benchmarks validation tests

.DEFAULT_GOAL := help
.PHONY: help system model-full model-int8 full-scale verify-speed integrity-table bench bench-quick validate \
        validate-full product test test-slow check report compare feasible ab load \
        score speak conditions soak tune docs history selfbench selftest faults fuzz doctor model-reference \
        model-voice sets train-env clean clean-all

help: ## Print this help
	@echo "make TARGET [CONFIG=config/sarai.yaml]    (default: $(CONFIG))"
	@echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bench: $(STAMP) ## Time, memory and accuracy against the budgets: a table and a page
	$(BIN)/harness bench --config $(CONFIG)

bench-quick: $(STAMP) ## The same in under a minute, with fewer runs and clips
	$(BIN)/harness bench --config $(CONFIG) --quick

validate: $(STAMP) ## Files, contract and accuracy, before a release
	$(BIN)/harness validate --config $(CONFIG)

validate-full: $(STAMP) ## The same with every clip of every set, whatever suite.yaml saves for a slow model
	$(BIN)/harness validate --config $(CONFIG) --full

product: $(STAMP) ## The product's own three test blocks, as they stand in its document
	$(BIN)/python validation/product/run.py --config $(CONFIG)

test: $(STAMP) ## The tests of harness, agents and core
	$(BIN)/python -m pytest -q -n logical --maxprocesses 8 --dist loadfile

test-slow: $(STAMP) ## The tests that need minutes, a browser, or the extras, which it installs
	$(PIP) install --no-build-isolation --editable ".[browser,graph,mos,ray]"
	$(BIN)/python -m pytest -q -m "slow or not slow" tests/core tests/accuracy/predicted_mos tests/run/test_ray.py
	$(BIN)/python -m pytest -q -m slow

check: $(STAMP) ## Lint, format and types
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy

report: $(STAMP) ## Judge a stored run again and redraw its page: make report RUN=latest
	$(BIN)/harness report $(or $(RUN),latest)

compare: $(STAMP) ## What changed between two runs: make compare A=... B=...
	@test -n "$(A)" && test -n "$(B)" || { echo "Name two runs: make compare A=RUN B=RUN (see reports/runs/)"; exit 2; }
	$(BIN)/harness compare $(A) $(B)

history: $(STAMP) ## How the newest run fits in, where levels moved: reports/index.html
	$(BIN)/harness history

feasible: $(STAMP) ## What this machine allows: the least that each budget needs here
	$(BIN)/harness feasible --config $(CONFIG)

ab: $(STAMP) ## Two pipelines, interleaved: make ab A=git:main B=git:HEAD, or B=config/other.yaml
	@test -n "$(B)" || { echo "Name what to compare: make ab A=... B=... (a config or git:REVISION)"; exit 2; }
	$(BIN)/harness ab --config $(CONFIG) $(if $(A),--a $(A)) --b $(B)

load: $(STAMP) ## Requests as users send them, and the highest rate that is kept
	$(BIN)/harness load --config $(CONFIG)

score: $(STAMP) ## Hear a whole set by many workers: make score SET=es_synthetic WORKERS=2
	$(BIN)/harness score $(or $(SET),es_synthetic) --config $(CONFIG) --workers $(or $(WORKERS),1)

speak: $(STAMP) ## How the pipeline speaks, and a page to listen to
	$(BIN)/harness speak --config $(CONFIG)

conditions: $(STAMP) ## Word error rate under noise, lines, rooms and levels
	$(BIN)/harness conditions --config $(CONFIG)

soak: $(STAMP) ## Many requests: does memory grow?
	$(BIN)/harness soak --config $(CONFIG) $(if $(REQUESTS),--requests $(REQUESTS))

fuzz: $(STAMP) ## Fuzz audio, run files, manifests and models: make fuzz MINUTES=30
	$(PIP) install "atheris>=3.0"
	$(BIN)/python -m tests.fuzz $(or $(MINUTES),4)

tune: $(STAMP) ## A grid of options: the configs that no other beats
	$(BIN)/harness tune --config $(CONFIG)

selfbench: $(STAMP) ## The harness itself: overhead, memory, false alarms, power (nightly, an hour)
	$(BIN)/harness selfbench

selftest: $(STAMP) ## Plant faults and prove that the harness tells of each
	$(BIN)/harness selftest

faults: $(STAMP) ## Every planted fault: expected, seen, time to detect
	$(BIN)/python -m tests.faults.table

doctor: $(STAMP) ## Is everything there that a run needs, and what to do where it is not
	$(BIN)/harness doctor --config $(CONFIG)

docs: $(STAMP) ## The documentation, into site/
	$(PIP) install "mkdocs-material>=9.6"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

system: ## Debian packages for training and for making sets (not needed to run)
	apt-get install --yes espeak-ng
	apt-get install --yes libttspico-utils || echo "The voice of the set es_pico is in Debian's section non-free: enable it to make that set again."

full-scale: $(STAMP) ## The configs of the production model side by side, in one table
	$(BIN)/python -m benchmarks.full_scale

verify-speed: $(STAMP) ## What verifying the 4.3 GB takes, beside openssl
	$(BIN)/python -m benchmarks.verify_speed $(MODEL)

integrity-table: $(STAMP) ## Planted defects: what onnx.checker, onnxruntime and this project say
	$(BIN)/python -m tests.integrity.table

model-full: $(STAMP) ## Build the 4.3 GB rehearsal of the production model (GIB=1: 4.3 GiB)
	$(BIN)/python -m models.rehearsal $(if $(GIB),--gib)
	$(BIN)/harness seal $(FULL)

model-int8: $(STAMP) ## Build the int8 variant of a model: make model-int8 MODEL=...
	$(BIN)/python -m models.int8 $(MODEL)
	$(BIN)/harness seal $(MODEL:.onnx=.int8.onnx)

model-reference: train-env ## Train and export the reference model again (hours; needs `make system`)
	$(BIN)/python -m models.reference.build

model-voice: train-env ## Train and export the voice again (two hours; needs `make system`)
	$(BIN)/python -m models.voice.build

sets: $(STAMP) ## Make the reference sets again (needs `make system`)
	$(BIN)/python -m validation.reference_sets.make_sets

train-env: $(STAMP)
	$(PIP) install -r requirements-train.lock

clean: ## Remove caches and what runs wrote
	rm -rf reports dist site *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

clean-all: clean ## The same, and the environment and what training kept
	rm -rf $(VENV) build

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "No virtual environment: on Debian, apt-get install python3-venv"; exit 2; }
	$(PIP) install -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
