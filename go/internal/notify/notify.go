// Package notify reports the state of the program to the service manager (systemd, or whoever set NOTIFY_SOCKET), like
// sd_notify(3). go-systemd's package reads the variable for every message, but it has to be removed from the
// environment before a child starts.
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

// sendTimeout limits one message: a service manager that does not read must not block the program.
const sendTimeout = time.Second

// Notifier sends messages to the service manager. The methods of a nil Notifier do nothing.
type Notifier struct {
	address  *net.UnixAddr
	watchdog time.Duration
	ready    atomic.Bool // between Ready and Stopping
}

// New reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them from the environment, so that no child can
// send messages in our name. It returns nil if there is no service manager. Call it before the first child starts.
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
	// A name that begins with "@" is an abstract socket, for package net too.
	n := &Notifier{address: &net.UnixAddr{Name: socket, Net: "unixgram"}}
	microseconds, err := strconv.ParseInt(get("WATCHDOG_USEC"), 10, 64)
	watched := get("WATCHDOG_PID")
	if err == nil && microseconds > 0 && (watched == "" || watched == strconv.Itoa(pid)) {
		n.watchdog = time.Duration(min(microseconds, int64(time.Hour/time.Microsecond))) * time.Microsecond
	}
	return n
}

// Ready reports that startup is complete.
func (n *Notifier) Ready() error {
	if n == nil {
		return nil
	}
	n.ready.Store(true)
	return n.send("READY=1")
}

// Reloaded reports that a reload, by SIGHUP, has begun and is complete. systemd waits for both with Type=notify-reload
// (since 253); the first needs a time of CLOCK_MONOTONIC that is not before its signal. It does nothing during startup,
// because the second message, READY=1, would end that.
func (n *Notifier) Reloaded() error {
	if n == nil || !n.ready.Load() {
		return nil
	}
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return fmt.Errorf("cannot read the monotonic clock: %w", err)
	}
	err := n.send(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", now.Nano()/int64(time.Microsecond)))
	return errors.Join(err, n.send("READY=1"))
}

// Status sets the line of text that systemctl status shows.
func (n *Notifier) Status(text string) error {
	return n.send("STATUS=" + strings.ReplaceAll(text, "\n", " "))
}

// Stopping reports that the program is stopping.
func (n *Notifier) Stopping() error {
	if n == nil {
		return nil
	}
	n.ready.Store(false)
	return n.send("STOPPING=1")
}

// Extend extends the timeout for starting or stopping: it expires that long from now.
func (n *Notifier) Extend(by time.Duration) error {
	return n.send("EXTEND_TIMEOUT_USEC=" + strconv.FormatInt(by.Microseconds(), 10))
}

// Alive resets the watchdog. Call it every Interval, or else the service manager kills the program.
func (n *Notifier) Alive() error { return n.send("WATCHDOG=1") }

// Interval returns the time between calls of Alive, half of the watchdog's timeout and at most 30 minutes, or 0 if
// there is no watchdog.
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
	if err := connection.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return fmt.Errorf("cannot reach the service manager: %w", err)
	}
	if _, err := connection.Write([]byte(message)); err != nil {
		return fmt.Errorf("cannot send to the service manager: %w", err)
	}
	return nil
}
