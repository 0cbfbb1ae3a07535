package manager

import (
	"fmt"
	"os"
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/affinity"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/preflight"
)

// prepare works out how the scheduler is reached and what the workers are given of the machine, and says what may
// be too little of it.
func (m *Manager) prepare() (err error) {
	m.scheduler = m.config.SchedulerAddress
	if m.config.Fixed() {
		m.scheduler = m.config.SchedulerAddressOfWorkers() // nobody but the workers talks to it
	}
	if m.network.TLS, err = m.security(); err != nil {
		return err
	}
	sets, err := m.place()
	if err != nil {
		return err
	}
	c := m.config
	if c.Given("logging_config_file") {
		// Scaler's own manager logs by it (1.26.0 to 2.9.0), and neither its workers nor their processors do.
		m.log.Warningf("logging_config_file is not used, because the manager has no Python loggers; logging_paths and logging_level are")
	}
	m.settings = func(slot int) protocol.Settings {
		settings := protocol.Settings{Nice: int(c.Nice), Environment: c.WorkerEnvironment(slot), CPUs: sets.At(slot)}
		if c.Given("oom_score_adj") {
			score := int(c.OOMScoreAdj)
			settings.OOMScoreAdj = &score
		}
		return settings
	}
	if c.Given("oom_score_adj") {
		m.protect()
	}
	if c.MaxTaskConcurrency > 0 {
		for _, warning := range preflight.Check(int(c.MaxTaskConcurrency)) {
			m.log.Warningf("%s", warning)
		}
	}
	m.log.Debugf("%s", preflight.CoreDumps())
	return nil
}

// place plans the CPUs of the slots; no sets mean that workers are not bound.
func (m *Manager) place() (affinity.Sets, error) {
	policy := m.config.CPUAffinity
	if policy.None() {
		return nil, nil
	}
	allowed, err := affinity.Allowed()
	if err != nil {
		return nil, err
	}
	topology, err := affinity.ReadTopology(allowed)
	if err != nil {
		return nil, err
	}
	sets, err := affinity.Plan(policy, topology, allowed, int(m.config.CPUsPerWorker))
	if err == nil {
		m.log.Infof("workers are bound to CPUs by %s: slot 0 to %s, %d slots before the first is shared", policy, sets.At(0), len(sets))
	}
	return sets, err
}

// protect keeps the manager's own score below that of its workers, so that the kernel takes one of them
// first. The host keeps the manager's: with it all workers would go.
func (m *Manager) protect() {
	const path = "/proc/self/oom_score_adj"
	own := min(0, int(m.config.OOMScoreAdj)-1)
	if err := os.WriteFile(path, []byte(strconv.Itoa(own)), 0o600); err != nil {
		m.log.Debugf("%v", fmt.Errorf("cannot lower the manager's own score for the kernel's out of memory killer: %w", err))
	}
}
