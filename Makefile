# make run    a city on this machine          make test   everything that is checked
# make setup  what both do first              make bench, make oracle N=5000, make words, make screenshots, make lock
#                                             make kills, make bench-full, make corpus DIR=…
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := setup
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
N ?= 1000
BENCH_N ?= 200
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-input --require-hashes -r
FRONTEND := $(shell find frontend -type f 2>/dev/null)
WORDS := $(wildcard app/translations/*/LC_MESSAGES/messages.po)

.PHONY: setup dev run test lint bench bench-full kills oracle corpus words lock screenshots clean

setup: .venv/.run app/static/dist/manifest.json $(WORDS:.po=.mo)
	@$(BIN)/python -m compileall -q app

dev: setup .venv/.dev

.venv/.made:
	scripts/make-venv
	@touch $@

.venv/.run: requirements.txt | .venv/.made
	$(PIP) requirements.txt
	@$(BIN)/python -m compileall -qq .venv/lib >/dev/null 2>&1 || true # once, even where Python may not at each start
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/.run
	$(PIP) requirements-dev.txt
	@touch $@

node_modules/.installed: package.json package-lock.json
	@node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' || \
	  { echo "Node 20 or newer is needed (https://nodejs.org)." >&2; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

app/static/dist/manifest.json: node_modules/.installed $(FRONTEND)
	npm run --silent build
	@touch $@

%.mo: %.po | .venv/.run
	$(BIN)/pybabel --quiet compile -i $< -o $@

run: setup
	@exec $(BIN)/python scripts/run.py

lint: dev
	$(BIN)/ruff check app tests scripts migrations
	$(BIN)/mypy
	$(BIN)/lint-imports

test: dev
	@$(BIN)/python scripts/chromium.py
	@$(MAKE) lint
	$(BIN)/pytest -n 2

bench: dev
	@BENCH_N=$(BENCH_N) $(BIN)/python -m scripts.bench

bench-full: dev
	@BENCH_N=$(BENCH_N) $(BIN)/python -m scripts.bench_full

kills: dev
	@$(BIN)/python -m scripts.kills

oracle: dev
	@$(BIN)/python scripts/oracle.py $(N)

corpus: dev
	@$(BIN)/python -m scripts.corpus $(if $(DIR),"$(DIR)",--count $(or $(CORPUS_N),3000))

words: dev
	@$(BIN)/python scripts/words.py

screenshots: dev
	@$(BIN)/python scripts/chromium.py
	$(BIN)/python scripts/screenshots.py

lock: dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv node_modules app/static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
