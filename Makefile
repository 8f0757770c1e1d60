# `make help` lists the targets. Everything is installed into .venv; nothing else on the machine is touched.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
OUT ?= build/books
N ?= 2000
ARCH ?= x86_64
SOAK ?= 20
SEEDS ?= 200
PY := .venv/bin/python
UV := .venv/bin/uv
DEPLOY := .venv/deploy
TESTS := pytest -n auto --maxprocesses 4 --dist worksteal -m 'not large' tests
SAM := $(DEPLOY)/bin/sam
# What samconfig.toml says of a stage's deployment: $(call setting,stack_name)
STAGES := dev uat prod
setting = $(shell $(PY) -m layers.setting $(ENV) $(1))
export SAM_CLI_TELEMETRY := 0
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup run up document book book-demo invoke test large desk browser images schema client client-document coverage check lint types walls template scan build size prove stage way-back deploy bench soak contract-strict cutover-check lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

setup: .venv/ready ## Install everything the project needs into .venv (seconds)

.venv/ready: requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@test -x $(PY) && $(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv 2>/dev/null || { \
	  echo "python3 has no venv module; installing python3-venv"; apt-get update -q && apt-get install -yq python3-venv && $(PYTHON) -m venv --clear .venv; }
	@test -x $(UV) || $(PY) -m pip install -q --disable-pip-version-check 'uv>=0.13,<0.14'
	@$(UV) pip install -q --python $(PY) --require-hashes -r requirements/dev.lock
	@touch $@

$(DEPLOY)/ready: .venv/ready requirements/deploy.lock
	@test -x $(DEPLOY)/bin/python || $(UV) venv -q --python $(PY) $(DEPLOY)
	@$(UV) pip install -q --python $(DEPLOY)/bin/python --require-hashes -r requirements/deploy.lock
	@touch $@

.venv/rie/ready: .venv/ready requirements/rie.lock
	@rm -rf $(@D) && $(UV) pip install -q --target $(@D) --python-version 3.13 --python-platform $(shell uname -m)-manylinux_2_28 --only-binary :all: --require-hashes -r requirements/rie.lock
	@touch $@

.venv/scan/ready: .venv/ready requirements/scan.lock
	@test -x .venv/scan/bin/python || $(UV) venv -q --python $(PY) .venv/scan
	@$(UV) pip install -q --python .venv/scan/bin/python --require-hashes -r requirements/scan.lock
	@touch $@

.venv/strict/ready: .venv/ready requirements/strict.lock
	@test -x .venv/strict/bin/python || $(UV) venv -q --python $(PY) .venv/strict
	@$(UV) pip install -q --python .venv/strict/bin/python --require-hashes -r requirements/strict.lock
	@touch $@

run: setup ## Start the local stack, rebalance the example portfolio and print its orders
	@$(PY) -m infra.local run

up: setup ## Serve the API on 127.0.0.1:$(PORT) until Ctrl-C
	@exec $(PY) -m infra.local up --port $(PORT)

book: setup ## Run a book on this machine, or go on with it: make book MANIFEST=lines.jsonl SHARED=shared.json [OUT=build/books]
	@$(PY) -m infra.local book $(MANIFEST) $(SHARED) --out $(OUT)

book-demo: setup ## The same with a generated book of N portfolios
	@$(PY) -m infra.local book-demo --portfolios $(N) --out $(OUT)

invoke: setup ## Run one event without Docker: make invoke FN=Simulate EVENT=events/simulate.json
	@$(PY) -m infra.local invoke $(FN) $(EVENT)

# Compiled modules are kept beside the environment even where the machine forbids them elsewhere: every worker and command imports the same ones.
test large coverage soak images book book-demo: export PYTHONDONTWRITEBYTECODE :=
test large coverage soak images book book-demo: export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode

test: setup ## Run every test
	@$(PY) -m $(TESTS)

desk: setup ## Try in a browser what takes longer: sign-ins that end, issuers that answer wrongly, a call tried out in the documentation
	@$(PY) -m pytest tests/pages/desk_sign_in.py tests/pages/documentation_page.py

large: setup ## Send bodies as large as they may be, under the memory of their functions
	@$(PY) -m pytest -n auto --maxprocesses 4 -m large tests/functions/test_bombs.py

browser: .venv/ready ## Install what the tests of the pages look with: Debian's Chromium, a typeface, an accessibility checker
	@{ command -v chromium && fc-list | grep -q Inter; } >/dev/null 2>&1 || { apt-get update -q && apt-get install -yq --no-install-recommends chromium fonts-inter; }
	@mkdir -p .venv/browser && cp requirements/browser/package.json requirements/browser/package-lock.json .venv/browser/
	@cd .venv/browser && npm ci --ignore-scripts --no-audit --no-fund --loglevel error

images: setup browser ## Take the screenshots of docs/images anew
	@IMAGES=docs/images $(PY) -m pytest tests/pages/test_browser.py tests/pages/test_desk_*.py tests/pages/desk_sign_in.py tests/pages/documentation_page.py

schema: setup ## Try the API's document on the running local stack with all checks of schemathesis (MINUTES=2.5, SEED=...)
	@$(PY) -m tests.schema $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

coverage: setup ## Run every test and fail when it leaves out more than a tenth of what is deployed or a twentieth of the engine
	@rm -rf .coverage && mkdir .coverage
	@$(PY) -m coverage run -m $(TESTS)
	@$(PY) -m coverage combine -q
	@$(PY) -m coverage report --fail-under=90
	@set -o pipefail; $(PY) -m coverage report --include='engine/*' --fail-under=95 | sed -n 's/^TOTAL/engine/p'

check: lint types walls document client-document template scan build size prove ## Everything CI checks besides the tests

lint: setup
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: setup
	@$(PY) -m mypy

walls: setup
	@PYTHONPATH=client .venv/bin/lint-imports

client: setup ## Make the typed part of the client anew from docs/openapi.json
	@$(PY) client/generate.py

client-document: setup
	@$(PY) client/generate.py --check

document: setup ## Fail where docs/openapi.json is no OpenAPI, differs from the code, or would break callers of the last release
	@$(PY) -m openapi_spec_validator docs/openapi.json >/dev/null || { $(PY) -m openapi_spec_validator docs/openapi.json; exit 1; }
	@for seed in 0 1; do PYTHONHASHSEED=$$seed $(PY) -m infra.openapi --check --against docs/openapi-released.json || exit 1; done

template: $(DEPLOY)/ready
	@$(SAM) validate --lint
	@$(PY) -m layers.machines build/machines && $(DEPLOY)/bin/cfn-lint build/machines/*.json

build: $(DEPLOY)/ready ## Build functions and layers as they are deployed (ARCH=x86_64 or arm64)
	@ARCH=$(ARCH) $(SAM) build --parameter-overrides Architecture=$(ARCH)
	@mkdir -p build/sbom && for layer in runtime solver token viewer; do $(DEPLOY)/bin/python -m cyclonedx_py requirements --output-reproducible \
	  --of JSON -o build/sbom/$$layer.json requirements/$$layer.lock || exit 1; done

scan: $(DEPLOY)/ready .venv/scan/ready ## Ask a policy scanner about the template as CloudFormation gets it; what it is not asked, and why: .checkov.yaml
	@$(DEPLOY)/bin/python -m layers.translated build/template.json GradualReleases=true
	@LOG_LEVEL=CRITICAL .venv/scan/bin/python -m checkov.main --config-file .checkov.yaml -f build/template.json

size: setup ## Fail if a function with its layers passes its budget unzipped, or a library is not for ARCH (after make build)
	@$(PY) -m layers.size
	@$(PY) -m layers.processor $(ARCH)

prove: setup $(DEPLOY)/ready .venv/rie/ready ## Start every function from what was built; solve, decide and make a page from its layers (after make build)
	@$(PY) -m layers.proofs.solver
	@$(PY) -m layers.proofs.outcomes
	@$(PY) -m layers.proofs.pages
	@$(PY) -m layers.loads
	@$(PY) -m layers.proofs.starts

stage:
	@test -n "$(filter $(STAGES),$(ENV))" || { echo "name a stage: ENV=dev, uat or prod"; exit 2; }

way-back: stage setup
	@test "$(BACK)" = anyway || AWS_DEFAULT_REGION=$(call setting,region) $(PY) -m infra.way_back $(call setting,stack_name) $(call setting,parameter_overrides) $(PARAMETERS)

deploy: stage way-back build size ## Build, check and deploy a stage: make deploy ENV=dev|uat|prod [ARCH=arm64] [PARAMETERS="AlarmEmail=..."]
	@release=$$($(PY) -m layers.release $(call setting,parameter_overrides) Architecture=$(ARCH) $(PARAMETERS)) && \
	  $(SAM) deploy --config-env $(ENV) --parameter-overrides $(call setting,parameter_overrides) Architecture=$(ARCH) $(PARAMETERS) Release=$$release

soak: setup ## Look SOAK=20 times as far as the tests do, elsewhere each time, and play SEEDS=200 simulations of each kind
	@SOAK=$(SOAK) $(PY) -m pytest -m soak -n auto --maxprocesses 4 --timeout 0 tests
	@for cast in operations proposals; do \
		$(PY) -m tests.simulation 1001 --seeds $(SEEDS) --cast $$cast && \
		$(PY) -m tests.simulation 1001 --seeds $$(($(SEEDS) / 10 + 1)) --steps 50 --world aws --cast $$cast || exit 1; \
	done

bench: setup ## Measure the promises on speed
	@$(PY) -m tests.benchmarks

contract-strict: .venv/strict/ready ## Run the store contract a second time on a stricter DynamoDB emulator
	@$(PY) -m tests.contract.strict

cutover-check: setup ## Compare what is deployed with the template: ENV=dev|uat|prod, STACK=name, or the functions' variables
ifneq ($(filter $(STAGES),$(ENV)),)
	@AWS_DEFAULT_REGION=$(call setting,region) $(PY) -m infra.cutover $(or $(STACK),$(call setting,stack_name))
else
	@$(PY) -m infra.cutover $(STACK)
endif

lock: setup ## Renew requirements/*.lock from requirements/*.in
	@set -e; compile="$(UV) pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header"; \
	$$compile requirements/dev.in -o requirements/dev.lock; \
	$$compile -c requirements/dev.lock requirements/runtime.in -o requirements/runtime.lock; \
	for part in solver token viewer; do $$compile -c requirements/dev.lock requirements/$$part.in -o requirements/$$part.lock; done; \
	$$compile requirements/deploy.in -o requirements/deploy.lock; \
	$$compile requirements/strict.in -o requirements/strict.lock; \
	$$compile requirements/scan.in -o requirements/scan.lock; \
	$${compile/3.11/3.13} requirements/rie.in -o requirements/rie.lock

clean: ## Remove everything that make created
	@rm -rf .venv .aws-sam build .local
