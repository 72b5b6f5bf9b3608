# Everything from Python 3.11 or newer, git and make alone: the environment is made here, in .venv, from the
# hashes in requirements/. A second run installs nothing and needs no network.
VENV ?= .venv
LAB ?= .venv-lab
LITE ?= .venv-lite
SITE ?= build/site

# Run $(call in,ENVIRONMENT,SETS): bring the environment to the locked sets.
in = python=$$(VENV="$(1)" PYTHON="$(PYTHON)" sh tools/python.sh) && "$$python" tools/environment.py --at "$(1)" $(2)

AXE = axe-core-4.14.1.tgz

.PHONY: help environment reproduce notebooks test browser cluster lab site classroom lessons docs graders bench extras faults fuzz audit sbom check architecture coverage mutants portability lock clean distclean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile
	@echo 'Variables: PYTHON=python3.12 (the interpreter to start from), VENV=.venv (where the environment is)'

environment: ## Make .venv, or bring it to what requirements/lean.txt locks
	@$(call in,$(VENV),lean)

reproduce: environment ## Rebuild the tidy tables, the notebooks, every exhibit and the page (ARGS='--force')
	@"$(VENV)/bin/ffstats" reproduce --report $(ARGS)

notebooks: environment ## Reproduce, and keep the outputs in the notebooks as they are stored
	@"$(VENV)/bin/ffstats" reproduce --store $(ARGS)

test: ## Run all tests (ARGS='-k places' is passed to pytest)
	@$(call in,$(VENV),lean dev annotate publish)
	@"$(VENV)/bin/python" -m pytest -n logical --maxprocesses 4 --dist loadfile $(ARGS)

browser: ## Test the page in a browser: needs Debian's chromium, and npm for axe-core
	@$(call in,$(VENV),lean dev annotate browser)
	@test -f "$(VENV)/$(AXE)" || npm pack --silent --pack-destination "$(VENV)" $(subst -4,@4,$(AXE:.tgz=)) >&2
	@FFSTATS_AXE="$(VENV)/$(AXE)" "$(VENV)/bin/python" -m pytest -m browser tests/browser $(ARGS)

cluster: ## Test sweeps on a Dask cluster that the tests start
	@$(call in,$(VENV),lean dev cluster)
	@"$(VENV)/bin/python" -m pytest -m cluster tests/test_sweep_cluster.py $(ARGS)

lab: ## Open JupyterLab, from an environment of its own: in .venv it would slow every import
	@$(call in,$(LAB),lab)
	@test -f "$(LAB)/etc/jupyter/labconfig/page_config.json" || \
		"$(LAB)/bin/jupyter" labextension disable --level=sys_prefix \
		@jupyterlab/apputils-extension:announcements >/dev/null 2>&1
	@"$(LAB)/bin/jupyter" lab --notebook-dir=notebooks --LabApp.news_url=None \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate $(ARGS)

site: ## Build the site that runs the lessons in a browser (SITE=folder, STUDENT=a student's zip)
	@$(call in,$(LITE),lite)
	@test -n "$(STUDENT)" || "$(LITE)/bin/ffstats" teach release build/release
	@"$(LITE)/bin/python" tools/site.py "$(or $(STUDENT),build/release/student.zip)" "$(SITE)"

classroom: ## Test the lessons in JupyterLab, as students meet them: needs Debian's chromium
	@$(call in,$(LAB),lab)
	@$(call in,$(VENV),lean dev annotate browser)
	@"$(VENV)/bin/ffstats" teach release build/release
	@FFSTATS_LAB="$(LAB)/bin/jupyter" FFSTATS_STUDENT=build/release/student.zip \
		"$(VENV)/bin/python" -m pytest -m classroom tests/browser -k "not site" $(ARGS)

lessons: site ## Test the lessons on that site as well: minutes for each, for Python runs in the browser
	@$(call in,$(VENV),lean dev annotate browser)
	@FFSTATS_SITE="$(SITE)" "$(VENV)/bin/python" -m pytest -m classroom tests/browser -k site $(ARGS)

docs: ## Write the documentation into build/docs, for reading without a network
	@$(call in,$(VENV)-docs,lean docs)
	@"$(VENV)-docs/bin/python" -m sphinx -q -W --keep-going -b html docs build/docs
	@echo "build/docs/index.html"

graders: ## Test the exports with the real otter-grader and nbgrader, from an environment of their own
	@$(call in,$(VENV)-graders,lean graders)
	@$(call in,$(VENV),lean dev)
	@FFSTATS_GRADERS="$(VENV)-graders/bin" "$(VENV)/bin/python" -m pytest -m graders tests/graders $(ARGS)

bench: ## Measure every way to rebuild, sweeps and cleaning; write bench/results and the README's table
	@$(call in,$(VENV),lean dev)
	@"$(VENV)/bin/python" bench/bench.py $(ARGS)

extras: ## Add what the paper, the certificate and reading PDF and Word need, as locked
	@$(call in,$(VENV),lean annotate publish)

faults: ## Run the commands while processes are killed, the disk is full, the clock jumps (ARGS='--part 1 --count')
	@$(call in,$(VENV),lean dev)
	@"$(VENV)/bin/python" tests/faults/faults.py $(ARGS)

fuzz: ## Feed every reader of foreign text with strange inputs (ARGS='--executions 10000000 --seconds 9000 --count'; SHORT=1: 200,000, the same for one commit)
	@$(call in,$(VENV),lean dev annotate fuzz)
	@"$(VENV)/bin/python" tests/fuzz/fuzz.py $(or $(ARGS),$(if $(SHORT),--executions 200000 --seed 0x$$(git rev-parse --short=8 HEAD)))

audit: ## Ask whether advisories are known for what the locks pin; says so where nothing can be asked
	@$(call in,$(VENV)-audit,audit)
	@"$(VENV)-audit/bin/python" tools/audit.py $(ARGS)

sbom: ## Write the bill of materials and the list of licences from the locks
	@$(call in,$(VENV),lean annotate publish cluster)
	@"$(VENV)/bin/python" tools/sbom.py

check: ## Look for what tools can see: style, strict types, the direction of imports
	@$(call in,$(VENV),lean dev annotate publish)
	@"$(VENV)/bin/ruff" check .
	@"$(VENV)/bin/mypy"
	@"$(VENV)/bin/python" -m pytest -q tests/test_architecture.py

architecture: environment ## Write docs/trust/architecture.md from the imports
	@"$(VENV)/bin/python" tools/architecture.py

coverage: ## Run all tests, write docs/trust/coverage.md, fail on what is missed for no reason given
	@$(call in,$(VENV),lean dev annotate publish)
	@"$(VENV)/bin/python" -m pytest -n logical --maxprocesses 4 --dist loadfile --cov --cov-report= $(ARGS)
	@"$(VENV)/bin/python" tools/uncovered.py

mutants: ## Make small mistakes in the core and see whether the tests notice (ARGS='collate --sample 50')
	@$(call in,$(VENV),lean dev)
	@nice -n 19 "$(VENV)/bin/python" tools/mutants.py $(ARGS)

portability: ## Try each Python found, oldest and newest libraries, wheel and sdist (SHORT=1: the wheel)
	@$(call in,$(VENV),lean dev)
	@"$(VENV)/bin/python" tools/portability.py $(or $(ARGS),$(if $(SHORT),--quick))

lock: environment ## Lock again after a change to pyproject.toml (UPGRADE=1: to the newest versions)
	@"$(VENV)/bin/python" tools/lock.py $(if $(UPGRADE),--upgrade)

clean: ## Remove caches and executed notebooks; data/processed, results and the environments stay
	@rm -rf results/notebooks .ffstats .pytask .pytest_cache .hypothesis .ruff_cache .mypy_cache build dist
	@find src tests tools notebooks -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## Remove the environments too
	@rm -rf "$(VENV)" "$(VENV).lock" "$(LAB)" "$(LAB).lock" "$(LITE)" "$(LITE).lock" "$(VENV)-graders" "$(VENV)-graders.lock" "$(VENV)-audit" "$(VENV)-audit.lock"
