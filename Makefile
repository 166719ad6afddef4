# Every target does its own set-up: the first run on a new machine builds what it needs (see README).
.PHONY: demo test check unit component stores interop integration e2e perf soak crds image images operator
.PHONY: cluster cluster-down venv
SHELL := /bin/bash
PYTEST = hack/cluster exec -- .venv/bin/pytest
PARALLEL = --numprocesses=logical --dist=worksteal

demo: operator              ## two tasks on a real node: one succeeds, one fails
	hack/cluster load debian:trixie-slim
	hack/cluster exec -- .venv/bin/python hack/demo.py

test: check unit component stores interop integration e2e

check: venv                 ## what can be said without running anything
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	hack/venv check
	.venv/bin/python hack/crds.py --check
	.venv/bin/python hack/chart.py --check
	.venv/bin/python hack/reasons.py --check
	.venv/bin/python hack/podfields.py --check
	python3 hack/sdks.py check
	.venv/bin/python hack/templates.py --check
	hack/go check

unit: venv
	.venv/bin/pytest tests/unit $(PARALLEL)
	hack/go test

component: venv
	hack/go build
	.venv/bin/pytest tests/component $(PARALLEL)

stores: venv                ## against a real S3 server
	hack/go build
	hack/netguard
	.venv/bin/pytest tests/stores

interop: venv               ## Flyte's own SDKs read our files, and we read theirs
	python3 hack/sdks.py
	.venv/bin/pytest tests/interop

integration: images         ## against a real API server
	$(PYTEST) tests/integration

e2e: operator               ## on a real node
	$(PYTEST) tests/e2e -m "not alone" --numprocesses=6 --dist=worksteal
	$(PYTEST) tests/e2e -m alone

PERF = PYTHONPATH=tests:hack hack/cluster exec -- .venv/bin/python -m

perf: operator              ## prints tables; on an idle machine
	hack/go build
	$(PERF) perf.latency
	$(PERF) perf.copilot_start
	$(PERF) perf.launcher
	$(PERF) perf.operator
	$(PERF) perf.cluster
	$(PERF) perf.transfer
	$(PERF) perf.files

soak: operator              ## many runs, and 5,000 tasks while operator and API server are taken away
	hack/go build
	MODEL_EXAMPLES=5000 .venv/bin/pytest tests/component/test_model.py
	$(PERF) perf.soak
	$(PERF) perf.chains
	$(PERF) perf.storm

crds: venv                  ## writes crds/ from the models
	.venv/bin/python hack/crds.py

image:                      ## the product's one image
	hack/cluster build containertask/operator:dev .

images: image cluster venv
	for kind in shell static entrypoint; do \
	  hack/cluster build containertask-test/$$kind:dev tests/images --target $$kind || exit 1; done
	hack/s3image
	hack/cluster load containertask/operator:dev containertask-test/{shell,static,entrypoint,s3}:dev

operator: images            ## the chart, in the test cluster
	hack/cluster exec -- .venv/bin/python hack/install.py

cluster:
	hack/cluster up

cluster-down:
	hack/cluster down

venv:
	@hack/venv sync
