# The tools of `make lint`, each at one version.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# What we do not develop on must still compile.
CROSS := darwin/amd64 darwin/arm64 windows/amd64

# On Linux the race detector needs a C compiler; without one the tests run without it.
RACE := $(shell { command -v gcc || command -v clang; } >/dev/null 2>&1 && echo -race)

.DEFAULT_GOAL := help
.PHONY: help demo build test unit chaos cycles fuzz bench bench-js lint cross screenshots engine servers

help: ## show these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r target what; do printf '  make %-12s %s\n' "$$target" "$$what"; done

demo: engine build ## start the example: a database, an API, a web application
	bin/miniboss start examples/miniboss.js
	@echo
	@echo 'The todo application: http://localhost:8080'
	@echo 'Stop it with:         bin/miniboss stop examples/miniboss.js'

build: ## build bin/miniboss
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/miniboss ./cmd/miniboss

# All is compiled at once, and then one package runs after the other: what one asks
# of the machine must not be what another one waits for.
test: engine servers ## run all tests, on a real engine too
	$(if $(RACE),,@echo 'no C compiler: the tests run without the race detector')
	go test $(RACE) -run '^$$' ./... >/dev/null
	scripts/test.sh $(RACE) -count=1 -p 1 -parallel 3 -timeout 30m

unit: ## run the tests that need no engine, in less than two minutes
	go test -short ./...

chaos: engine ## kill miniboss again and again: make chaos SEED=1 ROUNDS=200
	CHAOS_SEED=$(SEED) CHAOS_ROUNDS=$(or $(ROUNDS),200) go test $(RACE) ./internal/chaos -count=1 -v -timeout 2h

cycles: engine ## start and stop a collection 1,000 times in one process: make cycles CYCLES=100
	MINIBOSS_CYCLES=$(or $(CYCLES),1000) go test ./cmd/miniboss -run '^TestCycles$$' -count=1 -v -timeout 3h

fuzz: ## run each fuzz target for a minute: make fuzz FUZZTIME=10s
	scripts/fuzz.sh $(or $(FUZZTIME),1m)

bench: engine ## measure miniboss beside the engine's limit (COMPOSE=path: and Compose) for bench/RESULTS.md
	go run ./bench -write bench/RESULTS.md

bench-js: ## measure what docs/performance.md tells; no engine is needed
	go test ./js -run '^$$' -bench . -timeout 30m
	go test ./cmd/miniboss -run '^$$' -bench . -benchtime 100x

lint: ## run go vet, staticcheck and golangci-lint, and check that go.mod is tidy
	go mod tidy -diff
	go vet ./...
	go run $(STATICCHECK) ./...
	go run $(GOLANGCI) run ./...

cross: ## compile for macOS and Windows
	@set -e; for target in $(CROSS); do \
	  echo "GOOS=$${target%/*} GOARCH=$${target#*/} go build ./..."; \
	  CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build ./...; \
	done

screenshots: engine ## take the pictures of the documentation anew, with tmux
	internal/screenshots/make.sh

engine: ## make sure that a Docker engine and the base image are there
	scripts/engine.sh
	scripts/base-image.sh

servers: ## make sure that the servers and shells are there that tests start
	scripts/test-servers.sh
