// Package metrics exports a worker manager to Prometheus. Each scrape converts one state.Manager; nothing is counted
// here.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Metric describes a metric.
type Metric struct {
	Name   string
	Type   string // Gauge, Counter or Histogram
	Unit   string
	Labels []string
	Help   string
	Native bool // exported only with native agents

	values    func(m *state.Manager, emit func(value float64, labels ...string)) // of gauges and counters
	histogram func(m *state.Manager) state.Histogram
}

// The types of metrics.
const (
	Gauge     = "gauge"
	Counter   = "counter"
	Histogram = "histogram"
)

// Table returns all metrics, in the order of docs/metrics.md.
func Table() []Metric { return table }

// Handler serves the metrics of the state that status returns, or status 500 if it fails.
func Handler(status func() (state.Manager, error)) http.Handler {
	// Not the default registry, which has metrics of Go's runtime and of other packages.
	registry := prometheus.NewRegistry()
	registry.MustRegister(newCollector(status))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.HTTPErrorOnError,
		// The response is some KiB, and compression would need buffers of 1 MiB.
		DisableCompression: true,
	})
}
