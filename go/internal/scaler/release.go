// Package scaler has the facts about releases of OpenGRIS Scaler: the dialect and transports of each, the identity of
// its manager, and the schedulers that its workers can connect to. They were read from releases 1.26.0 to 2.9.0.
package scaler

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/session"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// backendVariable selects the transport (1.26.0 to 2.9.0).
const backendVariable = "SCALER_NETWORK_BACKEND"

// Installed is what the worker host reports about the installed Scaler.
type Installed struct {
	Version    string
	Transport  string            // default transport: "zmq" or "ymq"
	Transports map[string]string // available transports, with the value of SCALER_NETWORK_BACKEND for each
	Tags       map[string]uint16 // union tags by message: heartbeat, echo, command, response
}

// Release is a release of Scaler. It is immutable.
type Release struct {
	Version string
	Dialect message.Dialect
	Codec   message.Codec

	transport  string
	transports map[string]string
}

// New returns the installed release, or message.ErrVersion.
func New(installed Installed) (Release, error) {
	release, err := Presume(installed.Version)
	if err != nil {
		return Release{}, err
	}
	// The tags of the installed schema take precedence over those known of the release.
	tags := release.Dialect.Tags()
	for member, tag := range map[string]*uint16{
		"heartbeat": &tags.Heartbeat, "echo": &tags.Echo, "command": &tags.Command, "response": &tags.Response,
	} {
		if found, ok := installed.Tags[member]; ok {
			*tag = found
		}
	}
	release.Codec = message.NewCodec(tags, release.Dialect)
	release.transport, release.transports = installed.Transport, installed.Transports
	return release, nil
}

// Presume returns a release of which only the version is known, or message.ErrVersion.
func Presume(version string) (Release, error) {
	dialect, err := message.DialectOf(version)
	if err != nil {
		return Release{}, err
	}
	return Release{Version: version, Dialect: dialect, Codec: message.NewCodec(dialect.Tags(), dialect)}, nil
}

// SameWire reports whether both releases have the same version and encoding.
func (r Release) SameWire(other Release) bool {
	return r.Version == other.Version && r.Codec == other.Codec
}

// Speaks reports whether a scheduler of the release may use the protocol.
func (r Release) Speaks(spoken transport.Protocol) bool {
	return spoken.Kind == transport.ZMQ || spoken.Version == r.ymqVersion()
}

// ymqVersion returns the release's version of YMQ. 0 is the one without a magic.
func (r Release) ymqVersion() byte {
	switch {
	case r.Dialect == message.Declarative2:
		return 2
	case strings.HasPrefix(r.Version, "1."):
		return 0
	}
	return 1
}

// ymqReleases describes the releases with a version of YMQ.
func ymqReleases(version byte) string {
	return map[byte]string{0: "1.26 and 1.27", 1: "2.0 to 2.6", 2: "2.7 or newer"}[version]
}

// Check returns session.ErrIncompatible if workers of the release cannot use the scheduler's protocol.
func (r Release) Check(spoken transport.Protocol) error {
	name := transportName(spoken)
	if _, ok := r.transports[name]; !ok {
		return fmt.Errorf("%w: the scheduler speaks %s, which the installed Scaler %s does not support "+
			"(ZMQ needs the package pyzmq)", session.ErrIncompatible, spoken, r.Version)
	}
	if !r.Speaks(spoken) {
		return fmt.Errorf("%w: the scheduler speaks %s, which is Scaler %s; "+
			"the workers have Scaler %s, which speaks YMQ %d: install the scheduler's release for the workers",
			session.ErrIncompatible, spoken, ymqReleases(spoken.Version), r.Version, r.ymqVersion())
	}
	return nil
}

// Environment returns the variables that workers need, in addition to the manager's environment, to use the scheduler's
// transport.
func (r Release) Environment(spoken transport.Protocol, lookup func(string) (string, bool)) map[string]string {
	value := r.transports[transportName(spoken)]
	chosen, set := lookup(backendVariable)
	if chosen == value || (!set && transportName(spoken) == r.transport) {
		return map[string]string{}
	}
	return map[string]string{backendVariable: value}
}

// Identity returns a new identity in the format of the release's own manager.
func (r Release) Identity() []byte {
	random := make([]byte, 16)
	rand.Read(random)
	if strings.HasPrefix(r.Version, "1.") {
		return []byte("worker_manager_native|" + hex.EncodeToString(random))
	}
	random[6], random[8] = random[6]&0x0f|0x40, random[8]&0x3f|0x80 // a random UUID, RFC 9562
	h := hex.EncodeToString(random)
	return fmt.Appendf(nil, "%d|worker_manager_native|%s-%s-%s-%s-%s",
		os.Getpid(), h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}

func transportName(spoken transport.Protocol) string {
	if spoken.Kind == transport.ZMQ {
		return "zmq"
	}
	return "ymq"
}

// ProcessorTransport returns the protocol between a worker's agent and its processors: always ZMQ up to 2.0.16, and the
// scheduler's since 2.0.19, the next release.
func (r Release) ProcessorTransport(spoken transport.Protocol) transport.Protocol {
	if spoken.Kind == transport.ZMQ || r.zmqProcessors() {
		return transport.Protocol{Kind: transport.ZMQ}
	}
	return transport.Protocol{Kind: transport.YMQ, Version: r.ymqVersion()}
}

func (r Release) zmqProcessors() bool {
	patch, early := strings.CutPrefix(r.Version, "2.0.")
	number, err := strconv.Atoi(patch)
	return strings.HasPrefix(r.Version, "1.") || early && err == nil && number < 19
}

// OwnsStorage reports whether the scheduler starts an object storage server of its own unless one is configured (1.26
// and 1.27).
func (r Release) OwnsStorage() bool { return strings.HasPrefix(r.Version, "1.") }

// AgentTags returns the union tags of the messages of workers: those found in the installed schema, by message, or else
// those of the dialect.
func (r Release) AgentTags(found map[string]uint16) protocol.Tags {
	tags := protocol.TagsOf(r.Dialect)
	for name, tag := range map[string]*uint16{
		"task": &tags.Task, "task_cancel": &tags.TaskCancel, "task_cancel_confirm": &tags.TaskCancelConfirm,
		"task_result": &tags.TaskResult, "task_log": &tags.TaskLog, "object_instruction": &tags.ObjectInstruction,
		"heartbeat": &tags.Heartbeat, "echo": &tags.Echo, "disconnect_response": &tags.DisconnectResponse,
		"client_disconnect": &tags.ClientDisconnect, "processor_initialized": &tags.ProcessorInitialized,
	} {
		if known, ok := found[name]; ok {
			*tag = known
		}
	}
	return tags
}
