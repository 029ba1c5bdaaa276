# Reprise. Every target does the set-up it needs on a Debian 12: `make help` says which there are.
SHELL := /bin/bash
.DEFAULT_GOAL := build
MAKEFLAGS += --no-print-directory
.PHONY: build serve test unit e2e bench sanitize fuzz format lint tidy help clean

JOBS ?= $(shell nproc)
WORKERS ?= $(shell expr 2 '*' $(JOBS)) # of the end-to-end tests, which wait half of their time: docs/decisions/0012
PYTHON := /usr/bin/python3 # Debian's: boto3 and pytest are its packages, whatever else is first on the PATH
BUILD := build
FUZZ_SECONDS ?= 10
export CCACHE_DIR ?= $(CURDIR)/.cache/ccache
# Where tools/setup puts a current node on a machine whose own is too old.
export PATH := $(CURDIR)/.cache/node/node_modules/node/bin:$(PATH)

# $(call configure,DIR,OPTIONS): CMake runs again by itself when a list of files changes.
configure = test -f $(1)/build.ninja || cmake -G Ninja -S . -B $(1) \
	-DCMAKE_CXX_COMPILER_LAUNCHER=ccache $(2) >$(1).configure.log 2>&1 || { cat $(1).configure.log; exit 1; }
compile = ninja -C $(1) -j $(JOBS) --quiet $(2)

build: ## install what is missing and leave an optimized build/reprise
	@tools/setup build
	@$(call configure,$(BUILD))
	@$(call compile,$(BUILD),reprise)
	@echo "build: $(BUILD)/reprise"

serve: build ## build and run the server on data/; ARGS="--environment production" passes more flags
	@exec $(BUILD)/reprise serve --data data $(ARGS)

test: ## build and run every test
	@tools/setup build test
	@$(MAKE) tidy
	@$(call configure,$(BUILD))
	@$(call compile,$(BUILD))
	@$(MAKE) unit e2e
	@echo "test: every test passed"

tidy: ## include directions and budgets of the sources
	@$(PYTHON) tools/tidy
	@$(PYTHON) -B tools/tidy_test.py

unit: # needs what `make test` builds
	@$(PYTHON) tools/unit_tests $(BUILD)

e2e: # needs build/reprise
	@$(PYTHON) -B -m pytest -q -n $(WORKERS) --dist loadgroup test

bench: ## measure the figures of bench/RESULTS.md
	@tools/setup build bench
	@$(call configure,$(BUILD))
	@$(call compile,$(BUILD),reprise reprise-load reprise-baseline-rocksdb reprise-baseline-http reprise-baseline-file)
	@$(PYTHON) bench/run.py $(BUILD) --write

sanitize: ## the unit tests and a running server under ASan and UBSan, then under TSan
	@tools/setup build test
	@$(call configure,build-asan,-DCMAKE_BUILD_TYPE=Debug -DREPRISE_SANITIZE=address$(comma)undefined)
	@$(call compile,build-asan)
	@$(PYTHON) tools/unit_tests build-asan
	@REPRISE_BINARY=build-asan/reprise $(PYTHON) -B -m pytest -q test/smoke
	@$(call configure,build-tsan,-DCMAKE_BUILD_TYPE=Debug -DREPRISE_SANITIZE=thread)
	@$(call compile,build-tsan)
	@$(PYTHON) tools/unit_tests build-tsan
	@REPRISE_BINARY=build-tsan/reprise $(PYTHON) -B -m pytest -q test/smoke
	@echo "sanitize: no finding"

fuzz: ## build every fuzzer with clang and run each for FUZZ_SECONDS
	@tools/setup build fuzz
	@$(call configure,build-fuzz,-DREPRISE_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++-14)
	@$(call compile,build-fuzz,fuzzers)
	@$(PYTHON) tools/run_fuzzers build-fuzz $(FUZZ_SECONDS)

format: ## clang-format every source
	@tools/setup lint
	@git ls-files -co --exclude-standard '*.h' '*.cc' | xargs clang-format -i

lint: ## clang-format, clang-tidy (FILES=... for some), every header alone, tools/tidy
	@tools/setup build lint
	@git ls-files -co --exclude-standard '*.h' '*.cc' | xargs clang-format --dry-run -Werror
	@$(MAKE) tidy
	@$(call configure,build-lint,-DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++-14)
	@$(call compile,build-lint,headers)
	@run-clang-tidy -quiet -p build-lint -j $(JOBS) $(or $(FILES),'$(CURDIR)/src/.*\.cc$$') 2>/dev/null
	@echo "lint: no finding"

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

clean: ## remove what the other targets built (data/ stays)
	@rm -rf $(BUILD) build-asan build-tsan build-fuzz build-lint *.configure.log

comma := ,
