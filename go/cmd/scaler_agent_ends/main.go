// Command scaler_agent_ends lets the integration tests, which are another module, use the connections of a worker's
// agent.
//
//	scaler_agent_ends serve PATH ZMQ|YMQ VERSION          echo server for processors, until standard input ends
//	scaler_agent_ends store ADDRESS OBJECT < PAYLOAD      stores an object with a hexadecimal id
//	scaler_agent_ends encode RELEASE                      prints a frame of each message that agents send
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/agent/processors"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/agent/storage"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

const timeout = 20 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 4 && arguments[0] == "serve":
		return serve(arguments[1], arguments[2], arguments[3])
	case len(arguments) == 3 && arguments[0] == "store":
		return store(arguments[1], arguments[2])
	case len(arguments) == 2 && arguments[0] == "encode":
		return encode(arguments[1])
	}
	return errors.New("usage: scaler_agent_ends serve PATH ZMQ|YMQ VERSION | store ADDRESS OBJECT | encode RELEASE")
}

func serve(path, kind, version string) error {
	number, err := strconv.ParseUint(version, 10, 8)
	if err != nil {
		return err
	}
	spoken := transport.Protocol{Kind: transport.ZMQ, Version: byte(number)}
	if kind == "YMQ" {
		spoken.Kind = transport.YMQ
	}
	listener, err := processors.Listen(path, spoken, []byte("agents"))
	if err != nil {
		return err
	}
	defer listener.Close()
	say(map[string]any{"listening": path})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = listener.Close()
	}()
	for {
		peer, err := listener.Accept()
		if err != nil {
			return nil
		}
		go echo(peer)
	}
}

// echo sends back every frame. When the connection ends, it prints the totals.
func echo(peer *processors.Peer) {
	defer peer.Close()
	frames, bytes := 0, 0
	err := peer.Open(timeout)
	for err == nil {
		var frame []byte
		if frame, err = peer.Receive(); err != nil {
			break
		}
		frames, bytes = frames+1, bytes+len(frame)
		err = peer.Send(frame)
	}
	say(map[string]any{"pid": peer.Pid(), "frames": frames, "bytes": bytes, "ended": err.Error()})
}

// say writes a line with one system call, so that lines of concurrent connections do not interleave.
func say(answer map[string]any) {
	line, err := json.Marshal(answer)
	if err == nil {
		_, _ = os.Stdout.Write(append(line, '\n'))
	}
}

func store(at, object string) error {
	to, err := address.Parse(at)
	if err != nil {
		return err
	}
	var id protocol.ObjectID
	if _, err := hex.Decode(id[:], []byte(object)); err != nil {
		return err
	}
	payload, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return storage.Set(ctx, to, transport.Options{Identity: []byte("test|" + object)}, id, payload)
}
