VERSION := $(shell cat VERSION)
BINARY := bin/scaler_worker_manager
LDFLAGS := -s -w -X github.com/scaler-native/scaler-native/go/internal/version.Version=$(VERSION)

.PHONY: build
build: ## build the static binary into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o $(BINARY) ./go/cmd/scaler_worker_manager
