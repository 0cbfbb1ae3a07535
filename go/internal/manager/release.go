package manager

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

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

// presume is a known release of which no more than the version is known yet.
func presume(version string) release {
	dialect, err := message.DialectOf(version)
	if err != nil {
		return release{}
	}
	return release{version: version, dialect: dialect, codec: message.NewCodec(dialect.Tags(), dialect)}
}

// alike tells whether nothing that was said in the name of one release would be said otherwise in the other's.
func (r release) alike(other release) bool {
	return r.version == other.version && r.codec == other.codec
}

// speaks tells whether a scheduler of the release may speak so.
func (r release) speaks(spoken transport.Protocol) bool {
	return spoken.Kind == transport.ZMQ || spoken.Version == r.ymqVersion()
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
	if !r.speaks(spoken) {
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
