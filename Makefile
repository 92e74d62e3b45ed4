# What a clone offers. Every target installs what it needs: only Node.js, npm, git and make have to be there.
# ARGS="..." is handed on as it stands, e.g. make train ARGS="optimizer.learningRate=3e-4 seed=7"

pnpmVersion := 10.34.9
pnpm := .tools/node_modules/.bin/pnpm
# Stamps: empty files that say what is there. The second lies in node_modules and goes with that folder.
pnpmInstalled := .tools/pnpm-$(pnpmVersion)
installed := node_modules/.installed

# pnpm runs scripts under the Node.js that the lock file pins for Linux x64; tests but those of `processes` run under the one that make
# was called with: the oldest that is supported has to pass them.
vitest := node node_modules/vitest/vitest.mjs run

# Scripts of package.json may call pnpm themselves.
export PATH := $(CURDIR)/.tools/node_modules/.bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup train sweep test check golden leaks processes crash compare track native node lint-experiments
.PHONY: ci-compare ci-snapshots ci-comment ci-post ci-sweep

help:
	@echo 'make train   three learning rates of a small BERT on the spam data set; run again, it finds them finished'
	@echo 'make sweep   the same with three seeds each'
	@echo 'make test    the test suite; ARGS= names files or options of vitest, PROPERTY_SEED=random draws other cases'
	@echo 'make check   types, lint, experiments, format, dead code, then the tests'
	@echo 'make lint-experiments   exp lint over the experiments and schemas of this repository'
	@echo 'make golden  the bits of 50 training steps of each model, with 1, 2 and 3 threads under Node.js 20, 22, 24 and 26'
	@echo 'make leaks   tensors and memory over 2,000 steps with evaluations and checkpoints'
	@echo 'make processes   whole commands by the dozen: the pages of docs/, wrong input, shells, runs that are stopped, executed again, spread out'
	@echo 'make crash   kills, faulty disks and losses of power against the store; CRASH=full make crash takes its time'
	@echo 'make native  installs the backend native, then its contract and runs; downloads 0.3 GB, skipped without a network'
	@echo 'make compare TORCH_PYTHON=/path/to/python   losses and gradients against PyTorch'
	@echo 'make track TRACK_PYTHON=/path/to/python   runs read back by TensorBoard, pandas and the like; makes a Python where none is named'
	@echo 'make setup   installs pnpm $(pnpmVersion) into .tools and the dependencies; the others do it themselves'
	@echo 'make ci-compare | ci-snapshots | ci-comment | ci-post | ci-sweep   the steps of .github/workflows'
	@echo 'Training and processes run under the Node.js 24 that is installed on Linux x64, the other tests under the one on the PATH.'
	@echo 'ARGS="..." is handed on: make train ARGS="optimizer.learningRate=3e-4 seed=7"'

setup: $(installed)
	@echo 'Ready: make train, or $(pnpm) exp FILE'

train: $(installed)
	$(pnpm) --silent exp experiments/bert-lr.ts $(value ARGS)

sweep: $(installed)
	$(pnpm) --silent exp experiments/bert-lr.ts "seed=range(1,4)" $(value ARGS)

test: $(installed)
	$(vitest) $(value ARGS)

check: $(installed)
	$(pnpm) --silent types
	$(pnpm) --silent lint
	$(pnpm) --silent exp lint
	$(pnpm) --silent format:check
	$(pnpm) --silent dead-code
	$(vitest) $(value ARGS)

lint-experiments: $(installed)
	$(pnpm) --silent exp lint $(value ARGS)

golden: $(installed)
	@node --import tsx tests/golden/golden.ts

leaks: $(installed)
	SLOW_TESTS=1 $(vitest) --project slow $(value ARGS)

processes: $(installed)
	PROCESS_TESTS=1 $(pnpm) --silent test --project processes $(value ARGS)

crash: $(installed)
	CRASH=$${CRASH:-short} $(vitest) --project crash $(value ARGS)

native: $(installed)
	@if ! npm view node-api-headers@1.9.0 version >/dev/null 2>&1; then \
	  echo 'SKIPPED: no package registry can be reached, so the backend native was neither installed nor tested.' >&2; \
	else node src/cli/exp.cjs backend install native && node src/cli/exp.cjs backend test native \
	  && $(vitest) --project unit tests/unit/backend/contract.native.test.ts tests/unit/backend/native \
	  && PROCESS_TESTS=1 $(vitest) --project processes tests/processes/native.test.ts tests/processes/native-stopped.test.ts; fi

compare: $(installed)
	@TORCH_PYTHON="$(TORCH_PYTHON)" node --import tsx tests/compare/compare.ts

track: $(installed)
	@TRACK_PYTHON="$(TRACK_PYTHON)" .ci/track $(value ARGS)

# Steps of .github/workflows. What is typed or named by others comes in variables of the environment, which the shell expands
# as words: make would expand it as make's own language.
ci-compare: $(installed)
	@$(pnpm) --silent exp ci --base "$$BASE" --to "$$DOCUMENT"

ci-snapshots: $(installed)
	@$(pnpm) --silent exp snapshot --check

ci-comment: $(installed)
	@$(pnpm) --silent exp ci comment "$$DOCUMENT" > "$$COMMENT"

ci-post:
	@.ci/post-comment

ci-sweep: $(installed)
	@.ci/sweep

$(installed): package.json pnpm-lock.yaml pnpm-workspace.yaml .pnpmfile.cjs | $(pnpmInstalled)
	@echo 'Installing the dependencies'
	@$(pnpm) install --frozen-lockfile --loglevel=warn
	@touch $(installed)

$(pnpmInstalled): | node
	@command -v npm >/dev/null || { echo 'npm was not found on the PATH; it comes with Node.js: https://nodejs.org' >&2; exit 1; }
	@echo 'Installing pnpm $(pnpmVersion) into .tools'
	@npm install --prefix .tools --globalconfig "$$(npm config get globalconfig)" --no-save --no-package-lock --no-audit --no-fund --loglevel=error pnpm@$(pnpmVersion) >/dev/null
	@touch $(pnpmInstalled)

# Written for any Node.js version, however old, so that an old one gets this message and no syntax error.
refuseOldNode := var v = process.versions.node.split("."); \
  if (v[0] < 20 || (v[0] == 20 && v[1] < 19)) { \
  console.error("Lockstep needs Node.js 20.19 or newer; this is " + v.join(".") + ": https://nodejs.org"); \
  process.exit(1); }

node:
	@command -v node >/dev/null || { echo 'Node.js was not found on the PATH; Lockstep needs 20.19 or newer: https://nodejs.org' >&2; exit 1; }
	@node -e '$(refuseOldNode)'
