# What CI runs is what you run: .ci/run is `make check`, then `make test`, then `make demo`.
#
# Everything is built once. Cargo makes another copy of a dependency for every other set of features, and a set of features
# follows from the packages named; so every command here names the whole workspace, in one profile. Two native modules come of it,
# one for Python and one for Node.js, which are put beside the sources that load them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
CARGO_FLAGS := --release --workspace --locked
BUILT := $(or $(CARGO_TARGET_DIR),target)/release
BIN := .venv/bin
# Not `npm ci`: it refuses a lock file that lacks the optional packages of platforms other than the one that wrote it.
NPM_INSTALL := npm install --no-save --no-audit --no-fund --loglevel=error
PYTHON_MODULE := python/vespiary/_native.abi3.so

.PHONY: help
help: ## shows this list
	@echo "Vespiary: smart-contract chains under one supervision tree. Needs Rust, a C compiler, Python 3.11+, Node.js 20+."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

# ── what people run ──────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: demo
demo: python-module node-module demo/node_modules/.ready ## two chains, 2,000 signed transfers, a crash in the middle, a proof; from Python, then from Node.js
	$(BIN)/python demo/demo.py
	node demo/demo.mjs

.PHONY: bench
bench: python-module node-module bench/.venv/.ready bench/node_modules/.ready ## measures against anvil, titanoboa and this machine's secp256k1 (BENCH="--quick" for a glance)
	bench/.venv/bin/python bench/run.py $(BENCH)

# ── what CI runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: check
check: check-rust check-python check-node check-contracts ## format, clippy, mypy --strict, tsc, and whether compiled contracts are current

.PHONY: check-rust
check-rust:
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings

.PHONY: check-python
check-python: .venv/.ready
	cd python && ../$(BIN)/mypy --strict vespiary
	$(BIN)/mypy --config-file bench/mypy.ini bench contracts

.PHONY: check-node
check-node: node-module
	cd node && npm run check --silent

.PHONY: check-contracts
check-contracts: .venv/.ready node/node_modules/.ready
	$(BIN)/python contracts/build.py --check

.PHONY: test
test: test-rust test-python test-node notebooks ## every test of every language, and the notebooks

.PHONY: test-rust
test-rust: ## the tests of the Rust crates
	cargo test $(CARGO_FLAGS)

.PHONY: test-python
test-python: python-module node/node_modules/.ready ## the tests of the Python package
	cd python && ../$(BIN)/pytest

.PHONY: test-node
test-node: node-module ## the tests of the npm package
	cd node && npm test --silent

.PHONY: notebooks
notebooks: python-module node/node_modules/.ready ## runs every notebook from top to bottom
	$(BIN)/pytest --nbmake notebooks

# ── what is built ────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: python-module
python-module: .venv/.ready ## builds the Python module into the checkout
	cargo build $(CARGO_FLAGS)
	@built=$(BUILT)/lib_native.so; [ -e "$$built" ] || built=$(BUILT)/lib_native.dylib; \
	cmp -s "$$built" $(PYTHON_MODULE) || { rm -f $(PYTHON_MODULE); cp "$$built" $(PYTHON_MODULE); }

.PHONY: node-module
node-module: node/node_modules/.ready ## builds the Node.js addon into the checkout
	cd node && npm run build:native --silent
	cd node && npm run build:types --silent

.PHONY: contracts
contracts: .venv/.ready node/node_modules/.ready ## compiles the contracts into contracts/artifacts
	$(BIN)/python contracts/build.py

# The environment has what python/pyproject.toml names, and finds the package by path: pip would build a second module for it.
.venv/.ready: python/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -c 'import tomllib; named = tomllib.load(open("python/pyproject.toml", "rb")); \
	project, groups = named["project"], named.get("dependency-groups", {}); \
	lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values(), *groups.values()]; \
	print(*sorted({one for some in lists for one in some if isinstance(one, str) and not one.startswith("vespiary")}), sep="\n")' \
	> .venv/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement .venv/requirements.txt
	echo "$(CURDIR)/python" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/vespiary.pth"
	@touch $@

bench/.venv/.ready: bench/requirements.txt
	$(PYTHON) -m venv bench/.venv
	bench/.venv/bin/pip install --quiet --disable-pip-version-check --requirement bench/requirements.txt
	@touch $@

%/node_modules/.ready: %/package.json %/package-lock.json
	cd $* && $(NPM_INSTALL)
	@touch $@

# The demo imports by the names that a project of yours would; links lead them to what is installed already.
demo/node_modules/.ready: node/node_modules/.ready
	@mkdir -p $(@D)
	@ln -sfn ../../node $(@D)/vespiary
	@for package in ethers viem; do ln -sfn ../../node/node_modules/$$package $(@D)/$$package; done
	@touch $@

.PHONY: deny
deny: ## licences and sources of all dependencies (needs `cargo install cargo-deny`)
	cargo deny --all-features check bans licenses sources

.PHONY: clean
clean: ## removes everything that was built or installed into the checkout
	rm -rf .venv bench/.venv node/node_modules bench/node_modules demo/node_modules node/dist
	rm -f $(PYTHON_MODULE) node/*.node
	cargo clean --quiet
