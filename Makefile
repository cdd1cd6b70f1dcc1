# `make run` and `make test` are all one needs; the work is done in scripts/.

.DEFAULT_GOAL := help

# Build artefacts live in the user's cache, so that every clone on a machine reuses them.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hearth/target

.PHONY: help run test soak bench openapi screenshots fmt clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1 — /p' Makefile

run: ## build, fill a demo workspace and serve it (HEARTH_DATA, HEARTH_LISTEN)
	@scripts/run.sh

test: ## format, policy, clippy, all tests on SQLite and PostgreSQL, end to end
	@scripts/test.sh

soak: ## the long kill test (HEARTH_KILL_ROUNDS, 50 unless set)
	@scripts/soak.sh

bench: ## measure speed and memory beside their yardsticks
	@scripts/bench.sh

openapi: ## write docs/openapi.json from the code
	@scripts/openapi.sh

screenshots: ## write pictures of every page of the app to docs/screenshots
	@scripts/screenshots.sh

fmt: ## format the Rust code
	@cargo fmt --all

clean: ## remove build artefacts and Python environments, never data
	@scripts/clean.sh
