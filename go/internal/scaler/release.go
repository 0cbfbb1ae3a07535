// Package scaler holds what is known of the releases of OpenGRIS Scaler: which dialect and transports each speaks, how its
// manager names itself, and which schedulers its workers can talk to. Read from the releases 1.26.0 to 2.9.0.
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

// backendVariable chooses the transport in every release from 1.26.0 to 2.9.0.
const backendVariable = "SCALER_NETWORK_BACKEND"

// Installed is what the worker host has found of the installed Scaler.
type Installed struct {
	Version    string
	Transport  string            // its own choice: "zmq" or "ymq"
	Transports map[string]string // all that it has, with the value of SCALER_NETWORK_BACKEND that chooses each
	Tags       map[string]uint16 // union tags by member: heartbeat, echo, command, response
}

// Release is one release of Scaler. It does not change.
type Release struct {
	Version string
	Dialect message.Dialect
	Codec   message.Codec

	transport  string
	transports map[string]string
}

// New is the release that is installed. The error says that its version is none.
func New(installed Installed) (Release, error) {
	release, err := Presume(installed.Version)
	if err != nil {
		return Release{}, err
	}
	// What the installed schema really has comes before what is known of its release.
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

// Presume is a release of which no more than the version is known. The error says that it is none.
func Presume(version string) (Release, error) {
	dialect, err := message.DialectOf(version)
	if err != nil {
		return Release{}, err
	}
	return Release{Version: version, Dialect: dialect, Codec: message.NewCodec(dialect.Tags(), dialect)}, nil
}

// SameWire tells whether both releases say everything by the same bytes.
func (r Release) SameWire(other Release) bool {
	return r.Version == other.Version && r.Codec == other.Codec
}

// Speaks tells whether a scheduler of the release may speak so.
func (r Release) Speaks(spoken transport.Protocol) bool {
	return spoken.Kind == transport.ZMQ || spoken.Version == r.ymqVersion()
}

// ymqVersion is the version of YMQ that the release's workers speak, 0 being the one without magic bytes.
func (r Release) ymqVersion() byte {
	switch {
	case r.Dialect == message.Declarative2:
		return 2
	case strings.HasPrefix(r.Version, "1."):
		return 0
	}
	return 1
}

// ymqReleases names the releases with a version of YMQ.
func ymqReleases(version byte) string {
	return map[byte]string{0: "1.26 and 1.27", 1: "2.0 to 2.6", 2: "2.7 or newer"}[version]
}

// Check tells whether workers of the release can talk to a scheduler that speaks so.
func (r Release) Check(spoken transport.Protocol) error {
	name := transportName(spoken)
	if _, ok := r.transports[name]; !ok {
		return fmt.Errorf("%w: the scheduler speaks %s, the workers of Scaler %s here do not (for ZMQ they need the package pyzmq)",
			session.ErrIncompatible, spoken, r.Version)
	}
	if !r.Speaks(spoken) {
		return fmt.Errorf("%w: the scheduler speaks %s, as Scaler %s does; the workers have Scaler %s, which speaks YMQ %d: install the scheduler's release for the workers",
			session.ErrIncompatible, spoken, ymqReleases(spoken.Version), r.Version, r.ymqVersion())
	}
	return nil
}

// Environment is what workers need on top of the manager's environment to speak the scheduler's transport.
func (r Release) Environment(spoken transport.Protocol, lookup func(string) (string, bool)) map[string]string {
	value := r.transports[transportName(spoken)]
	chosen, set := lookup(backendVariable)
	if chosen == value || (!set && transportName(spoken) == r.transport) {
		return map[string]string{}
	}
	return map[string]string{backendVariable: value}
}

// Identity is how the release's own manager names itself to the scheduler.
func (r Release) Identity() []byte {
	random := make([]byte, 16)
	rand.Read(random)
	if strings.HasPrefix(r.Version, "1.") {
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

// ProcessorTransport is what the processors of a worker speak with its agent: ZMQ up to 2.0.16 whatever the scheduler
// speaks, the scheduler's transport from 2.0.19 on, which is the next release.
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

// OwnsStorage tells whether the object storage is a part of the release's scheduler, unless one is configured: in 1.26 and
// 1.27.
func (r Release) OwnsStorage() bool { return strings.HasPrefix(r.Version, "1.") }

// AgentTags are the union tags of the messages of workers: those that the installed schema has, by member, and where it
// did not tell, those known of its dialect.
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
