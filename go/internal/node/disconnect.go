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
	// noticeTime is how long the scheduler gets to notice that a dead worker's own connection is closed. It would reject a
	// second connection of the same identity before.
	noticeTime = 50 * time.Millisecond

	// answerTime limits the wait for an answer, which shows that the message was received.
	answerTime = time.Second

	// maxDisconnects limits the connections at a time, each of which takes a file descriptor.
	maxDisconnects = 256
)

// disconnector disconnects dead workers from the scheduler, in their name. Otherwise the scheduler waits for them, and
// does not reassign their tasks: for 60 s by default (1.26.0 to 2.9.0).
type disconnector struct {
	discovery
	log  *logging.Logger
	free chan struct{} // limits the connections to maxDisconnects
}

func newDisconnector(d discovery, log *logging.Logger) *disconnector {
	return &disconnector{discovery: d, log: log, free: make(chan struct{}, maxDisconnects)}
}

func (d *disconnector) disconnect(ctx context.Context, identity string, frame []byte) {
	d.free <- struct{}{}
	defer func() { <-d.free }()
	err := d.send(identity, frame)
	// The worker may have died of a shortage of file descriptors, which the manager has as well.
	for errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		if !backoff.Wait(ctx, answerTime) {
			return
		}
		err = d.send(identity, frame)
	}
	log := d.log.With(logging.Fields{Worker: identity})
	if err != nil {
		log.Debugf("cannot disconnect dead worker %s from the scheduler: %v", identity, err)
		return
	}
	log.Infof("disconnected dead worker %s from the scheduler", identity)
}

func (d *disconnector) send(identity string, frame []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), noticeTime+2*answerTime)
	defer cancel()
	network := d.network
	network.Identity = d.release.Identity()
	if d.release.Dialect == message.Declarative2 {
		// The message has no worker id: it is about its sender.
		network.Identity = []byte(identity)
		backoff.Wait(ctx, noticeTime)
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
