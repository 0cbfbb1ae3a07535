# Needs Go, Python 3 with venv, and package registries. Everything else is installed here, pinned.

PYTHON ?= python3
BINARY := bin/scaler_worker_manager
COMPILE := $(PYTHON) scripts/compile.py
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64
RELEASES := $(shell $(PYTHON) scripts/venvs.py --list)
SHOWN ?= 2.9.0
BENCHED := 1.26.6 2.9.0
SECOND ?= 3.13
FUZZTIME ?= 60s
SOAK ?= 10m
CHAOS ?= 30m
SCALE ?= all
LIBRARIES ?= all
# Those that no scheduler of upstream's has a part in, and need no other release than the newest.
FAULTS_OF_TEST := TestFaultCycles|TestFaultSoak|TestFaultCrowd|TestFaultHost|TestFaultParent|TestFaultEarly|TestFaultMemory|TestFaultTracker/2.9.0|TestFaults/all/(worker_SIGKILL|processor_SIGKILL|worker_host|manager_SIG|scale-down|tasks_that_detach).*2.9.0

# A smaller set for workers that have Scaler's own agent, which are the fallback.
TESTS_OF_SCALERS_AGENT := TestFixed|TestDynamic|TestFaultParent|TestFaults/all/(worker_SIGKILL|processor_SIGKILL|manager_SIGKILL).*2.9.0

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build the static binary: bin/scaler_worker_manager, and bin/scaler-native, a link to it
	$(COMPILE) $(BINARY)
	ln -sf $(notdir $(BINARY)) bin/scaler-native

.PHONY: platforms
platforms: ## compile and vet for every platform, to see that it does
	for platform in $(PLATFORMS); do $(COMPILE) /dev/null $$platform || exit 1; \
		(cd go && CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} go vet ./...) || exit 1; done

.PHONY: packaging
packaging:
	$(PYTHON) scripts/venvs.py packaging

.PHONY: wheel
wheel: packaging ## build the wheels of the platforms that Scaler has wheels for, and the sdist: dist/
	$(PYTHON) scripts/release.py --wheels

.PHONY: release
release: packaging ## build and check all that a release consists of; nothing is published: dist/
	$(PYTHON) scripts/release.py

.PHONY: installs
installs: packaging ## install in every way (pip, uv, pipx; wheel, sdist, editable) on every Python of this machine
	$(PYTHON) scripts/installs.py

.PHONY: demo
demo: build ## run the page's quick starts on a real cluster (SHOWN=release)
	$(PYTHON) scripts/venvs.py $(SHOWN)
	$(PYTHON) scripts/demo.py $(SHOWN)

.PHONY: venvs
venvs: ## make a virtual environment for each tested release of Scaler
	$(PYTHON) scripts/venvs.py
	$(PYTHON) scripts/venvs.py packaging bench-2.9.0

.PHONY: test
test: check unit python examples integration ## run everything, on every release

.PHONY: fast
fast: build ## the loop while you change something: vet, unit tests, and a real cluster of the newest release (SHOWN=release)
	@$(PYTHON) scripts/venvs.py $(SHOWN)
	cd go && go vet ./... && go test ./...
	cd integration && SCALER_RELEASES=$(SHOWN) go test -count=1 -run '^(TestFixed|TestQuickStartPage)$$' ./workers

.PHONY: check
check: platforms lint-go lint-python vulnerabilities ## linters, all platforms compile, drift of what is generated
	@unformatted=$$(gofmt -l go integration python); [ -z "$$unformatted" ] || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	cd go && go mod verify >/dev/null
	scripts/schema --check
	$(PYTHON) scripts/notices.py --check

GO_TOOLS := build/tools/made
$(GO_TOOLS): tools/go.mod tools/go.sum
	cd tools && GOWORK=off go build -o ../build/tools/ tool
	touch $@

.PHONY: lint-go
lint-go: $(GO_TOOLS) ## golangci-lint over the Go modules: .golangci.yml
	for module in go integration python; do \
		(cd $$module && ../build/tools/golangci-lint run --config ../.golangci.yml) || exit 1; done

.PHONY: vulnerabilities
vulnerabilities: $(GO_TOOLS) ## known vulnerabilities in what the binary calls, if the database can be reached
	@mkdir -p build; cd go && ../build/tools/govulncheck ./cmd/scaler_worker_manager > ../build/vulnerabilities.txt 2>&1; \
	status=$$?; cat ../build/vulnerabilities.txt; \
	if grep -q '^govulncheck: fetching vulnerabilities' ../build/vulnerabilities.txt; then \
		echo "vulnerabilities were NOT checked: their database cannot be reached from here"; else exit $$status; fi

.PHONY: lint-python
lint-python: ## ruff over all Python files, shellcheck over all shell scripts
	$(PYTHON) scripts/venvs.py checks
	.venvs/checks/bin/ruff check .
	.venvs/checks/bin/ruff format --check .
	.venvs/checks/bin/shellcheck .ci/run $(wildcard examples/*.sh)

.PHONY: coverage-python
coverage-python: ## coverage of the Python side by its tests on release 2.9.0, in the forks of the host too
	$(PYTHON) scripts/venvs.py coverage-2.9.0
	rm -f build/coverage-python* && mkdir -p build
# Failures are left to `make python`: tests that look at imports and exits see coverage's own.
	-cd python && ../.venvs/coverage-2.9.0/bin/python -m coverage run -m unittest discover -b -s tests -t .
	cd python && ../.venvs/coverage-2.9.0/bin/python -m coverage combine -q
	cd python && ../.venvs/coverage-2.9.0/bin/python -m coverage report

.PHONY: unit
unit: ## Go tests with the race detector, and how much of the code they run
	@mkdir -p build
	cd go && go test -race -coverprofile=../build/coverage.txt ./...
	@cd go && go tool cover -func=../build/coverage.txt | tail -1

.PHONY: python
python: venvs ## tests of the Python side, and drift of the golden frames, on every release; of the benchmarks' decisions
	cd scripts && $(PYTHON) -m unittest discover -s tests -t .
	@mkdir -p build
	$(MAKE) --no-print-directory -j 2 $(PYTHON_OF)

# The tests of a release take all of one core, and mind no others.
PYTHON_OF := $(addprefix python-,$(RELEASES))
.PHONY: $(PYTHON_OF)
$(PYTHON_OF): python-%:
	@{ .venvs/$*/bin/python -m unittest discover -s python/tests -t python && \
		.venvs/$*/bin/python scripts/golden_frames.py --check schema/golden/$*; } > build/python-$*.log 2>&1 || \
		{ cat build/python-$*.log; echo "Scaler $*: failed"; exit 1; }
	@echo "Scaler $*: $$(grep '^Ran ' build/python-$*.log), $$(tail -1 build/python-$*.log)"

.PHONY: examples
examples: build ## tests of examples/
	$(PYTHON) scripts/venvs.py $(SHOWN) examples
	PATH="$$PWD/.venvs/examples/bin:$$PATH" .venvs/examples/bin/python -m unittest discover -s examples/tests -t examples/tests

.PHONY: integration
integration: build venvs ## the built binary against real schedulers and clients of every release, and some faults on the newest
	cd integration && go test -count=1 -p 1 -timeout 40m -skip '^Test(Fault|Scale|Chaos)' ./...
	cd integration && go test -count=1 -timeout 20m -parallel 3 -run '$(FAULTS_OF_TEST)' ./faults
	cd integration && SCALER_TEST_AGENT=scaler go test -count=1 -p 1 -timeout 20m -parallel 3 -run '$(TESTS_OF_SCALERS_AGENT)' ./workers ./faults
	cd integration && go test -count=1 -timeout 20m -parallel 3 -run 'TestScale' ./faults

.PHONY: faults
faults: build venvs ## every fault on three releases, beside Scaler's own manager: docs/faults.md (as root; takes half an hour)
	cd integration && SCALER_FAULTS=all SCALER_FAULTS_TABLE=$(CURDIR)/docs/faults.md go test -count=1 -timeout 90m -parallel 6 -run TestFault -v ./faults

.PHONY: remote
remote: build venvs ## Scaler's own ECS, OCI and EC2 managers of every release start this program: docs/remote.md
	cd integration && SCALER_REMOTE=all go test -count=1 -timeout 20m -parallel 3 -v ./remote

.PHONY: faults-scaler
faults-scaler: build venvs ## the same faults for workers that have Scaler's own agents, of no table
	cd integration && SCALER_TEST_AGENT=scaler SCALER_FAULTS=all go test -count=1 -timeout 90m -parallel 6 -run TestFault -v ./faults

.PHONY: parity
parity: build venvs ## the same odd tasks under Scaler's own manager and this one, on every release
	cd integration && SCALER_RELEASES="$(RELEASES)" go test -count=1 -timeout 40m -run TestParity -v ./parity

.PHONY: conformance
conformance: build venvs ## the same scheduler talks to Scaler's own agents and to those of this manager, on five releases
	cd integration && SCALER_RELEASES="1.26.6 2.0.20 2.3.3 2.6.0 2.9.0" go test -count=1 -timeout 30m -run TestConformance -v ./conformance

.PHONY: hosts
hosts: build venvs ## several hosts, as network namespaces: latency, partitions, clocks, 50 managers: docs/hosts.md (as root; takes 20 minutes)
	cd integration && SCALER_HOSTS=all SCALER_RELEASES="1.26.6 2.3.3 2.9.0" go test -count=1 -timeout 60m -v ./hosts

.PHONY: compat
compat: build ## every published release on every Python of this machine: docs/compatibility.md (OPTIONS=--help)
	$(PYTHON) scripts/compat.py $(OPTIONS)

.PHONY: limits
limits: build venvs ## every narrow place, beside Scaler's own manager: docs/limits.md (as root; takes three minutes)
	cd integration && SCALER_LIMITS=all SCALER_LIMITS_TABLE=$(CURDIR)/docs/limits.md go test -count=1 -timeout 20m -parallel 12 -v ./limits

.PHONY: libraries
libraries: build ## tasks with real libraries under both managers: docs/libraries.md (LIBRARIES=names; SECOND=python too)
	$(PYTHON) scripts/venvs.py libraries-2.9.0
	$(PYTHON) scripts/venvs.py --second '$(SECOND)' libraries-2.9.0
	cd integration && for environment in libraries-2.9.0 py$(SECOND)-libraries-2.9.0; do \
		[ ! -d ../.venvs/$$environment ] || SCALER_LIBRARIES='$(LIBRARIES)' SCALER_LIBRARIES_ENVIRONMENT=$$environment \
		go test -count=1 -timeout 40m -run 'TestLibraries|TestMemory' -v ./libraries || exit 1; done

.PHONY: soak
soak: build venvs ## work with faults at random for SOAK (a Go duration)
	cd integration && SCALER_SOAK=$(SOAK) go test -count=1 -timeout 0 -run TestFaultSoak -v ./faults

.PHONY: chaos
chaos: build venvs ## any signal to any process under tasks of all kinds on three releases, for CHAOS (a Go duration); as root
	cd integration && SCALER_CHAOS=$(CHAOS) go test -count=1 -timeout 0 -parallel 3 -run TestChaos -v ./faults

.PHONY: scale
scale: build venvs ## 700 and 1000 workers of one manager on two releases (SCALE=numbers; 1000 take 13 GB); as root
	cd integration && SCALER_SCALE='$(SCALE)' go test -count=1 -timeout 60m -run TestScale -v ./faults

.PHONY: bench
bench: build ## compare with Scaler's own manager, Dask, Ray and raw forks in 45 minutes: docs/benchmarks.md (SECOND=python; RESUME=1)
	$(PYTHON) scripts/venvs.py $(BENCHED) $(addprefix bench-,$(BENCHED))
	$(PYTHON) scripts/venvs.py bench || echo "Dask, Ray and matplotlib do not install here: the table will say so, and there are no plots"
	$(PYTHON) scripts/venvs.py --second '$(SECOND)' $(BENCHED) $(addprefix bench-,$(BENCHED)) || echo "Scaler does not install with Python $(SECOND): the table will say so"
	$(PYTHON) scripts/bench.py --releases $(BENCHED) --second '$(SECOND)' $(if $(RESUME),--resume)

.PHONY: fuzz
fuzz: ## fuzz every decoder for FUZZTIME each
	cd go && for target in $$(grep -rl --include='*_test.go' '^func Fuzz' internal); do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$target); do \
			echo "$$target $$name"; \
			go test ./$$(dirname $$target) -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 200x || exit 1; done; done

.PHONY: bless
bless: ## show what changed in the agent of RELEASE since the newest known release (ADD=1: add it to the known ones)
	$(PYTHON) scripts/agent_releases.py $(RELEASE) $(if $(ADD),--add)

.PHONY: agents
agents: ## compare the table of known agents with all published releases, by pip
	$(PYTHON) scripts/agent_releases.py --check

.PHONY: docs
docs: ## write docs/reference.md and the table of docs/metrics.md from the programs
	cd go && go test -count=1 -run TestDocument ./internal/reference ./internal/control/metrics -update

.PHONY: schema
schema: ## regenerate the Go code of schema/*.capnp
	scripts/schema

.PHONY: clean
clean: ## remove what was built, the environments too
	rm -rf bin dist build .venvs
