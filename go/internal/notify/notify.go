// Package notify tells the service manager (systemd, or whoever set NOTIFY_SOCKET) how
// the program is, as sd_notify(3) does. go-systemd's package is not used: it looks the
// variable up with every message, and the variable must be gone before a child starts.
package notify

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds one message: a service manager that does not read must not hold the program up.
const patience = time.Second

// Notifier speaks to the service manager. The nil Notifier speaks to nobody, and all of its methods do nothing.
type Notifier struct {
	address  *net.UnixAddr
	watchdog time.Duration
	ready    atomic.Bool // Ready was said, and not Stopping
}

// New reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them from the environment so that no child
// speaks for this program. It returns nil when there is no service manager. Call it before the first child starts.
func New() *Notifier {
	n := fromEnvironment(os.Getenv, os.Getpid())
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		os.Unsetenv(name)
	}
	return n
}

func fromEnvironment(get func(string) string, pid int) *Notifier {
	socket := get("NOTIFY_SOCKET")
	if socket == "" {
		return nil
	}
	// A name that begins with "@" is one of Linux's abstract sockets; package net knows the sign too.
	n := &Notifier{address: &net.UnixAddr{Name: socket, Net: "unixgram"}}
	microseconds, err := strconv.ParseInt(get("WATCHDOG_USEC"), 10, 64)
	watched := get("WATCHDOG_PID")
	if err == nil && microseconds > 0 && (watched == "" || watched == strconv.Itoa(pid)) {
		n.watchdog = time.Duration(min(microseconds, int64(time.Hour/time.Microsecond))) * time.Microsecond
	}
	return n
}

// Ready says that the start is over.
func (n *Notifier) Ready() error {
	if n == nil {
		return nil
	}
	n.ready.Store(true)
	return n.send("READY=1")
}

// Reloaded says that what SIGHUP asks for was begun and is done. systemd waits for both with Type=notify-reload (from
// 253 on), the first with a time of the kernel's clock that is not before its signal. A program that starts says
// nothing: the second is also the word that the start is over.
func (n *Notifier) Reloaded() error {
	if n == nil || !n.ready.Load() {
		return nil
	}
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return fmt.Errorf("cannot tell the time since the start of the machine: %w", err)
	}
	err := n.send(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", now.Nano()/int64(time.Microsecond)))
	return errors.Join(err, n.send("READY=1"))
}

// Status shows a line of text in the state of the service.
func (n *Notifier) Status(text string) error {
	return n.send("STATUS=" + strings.ReplaceAll(text, "\n", " "))
}

// Stopping says that the program is about to end.
func (n *Notifier) Stopping() error {
	if n == nil {
		return nil
	}
	n.ready.Store(false)
	return n.send("STOPPING=1")
}

// Extend asks for more time than the service is configured to have to start or to stop: from now on, as long as that.
func (n *Notifier) Extend(by time.Duration) error {
	return n.send("EXTEND_TIMEOUT_USEC=" + strconv.FormatInt(by.Microseconds(), 10))
}

// Alive keeps the service manager from killing the program; due every Interval.
func (n *Notifier) Alive() error { return n.send("WATCHDOG=1") }

// Interval is the time between two calls of Alive: half of what the service manager waits for, at most half an hour. It
// is 0 when nobody waits.
func (n *Notifier) Interval() time.Duration {
	if n == nil {
		return 0
	}
	return n.watchdog / 2
}

func (n *Notifier) send(message string) error {
	if n == nil {
		return nil
	}
	connection, err := net.DialUnix(n.address.Net, nil, n.address)
	if err != nil {
		return fmt.Errorf("cannot reach the service manager: %w", err)
	}
	defer connection.Close()
	if err := connection.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return fmt.Errorf("cannot reach the service manager: %w", err)
	}
	if _, err := connection.Write([]byte(message)); err != nil {
		return fmt.Errorf("cannot tell the service manager: %w", err)
	}
	return nil
}
