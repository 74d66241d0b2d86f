# Two commands: `make run` and `make test`. Everything else is below `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
STAGE ?= dev
TARGET ?= global
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/shared
REPORTS := build/reports
GATE := $(BIN)/python -m infra.local.gate

.PHONY: help setup run test lint types contracts unit stack web-unit soak bench openapi synth deploy format clean-local clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z_-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/made .venv-aws/made node_modules/made ## install everything from pip and npm, once

preflight: ## look for what is missing, before anything is installed
	@$(PYTHON) -m infra.local.preflight

.venv/made: requirements/uv.txt requirements/dev.txt
	@echo "installing the tools and libraries"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --require-hashes -r requirements/uv.txt
	@.venv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements/dev.txt
	@touch $@

.venv-aws/made: .venv/made requirements/ministack.txt
	@echo "installing the local AWS"
	@test -x .venv-aws/bin/python || $(PYTHON) -m venv .venv-aws
	@.venv/bin/uv pip sync --quiet --require-hashes --python .venv-aws/bin/python requirements/ministack.txt
	@touch $@

node_modules/made: .venv/made package.json package-lock.json frontend/package.json
	@echo "installing the CDK command line and the page's libraries"
	@$(BIN)/npm ci --silent --no-progress
	@touch $@

run: preflight setup ## the whole platform on this machine; Ctrl-C stops it and keeps the data
	@exec $(BIN)/python -m infra.local

clean-local: ## forget the data of `make run`
	rm -rf .plume

test: setup ## everything CI runs; ends with a line that counts passed and failed
	@rm -rf $(REPORTS) && mkdir -p $(REPORTS)
	@$(GATE)

lint: .venv/made ## style
	@$(GATE) layout style

types: .venv/made node_modules/made ## types of Python and TypeScript
	@$(GATE) types "page types"

contracts: .venv/made ## who may import whom
	@$(GATE) contracts

unit: .venv/made ## every Python test that needs no running platform
	@$(GATE) python

web-unit: node_modules/made ## tests of the front end
	@$(GATE) page

stack: setup ## the whole platform and real browsers
	@$(GATE) platform

soak: .venv/made ## the fault tests at length: 10,000 kills, 100,000 cuts of power (hours; SHARE=0.1 for a tenth)
	PLUME_SOAK=$(or $(SHARE),1) $(BIN)/pytest -q -s tests/faults

bench: setup ## print every figure: name value unit goal ok|short (BENCH=word chooses)
	@$(BIN)/python -m tests.speed.bench $(BENCH)

openapi: setup ## write shared/contract/openapi.json and the page's types anew
	$(BIN)/python -m plume.wire.openapi_file shared/contract/openapi.json
	npm run --silent api:types -w frontend

synth: setup ## write the templates (TARGET=global|china|local STAGE=dev|prod)
	node_modules/.bin/cdk synth --quiet -c target=$(TARGET) -c stage=$(STAGE) $(CDK_ARGS)

deploy: setup ## deploy to AWS with the credentials of the environment (STAGE=dev|prod TARGET=global|china)
	npm run --silent build -w frontend
	node_modules/.bin/cdk deploy --all -c target=$(TARGET) -c stage=$(STAGE) $(CDK_ARGS)

format: .venv/made ## lay out the code
	ruff format .
	ruff check --fix .

clean: ## forget everything that can be made again
	rm -rf .venv .venv-aws node_modules frontend/dist build cdk.out .plume .plume-test .plume-bench
