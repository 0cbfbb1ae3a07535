package node

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/affinity"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/preflight"
	"github.com/scaler-native/scaler-native/go/internal/python"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// plan is what follows from the configuration and the machine before anything runs. It is immutable.
type plan struct {
	*config.Config
	interpreter python.Interpreter
	scheduler   address.Address // of the manager's own connection
	network     transport.Options
	sets        affinity.Sets // CPUs of the slots; empty if workers are not bound
	capacity    int           // workers that the machine can hold; 0 if unknown
	bottleneck  string        // the resource that limits capacity
}

// newPlan also warns about limits of the machine that may be too low.
func newPlan(c *config.Config, log *logging.Logger) (p plan, err error) {
	p = plan{Config: c, scheduler: c.SchedulerAddress}
	if c.Fixed() {
		p.scheduler = c.SchedulerAddressOfWorkers() // only workers talk to it
	}
	option := c.Python
	if c.Origin("python").Source == config.FromEnvironment {
		option = "" // Find reads the environment itself, and names it as the reason
	}
	if p.interpreter, err = python.Find(option, os.LookupEnv); err != nil {
		return p, err
	}
	os.Unsetenv(python.StarterVariable)
	if p.network.TLS, err = tlsConfig(c, p.scheduler); err != nil {
		return p, err
	}
	if p.network.TLS != nil && c.TLSCA == "" {
		log.Warningf("the scheduler's certificate is not verified, as in Scaler; use --tls-ca to verify it")
	}
	if p.sets, err = planAffinity(c, log); err != nil {
		return p, err
	}
	if c.Given("logging_config_file") {
		// Scaler's own manager uses it (1.26.0 to 2.9.0); its workers and processors do not.
		log.Warningf("logging_config_file has no effect, because the manager has no Python loggers; " +
			"use logging_paths and logging_level")
	}
	if c.Given("oom_score_adj") {
		lowerOOMScore(int(c.OOMScoreAdj), log)
	}
	if c.MaxTaskConcurrency > 0 {
		for _, warning := range preflight.Check(int(c.MaxTaskConcurrency)) {
			log.Warningf("%s", warning)
		}
	}
	// A fixed number is what the user wants: try it, and let the kernel refuse what it cannot hold.
	if capacity, bottleneck := preflight.Capacity(); !c.Fixed() && capacity < math.MaxInt {
		p.capacity, p.bottleneck = max(capacity, 1), bottleneck
	}
	log.Debugf("%s", preflight.CoreDumps())
	return p, nil
}

// settings returns the settings of the worker in a slot.
func (p plan) settings(slot int) protocol.Settings {
	settings := protocol.Settings{
		Nice: int(p.Nice), ProcessorNice: int(p.ProcessorNice), Environment: p.WorkerEnvironment(slot), CPUs: p.sets.At(slot),
	}
	if p.Given("oom_score_adj") {
		score := int(p.OOMScoreAdj)
		settings.OOMScoreAdj = &score
	}
	return settings
}

// tlsConfig returns the TLS configuration for a peer, nil if its address is not a secure one.
func tlsConfig(c *config.Config, peer address.Address) (*tls.Config, error) {
	if !peer.Secure() {
		return nil, nil
	}
	security := &tls.Config{InsecureSkipVerify: c.TLSCA == ""}
	if c.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("cannot use --tls-cert %s with --tls-key %s: %w", c.TLSCert, c.TLSKey, err)
		}
		security.Certificates = []tls.Certificate{pair}
	}
	if c.TLSCA == "" {
		return security, nil
	}
	text, err := os.ReadFile(c.TLSCA)
	if err != nil {
		return nil, fmt.Errorf("cannot use --tls-ca: %w", err)
	}
	security.RootCAs = x509.NewCertPool()
	if !security.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("cannot use --tls-ca %s: it holds no certificate in PEM", c.TLSCA)
	}
	return security, nil
}

func planAffinity(c *config.Config, log *logging.Logger) (affinity.Sets, error) {
	policy := c.CPUAffinity
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
	sets, err := affinity.Plan(policy, topology, allowed, int(c.CPUsPerWorker))
	if err == nil {
		log.Infof("workers are bound to CPUs by %s: slot 0 to %s, %d slots before CPUs are shared",
			policy, sets.At(0), len(sets))
	}
	return sets, err
}

// lowerOOMScore sets the manager's own OOM score below that of its workers, so that the kernel's OOM killer takes a
// worker first. The host inherits the manager's score, since all workers would die with it.
func lowerOOMScore(ofWorkers int, log *logging.Logger) {
	const path = "/proc/self/oom_score_adj"
	own := min(0, ofWorkers-1)
	if err := os.WriteFile(path, []byte(strconv.Itoa(own)), 0o600); err != nil {
		log.Debugf("cannot lower the manager's own OOM score: %v", err)
	}
}
