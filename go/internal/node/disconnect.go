package node

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

const (
	// closeTime is how long the scheduler gets to notice the end of a dead worker's own connection, so that
	// another one of the same identity is not taken for a double.
	closeTime = 50 * time.Millisecond

	// answerTime is how long a connection is kept for an answer, which says that the message was heard.
	answerTime = time.Second

	// maxDisconnects bounds the connections at a time, each of which takes a descriptor.
	maxDisconnects = 256
)

// disconnector tells the scheduler, in the name of workers that died, that they are gone. Otherwise
// the scheduler waits for them, and with it do the tasks that they had: 60 s by default (1.26.0 to 2.9.0).
type disconnector struct {
	discovery
	log  *logging.Logger
	free chan struct{} // has a place for each connection
}

func newDisconnector(d discovery, log *logging.Logger) *disconnector {
	return &disconnector{discovery: d, log: log, free: make(chan struct{}, maxDisconnects)}
}

func (d *disconnector) disconnect(ctx context.Context, identity string, frame []byte) {
	d.free <- struct{}{}
	defer func() { <-d.free }()
	err := d.send(identity, frame)
	// What killed the worker may be a shortage that the manager has too.
	for errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		if !backoff.Wait(ctx, answerTime) {
			return
		}
		err = d.send(identity, frame)
	}
	log := d.log.With(logging.Fields{Worker: identity})
	if err != nil {
		log.Debugf("cannot tell the scheduler that worker %s is gone: %v", identity, err)
		return
	}
	log.Infof("told the scheduler that worker %s is gone", identity)
}

func (d *disconnector) send(identity string, frame []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime+2*answerTime)
	defer cancel()
	network := d.network
	network.Identity = d.release.Identity()
	if d.release.Dialect == message.Declarative2 {
		// There the message does not say who it is about: it is about its sender.
		network.Identity = []byte(identity)
		backoff.Wait(ctx, closeTime)
	}
	connection, err := transport.Dial(ctx, d.scheduler, network)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.Send(frame); err != nil {
		return err
	}
	stop := time.AfterFunc(answerTime, func() { connection.Close() })
	defer stop.Stop()
	_, _ = connection.Receive()
	return nil
}
