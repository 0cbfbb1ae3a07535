package manager

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/session"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// backendVariable chooses the transport in every release from 1.26.0 to 2.9.0.
const backendVariable = "SCALER_NETWORK_BACKEND"

// release is the installed Scaler.
type release struct {
	version    string
	dialect    message.Dialect
	codec      message.Codec
	transport  string            // its own choice: "zmq" or "ymq"
	transports map[string]string // all that it has, with the value that chooses each
}

func newRelease(ready protocol.Ready) (release, error) {
	dialect, err := message.DialectOf(ready.Scaler)
	if err != nil {
		return release{}, err
	}
	// What the installed schema really has comes before what is known of its release.
	tags := dialect.Tags()
	for member, tag := range map[string]*uint16{
		"heartbeat": &tags.Heartbeat, "echo": &tags.Echo, "command": &tags.Command, "response": &tags.Response,
	} {
		if installed, ok := ready.Tags[member]; ok {
			*tag = installed
		}
	}
	return release{
		version:    ready.Scaler,
		dialect:    dialect,
		codec:      message.NewCodec(tags, dialect),
		transport:  ready.Transport,
		transports: ready.Transports,
	}, nil
}

// ymqVersion is the version of YMQ that the release's workers speak, 0 being the one without magic bytes.
func (r release) ymqVersion() byte {
	switch {
	case r.dialect == message.Declarative2:
		return 2
	case strings.HasPrefix(r.version, "1."):
		return 0
	}
	return 1
}

// ymqReleases names the releases with a version of YMQ.
func ymqReleases(version byte) string {
	return map[byte]string{0: "1.26 and 1.27", 1: "2.0 to 2.6", 2: "2.7 or newer"}[version]
}

// check tells whether workers of the release can talk to a scheduler that speaks so.
func (r release) check(spoken transport.Protocol) error {
	name := transportName(spoken)
	if _, ok := r.transports[name]; !ok {
		return fmt.Errorf("%w: the scheduler speaks %s, the workers of Scaler %s here do not (for ZMQ they need the package pyzmq)",
			session.ErrIncompatible, spoken, r.version)
	}
	if name == "ymq" && spoken.Version != r.ymqVersion() {
		return fmt.Errorf("%w: the scheduler speaks %s, as Scaler %s does; the workers have Scaler %s, which speaks YMQ %d: install the scheduler's release for the workers",
			session.ErrIncompatible, spoken, ymqReleases(spoken.Version), r.version, r.ymqVersion())
	}
	return nil
}

// environment is what workers need on top of the manager's environment to speak the scheduler's transport.
func (r release) environment(spoken transport.Protocol, lookup func(string) (string, bool)) map[string]string {
	value := r.transports[transportName(spoken)]
	chosen, set := lookup(backendVariable)
	if chosen == value || (!set && transportName(spoken) == r.transport) {
		return map[string]string{}
	}
	return map[string]string{backendVariable: value}
}

// identity is how the release's own manager names itself to the scheduler.
func (r release) identity() []byte {
	random := make([]byte, 16)
	rand.Read(random)
	if strings.HasPrefix(r.version, "1.") {
		return []byte("worker_manager_native|" + hex.EncodeToString(random))
	}
	random[6], random[8] = random[6]&0x0f|0x40, random[8]&0x3f|0x80 // a random UUID, RFC 9562
	h := hex.EncodeToString(random)
	return []byte(fmt.Sprintf("%d|worker_manager_native|%s-%s-%s-%s-%s", os.Getpid(), h[:8], h[8:12], h[12:16], h[16:20], h[20:]))
}

func transportName(spoken transport.Protocol) string {
	if spoken.Kind == transport.ZMQ {
		return "zmq"
	}
	return "ymq"
}

// transportOptions are for every connection to the scheduler.
func (m *Manager) transportOptions() (transport.Options, error) {
	options := transport.Options{Identity: m.installed.identity()}
	if !m.scheduler.Secure() {
		return options, nil
	}
	options.TLS = &tls.Config{InsecureSkipVerify: m.config.TLSCA == ""}
	if m.config.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(m.config.TLSCert, m.config.TLSKey)
		if err != nil {
			return options, fmt.Errorf("cannot use --tls-cert %s with --tls-key %s: %w", m.config.TLSCert, m.config.TLSKey, err)
		}
		options.TLS.Certificates = []tls.Certificate{pair}
	}
	if m.config.TLSCA == "" {
		m.log.Warningf("the certificate of the scheduler is not verified, as in Scaler; --tls-ca turns that on")
		return options, nil
	}
	text, err := os.ReadFile(m.config.TLSCA)
	if err != nil {
		return options, fmt.Errorf("cannot use --tls-ca: %w", err)
	}
	options.TLS.RootCAs = x509.NewCertPool()
	if !options.TLS.RootCAs.AppendCertsFromPEM(text) {
		return options, fmt.Errorf("cannot use --tls-ca %s: it holds no certificate in PEM", m.config.TLSCA)
	}
	return options, nil
}

// findScheduler waits for the scheduler and learns what it speaks.
func (m *Manager) findScheduler(ctx context.Context) (spoken transport.Protocol, err error) {
	limit := config.Duration(m.config.ReconnectTimeoutSeconds)
	err = session.Persist(ctx, m.log, limit, func(ctx context.Context) (time.Duration, error) {
		var err error
		if spoken, err = transport.Probe(ctx, m.scheduler, m.network); err != nil {
			if errors.Is(err, transport.ErrUnknownYMQ) {
				err = fmt.Errorf("%w: %w", session.ErrIncompatible, err)
			}
			if isCertificate(err) {
				err = distrust{err}
			}
			return 0, err
		}
		return 0, m.installed.check(spoken)
	})
	if err == nil && ctx.Err() == nil {
		m.log.Infof("scheduler %s speaks %s", m.scheduler, spoken)
	}
	return spoken, err
}

// distrust is an error about a scheduler's certificate, which no wait makes good. It says no more than its cause.
type distrust struct{ error }

func (distrust) Is(target error) bool { return target == session.ErrIncompatible }

func (d distrust) Unwrap() error { return d.error }

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
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

// workerOptions are what the release's own parser is given to make workers as configured.
func (m *Manager) workerOptions(ctx context.Context) map[string]any {
	c := m.config
	options := map[string]any{
		"scheduler_address":                m.forWorkers(ctx, c.SchedulerAddressOfWorkers(), m.spoken.Kind),
		"worker_manager_id":                c.WorkerManagerID,
		"max_task_concurrency":             max(c.MaxTaskConcurrency, 0),
		"per_worker_capabilities":          c.PerWorkerCapabilities.String(),
		"per_worker_task_queue_size":       c.PerWorkerTaskQueueSize,
		"heartbeat_interval_seconds":       c.HeartbeatIntervalSeconds,
		"task_timeout_seconds":             c.TaskTimeoutSeconds,
		"death_timeout_seconds":            c.DeathTimeoutSeconds,
		"garbage_collect_interval_seconds": c.GarbageCollectIntervalSeconds,
		"trim_memory_threshold_bytes":      c.TrimMemoryThresholdBytes,
		"hard_processor_suspend":           c.HardProcessorSuspend,
		"io_threads":                       c.IOThreads,
		"event_loop":                       c.EventLoop,
		"logging_paths":                    c.LoggingPaths,
		"logging_level":                    c.LoggingLevel,
		"mode":                             c.Mode,
	}
	for key, value := range map[string]string{
		"object_storage_address": m.forWorkers(ctx, c.ObjectStorageAddress, transport.YMQ), // in every release
		"preload":                c.Preload,
		"tls_cert":               c.TLSCert,
		"tls_key":                c.TLSKey,
		"worker_type":            c.WorkerType,
	} {
		if c.Given(key) {
			options[key] = value
		}
	}
	return options
}

// forWorkers is an address as Scaler's own code can use it: its YMQ takes neither names nor brackets (2.0.20 to
// 2.9.0), which the manager does. What cannot be resolved is left for the workers to complain about.
func (m *Manager) forWorkers(ctx context.Context, a address.Address, kind transport.Kind) string {
	if kind != transport.YMQ || a.Scheme == address.IPC {
		return a.String()
	}
	a.Host = a.Hostname()
	if _, err := netip.ParseAddr(a.Host); err == nil || a.Host == "" {
		return a.String()
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", a.Host)
	if err != nil || len(found) == 0 {
		m.log.Warningf("cannot resolve %s for the workers: %v", a.Host, err)
		return a.String()
	}
	// IPv4 first, as a scheduler that binds 0.0.0.0 has no other.
	slices.SortStableFunc(found, func(x, y netip.Addr) int { return x.Unmap().BitLen() - y.Unmap().BitLen() })
	name := a.Host
	a.Host = found[0].Unmap().String()
	m.log.Infof("workers get %s for %s", a.Host, name)
	return a.String()
}
