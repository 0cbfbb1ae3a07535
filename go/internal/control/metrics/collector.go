package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// collector implements prometheus.Collector.
type collector struct {
	status       func() (state.Manager, error)
	descriptions []*prometheus.Desc // in the order of table
}

func newCollector(status func() (state.Manager, error)) *collector {
	c := &collector{status: status}
	for i := range table {
		m := &table[i]
		c.descriptions = append(c.descriptions, prometheus.NewDesc(m.Name, m.Help, m.Labels, nil))
	}
	return c
}

func (c *collector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, description := range c.descriptions {
		descriptions <- description
	}
}

func (c *collector) Collect(found chan<- prometheus.Metric) {
	s, err := c.status()
	if err != nil {
		found <- prometheus.NewInvalidMetric(c.descriptions[0], err)
		return
	}
	for i := range table {
		m, description := &table[i], c.descriptions[i]
		switch {
		case m.Native && s.Agent != state.AgentNative:
			// Unknown: omit it rather than export a wrong zero.
		case m.histogram != nil:
			found <- histogram(description, m.histogram(&s))
		default:
			kind := prometheus.GaugeValue
			if m.Type == Counter {
				kind = prometheus.CounterValue
			}
			m.values(&s, func(value float64, labels ...string) {
				found <- prometheus.MustNewConstMetric(description, kind, value, labels...)
			})
		}
	}
}

// histogram converts to the cumulative buckets of Prometheus.
func histogram(description *prometheus.Desc, h state.Histogram) prometheus.Metric {
	buckets := make(map[float64]uint64, len(h.Bounds))
	var count uint64
	for i, n := range h.Counts {
		count += n
		if i < len(h.Bounds) {
			buckets[h.Bounds[i]] = count
		}
	}
	return prometheus.MustNewConstHistogram(description, count, h.Sum, buckets)
}
