# The two commands are `make run` and `make test`. Everything they need they install themselves.
SHELL := bash
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test check bench simulate soak crash gallery lock clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: ## what running needs: system libraries, .venv, translations (idempotent)
	@scripts/setup run </dev/null

setup-test: ## the same for testing
	@scripts/setup test </dev/null

run: ## the demo: station, device box and centre with a sample library (FULLSCREEN=1, KEEP=1, SCREEN=vnc)
	@scripts/setup run </dev/null 1>&2
	@exec $(PY) -m kiosk.demo

test: setup-test ## everything CI checks
	@scripts/check

check: ## the checks alone, without set-up
	@scripts/check

bench: ## figures beside a peer or a limit (ONLY=latency JSON=1)
	@scripts/setup test </dev/null 1>&2
	@$(PY) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(JSON),--json)

simulate: ## whole networks in virtual time, with everything that goes wrong (SCHEDULES=n SEED=s)
	@scripts/setup test </dev/null 1>&2
	@$(PY) -m tests.simulation --schedules $(or $(SCHEDULES),2000) --seed $(or $(SEED),1)

soak: ## real processes, killed on a line that fails, for MINUTES=3 (SEED=s)
	@scripts/setup test </dev/null 1>&2
	@$(PY) -m tests.soak --minutes $(or $(MINUTES),3) --seed $(or $(SEED),1)

crash: ## power cuts in the middle of the journal's writing: nothing may be lost (IMAGES=5000 SEED=1)
	@scripts/setup test </dev/null 1>&2
	@$(PY) -m tests.crash $(if $(IMAGES),--images $(IMAGES)) $(if $(SEED),--seed $(SEED))

gallery: ## every screen as a picture, in var/gallery
	@scripts/setup test </dev/null 1>&2
	@$(PY) scripts/gallery.py var/gallery

lock: ## renew the lock files from pyproject.toml and peers.in (needs uv)
	@scripts/lock

clean: ## remove what can be made again
	@rm -rf .venv .venv-peers build var .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
