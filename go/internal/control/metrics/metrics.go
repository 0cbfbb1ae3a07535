// Package metrics tells Prometheus of a worker manager: constant metrics of one state.Manager a scrape. Nothing is
// counted here, so that nothing costs when nobody asks.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Metric is what is told of a metric, for every scrape the same.
type Metric struct {
	Name   string
	Type   string // Gauge, Counter or Histogram
	Unit   string
	Labels []string
	Help   string
	Native bool // that only native agents know it

	values    func(m *state.Manager, emit func(value float64, labels ...string)) // of gauges and counters
	histogram func(m *state.Manager) state.Histogram
}

// The types of metrics.
const (
	Gauge     = "gauge"
	Counter   = "counter"
	Histogram = "histogram"
)

// Table is all metrics, in the order of docs/metrics.md.
func Table() []Metric { return table }

// Handler answers scrapes with metrics of the state that status gives, and with 500 when that fails.
func Handler(status func() (state.Manager, error)) http.Handler {
	// A registry of its own: what other packages register in the default one is not ours to publish, and what Go's runtime
	// says of itself helps nobody who runs workers.
	registry := prometheus.NewRegistry()
	registry.MustRegister(newCollector(status))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.HTTPErrorOnError,
		// A text of some kilobytes, and compression has buffers of a megabyte.
		DisableCompression: true,
	})
}
