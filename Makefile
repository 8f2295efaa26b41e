# Needs Go, git and make; `make test` also a C compiler, for the race detector.

FUZZTIME   ?= 30s
BENCHFLAGS ?=
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null)

GOLANGCI_VERSION := 2.15.0
GOLANGCI         := bin/tools/golangci-lint

.PHONY: build test lint fuzz bench golden demo man clean

build:
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/dkimwatch ./cmd/dkimwatch

test:
	go vet ./...
	go test -race ./...

lint:
	@test "$$($(GOLANGCI) version --short 2>/dev/null)" = $(GOLANGCI_VERSION) || \
	  { echo "building golangci-lint $(GOLANGCI_VERSION) into bin/tools"; \
	    GOBIN='$(CURDIR)/bin/tools' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION); }
	$(GOLANGCI) run

# Each fuzz target for FUZZTIME, one after the other. `go test -list` prints the
# targets of a package and then "ok <package>". Before Go 1.27 a run that its time
# ends may be called a failure (golang/go#75804): without a failing input it is none.
fuzz:
	@set -e; list="$$(go test -list '^Fuzz' ./...)"; \
	echo "$$list" | awk '/^Fuzz/ { target[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, target[i]; n = 0 }' | \
	while read -r package target; do \
	  echo "$$package $$target for $(FUZZTIME)"; \
	  if out="$$(go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "$$package" 2>&1)"; then \
	    echo "$$out" | tail -n 1; \
	  elif echo "$$out" | grep -q '^ *context deadline exceeded$$' && ! echo "$$out" | grep -q 'Failing input'; then \
	    echo "ended by its time"; \
	  else \
	    echo "$$out"; exit 1; \
	  fi; \
	done

bench:
	go run ./internal/bench $(BENCHFLAGS)

# Rewrites the golden files of every package whose tests know -update.
golden:
	@go vet ./...
	@for package in $$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do \
	  if go test -run '^$$' "$$package" -update >/dev/null 2>&1; then \
	    echo "go test $$package -update"; go test "$$package" -update || exit; \
	  fi; \
	done

demo: build
	./bin/dkimwatch demo

man: build
	mkdir -p bin/man
	./bin/dkimwatch man --dir bin/man

clean:
	rm -rf bin
