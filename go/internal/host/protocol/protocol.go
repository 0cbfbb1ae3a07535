// Package protocol is the wire between the manager and the worker host: frames, and
// one type a message. Twin of python/scaler_native/host/protocol.py; both are held
// to the sample bytes of schema/host_frames.json, and schema/worker-host.md tells the
// conversation.
package protocol

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Version is said by both sides first; a host of another version is refused. The
// binary carries its host inside, so that this catches only a damaged start.
const Version = 2

// FrameLimit is the largest frame in bytes that either side accepts. The largest
// that is really sent, a pickled processor, has about 2 KiB.
const FrameLimit = 1 << 20

// ErrFrame is matched by every error about bytes that are no frame or no message.
var ErrFrame = errors.New("not a frame of the worker host")

// Message is one of the message types of this package.
type Message interface{ kind() string }

// Messages of the manager.
type (
	// Hello is the first message: the host imports Scaler and answers Ready or Failed.
	Hello struct {
		Version int `json:"version"`
		Program
		ProcessName string   `json:"process_name"` // what the release's log format may name the manager
		Imports     []string `json:"imports"`      // modules to share between all processors
	}
	// Configure says how workers are to be; answered by Configured or Failed. It may come again: workers that are
	// started from then on are made by the new options.
	Configure struct {
		Options     map[string]any    `json:"options"`     // by Scaler's field names
		Environment map[string]string `json:"environment"` // set on top of the host's own
	}
	// Start asks for the worker with a number of the manager's choice, above 0.
	Start struct {
		Worker   int      `json:"worker"`
		Settings Settings `json:"settings"`
	}
	// Ping is answered by Pong; it tells a host that works from one that hangs.
	Ping struct{}
	// Reap lets go of the pid of a worker that has ended.
	Reap struct {
		Pid int `json:"pid"`
	}
)

// Program is what workers and processors take for the program that they run in.
type Program struct {
	Argv []string `json:"argv"`           // sys.argv
	Path []string `json:"path,omitempty"` // sys.path; the interpreter's own when empty
	// Prepare goes to multiprocessing.spawn.prepare in every processor: which main module it has.
	Prepare map[string]string `json:"prepare,omitempty"`
}

// Settings are what a worker and its processors are given of the machine. The zero
// value leaves all as the manager itself has it.
type Settings struct {
	CPUs        []int             `json:"cpus,omitempty"`
	Nice        int               `json:"nice,omitempty"`          // added to the manager's own
	OOMScoreAdj *int              `json:"oom_score_adj,omitempty"` // -1000 to 1000
	Environment map[string]string `json:"environment,omitempty"`
}

// Messages of the host.
type (
	// Ready tells what was found.
	Ready struct {
		Version     int               `json:"version"`
		Python      string            `json:"python"`
		Scaler      string            `json:"scaler"`
		Transport   string            `json:"transport"`  // "zmq" or "ymq": the release's own choice
		Transports  map[string]string `json:"transports"` // transport to value of SCALER_NETWORK_BACKEND
		Tags        map[string]uint16 `json:"tags"`       // union tags by member: heartbeat, echo, command, response
		Log         Log               `json:"log"`
		NoFork      string            `json:"no_fork"`            // why the host cannot fork; "" when it can
		NotImported map[string]string `json:"not_imported"`       // of Hello.Imports, with the reason
		Warnings    []string          `json:"warnings,omitempty"` // about what those imports did, for the log
		Sockets     string            `json:"sockets,omitempty"`  // how the paths of the workers' sockets begin; "" if that is not known
		// Semaphores is how the paths of named semaphores begin that workers and processors make; "" if they are no files.
		Semaphores string `json:"semaphores,omitempty"`
	}
	// Log is how the release writes its log: formats of Python's logging, and names by level number.
	Log struct {
		Screen string            `json:"screen"`
		File   string            `json:"file"`
		Levels map[string]string `json:"levels"`
	}
	// Failed says why the host cannot serve; nothing follows.
	Failed struct {
		Error string `json:"error"`
	}
	// Configured names the options that the installed release does not have.
	Configured struct {
		Unknown []string `json:"unknown"`
	}
	// Started tells the pid, which is also the process group, and the identity of a worker.
	Started struct {
		Worker     int    `json:"worker"`
		Pid        int    `json:"pid"`
		Identity   string `json:"identity"`
		Disconnect []byte `json:"disconnect"` // the frame by which this worker would disconnect from the scheduler
	}
	// Refused says why a worker could not be started.
	Refused struct {
		Worker int    `json:"worker"`
		Error  string `json:"error"`
	}
	// Registered says that the scheduler has answered the worker's first heartbeat.
	Registered struct {
		Worker int `json:"worker"`
	}
	// Busy says that a worker has tasks, after it had none.
	Busy struct {
		Worker int `json:"worker"`
	}
	// Idle says that a worker has had no task for a moment (50 ms).
	Idle struct {
		Worker int `json:"worker"`
	}
	// Parent tells the process that is the parent of a worker's processors. When it ends, its worker ends.
	Parent struct {
		Worker int `json:"worker"`
		Pid    int `json:"pid"`
	}
	// Processor tells the state of one of a worker's processors.
	Processor struct {
		Worker int    `json:"worker"`
		Pid    int    `json:"pid"`
		State  string `json:"state"` // one of the Processor... constants
	}
	// Socket names a file that the host removes when the worker is reaped, and that is left if the host dies first.
	Socket struct {
		Pid  int    `json:"pid"`
		Path string `json:"path"`
	}
	// Pong answers Ping.
	Pong struct{}
	// Exited tells the wait status of a worker, which stays a zombie until Reap.
	Exited struct {
		Pid    int `json:"pid"`
		Status int `json:"status"`
	}
)

// States of a Processor.
const (
	ProcessorStarted   = "started"
	ProcessorSuspended = "suspended"
	ProcessorResumed   = "resumed"
	ProcessorEnded     = "ended"
)

func (Hello) kind() string      { return "hello" }
func (Configure) kind() string  { return "configure" }
func (Start) kind() string      { return "start" }
func (Reap) kind() string       { return "reap" }
func (Ready) kind() string      { return "ready" }
func (Failed) kind() string     { return "failed" }
func (Configured) kind() string { return "configured" }
func (Started) kind() string    { return "started" }
func (Refused) kind() string    { return "refused" }
func (Registered) kind() string { return "registered" }
func (Ping) kind() string       { return "ping" }
func (Busy) kind() string       { return "busy" }
func (Idle) kind() string       { return "idle" }
func (Parent) kind() string     { return "parent" }
func (Processor) kind() string  { return "processor" }
func (Pong) kind() string       { return "pong" }
func (Socket) kind() string     { return "socket" }
func (Exited) kind() string     { return "exited" }

// Encode makes the frame of a message.
func Encode(message Message) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(message); err != nil {
		return nil, fmt.Errorf("cannot encode %q: %w", message.kind(), err)
	}
	// Of {"a":1}\n keep what comes after the brace, without the line's end.
	members := bytes.TrimSuffix(body.Bytes()[1:], []byte("\n"))
	head := fmt.Sprintf(`{"type":%q`, message.kind())
	if len(members) > 1 {
		head += ","
	}
	size := len(head) + len(members)
	if size > FrameLimit {
		return nil, fmt.Errorf("cannot encode %q: %d bytes are over the limit of %d", message.kind(), size, FrameLimit)
	}
	frame := make([]byte, 0, 4+size)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(size))
	return append(append(frame, head...), members...), nil
}

// Decode reads the body of a frame. Errors match ErrFrame.
func Decode(body []byte) (Message, error) {
	var envelope struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFrame, err)
	}
	switch envelope.Type {
	case "hello":
		return decode[Hello](body)
	case "configure":
		return decode[Configure](body)
	case "start":
		return decode[Start](body)
	case "reap":
		return decode[Reap](body)
	case "ready":
		return decode[Ready](body)
	case "failed":
		return decode[Failed](body)
	case "configured":
		return decode[Configured](body)
	case "started":
		return decode[Started](body)
	case "refused":
		return decode[Refused](body)
	case "registered":
		return decode[Registered](body)
	case "ping":
		return decode[Ping](body)
	case "busy":
		return decode[Busy](body)
	case "idle":
		return decode[Idle](body)
	case "parent":
		return decode[Parent](body)
	case "processor":
		return decode[Processor](body)
	case "pong":
		return decode[Pong](body)
	case "socket":
		return decode[Socket](body)
	case "exited":
		return decode[Exited](body)
	}
	return nil, fmt.Errorf("%w: unknown type %.40q", ErrFrame, envelope.Type)
}

func decode[M Message](body []byte) (Message, error) {
	var message M
	if err := json.Unmarshal(body, &message); err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrFrame, message.kind(), err)
	}
	return message, nil
}

// Read takes one message from a stream. It returns io.EOF between frames, an error
// matching ErrFrame for bytes that are none.
func Read(stream io.Reader) (Message, error) {
	var length [4]byte
	if _, err := io.ReadFull(stream, length[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: it ends within a length", ErrFrame)
		}
		return nil, err
	}
	size := binary.LittleEndian.Uint32(length[:])
	if size > FrameLimit {
		return nil, fmt.Errorf("%w: %d bytes are over the limit of %d", ErrFrame, size, FrameLimit)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(stream, body); err != nil {
		return nil, fmt.Errorf("%w: it ends within %d bytes: %v", ErrFrame, size, err)
	}
	return Decode(body)
}
