package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/scaler"
	"github.com/scaler-native/scaler-native/go/internal/session"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// discovery is what is found out before the first worker starts: the installed Scaler, and the scheduler's protocol. It
// is immutable.
type discovery struct {
	release    scaler.Release
	scheduler  address.Address
	network    transport.Options // with the identity of first, if there is one
	first      transport.Conn    // from announce, for the session to use; may be nil
	spoken     transport.Protocol
	agents     *agents.Set // nil with Scaler's own agents
	processors string      // address at which processors connect to the agents
}

// start finds out all that is needed before the first worker starts, and then has the loop begin. It returns early when
// ctx ends.
func (n *node) start(ctx context.Context) error {
	announced := n.announce(ctx)
	ready, err := n.host.Introduction(ctx)
	early := announced()
	if early != nil {
		// Unless the session takes it over.
		defer func() {
			if early != nil {
				early.connection.Close()
			}
		}()
	}
	if err != nil {
		return err
	}
	n.describe(ready)
	n.do(func() { n.known.ready = ready })
	// Report readiness before the scheduler is found: that may take long, and is not a failure of the service.
	_ = n.service.Ready()
	d := discovery{scheduler: n.plan.scheduler, network: n.plan.network}
	if d.release, err = scaler.New(scaler.Installed{
		Version: ready.Scaler, Transport: ready.Transport, Transports: ready.Transports, Tags: ready.Tags,
	}); err != nil {
		return err
	}
	d.network.Identity = d.release.Identity()
	if early != nil && early.release.SameWire(d.release) {
		d.first, d.network.Identity = early.connection, early.identity
	}
	differing := n.checkMessages(ctx, d.release, ready)
	if d.spoken, err = n.findScheduler(ctx, d); err != nil {
		return err
	}
	different := differing()
	if ctx.Err() != nil {
		return nil
	}
	native, warning, err := chooseAgent(n.plan.WorkerAgent, ready, different)
	if err != nil {
		return err
	}
	if warning != "" {
		n.log.Warningf("%s", warning)
	}
	n.do(func() { n.known.setAgent(d.spoken, native, warning) })
	if !native && n.plan.SpareProcessors > 0 {
		n.log.Debugf("no spare processors are kept: workers have Scaler's own agents")
	}
	if warning := recycleWarning(n.plan.Config); !native && warning != "" {
		n.log.Warningf("%s", warning)
	}
	if native {
		if d.agents, d.processors, err = n.newAgents(d, ready); err != nil {
			return err
		}
		defer func() { // unless begin has taken them over
			if n.runContext.Err() != nil || ctx.Err() != nil {
				d.agents.Close()
			}
		}()
	}
	unknown, err := n.configure(ctx, d)
	if err != nil {
		return err
	}
	for _, name := range unknown {
		if n.plan.Origin(name).Source != config.FromDefault {
			n.log.Warningf("Scaler %s has no option %s; it is ignored", d.release.Version, name)
		}
	}
	if d.first != nil {
		early = nil
	}
	n.do(func() { n.begin(ctx, d) })
	return nil
}

// describe logs what the host reports about its Python.
func (n *node) describe(ready protocol.Ready) {
	n.log.SetStyle(style(ready.Log))
	interpreter := n.plan.interpreter
	n.log.Infof("Python %s at %s (%s), Scaler %s", ready.Python, interpreter.Path, interpreter.Reason, ready.Scaler)
	for name, reason := range ready.NotImported {
		n.log.Warningf("cannot import %s in advance: %s", name, reason)
	}
	for _, warning := range ready.Warnings {
		n.log.Warningf("%s", warning)
	}
	if ready.NoFork != "" {
		n.log.Warningf("workers are not forked but spawned, as in Scaler, which is slower and takes more memory: %s",
			ready.NoFork)
		if n.plan.ProcessorNice > 0 {
			n.log.Warningf("--processor-nice has no effect on spawned processors")
		}
	}
}

// findScheduler waits for the scheduler and returns its protocol.
func (n *node) findScheduler(ctx context.Context, d discovery) (spoken transport.Protocol, err error) {
	if d.first != nil {
		spoken = d.first.Protocol()
		n.log.Infof("scheduler %s speaks %s", d.scheduler, spoken)
		return spoken, d.release.Check(spoken)
	}
	_ = n.service.Status(fmt.Sprintf("waiting for scheduler %s", d.scheduler))
	limit := config.Duration(n.plan.ReconnectTimeoutSeconds)
	err = session.Retry(ctx, n.log, limit, func(ctx context.Context) (time.Duration, error) {
		var err error
		if spoken, err = transport.Probe(ctx, d.scheduler, d.network); err != nil {
			if errors.Is(err, transport.ErrUnknownYMQ) {
				err = fmt.Errorf("%w: %w", session.ErrIncompatible, err)
			}
			if isCertificate(err) {
				err = certificateError{err}
			}
			return 0, err
		}
		return 0, d.release.Check(spoken)
	})
	if err == nil && ctx.Err() == nil {
		n.log.Infof("scheduler %s speaks %s", d.scheduler, spoken)
	}
	return spoken, err
}

// certificateError wraps an error about the scheduler's certificate, which is permanent. Its text is that of the cause.
type certificateError struct{ error }

func (certificateError) Is(target error) bool { return target == session.ErrIncompatible }

func (u certificateError) Unwrap() error { return u.error }

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// configure configures the host for starting workers, with names resolved anew.
func (n *node) configure(ctx context.Context, d discovery) (unknown []string, err error) {
	options := n.plan.workerOptions(ctx, n.resolver, d.spoken.Kind)
	configure := protocol.Configure{
		Options:     options,
		Environment: d.release.Environment(d.spoken, os.LookupEnv),
	}
	if d.agents != nil {
		configure.Agent, configure.Processors = agentNative, d.processors
	}
	unknown, err = n.host.Configure(ctx, configure)
	if err == nil {
		n.options = options
	}
	return unknown, err
}

func style(log protocol.Log) logging.Style {
	result := logging.Style{Screen: log.Screen, File: log.File, Levels: map[logging.Level]string{}}
	for number, name := range log.Levels {
		if level, err := strconv.Atoi(number); err == nil {
			result.Levels[logging.Level(level)] = name
		}
	}
	return result
}
