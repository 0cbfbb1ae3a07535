package notify

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// listen is a fake service manager.
func listen(t *testing.T, name string) (receive func() string) {
	t.Helper()
	connection, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return func() string {
		t.Helper()
		if err := connection.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 4096)
		n, err := connection.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		return string(buffer[:n])
	}
}

func TestMessages(t *testing.T) {
	names := []string{filepath.Join(t.TempDir(), "notify")}
	if runtime.GOOS == "linux" {
		names = append(names, fmt.Sprintf("@scaler-native/notify/%d", os.Getpid()))
	}
	for _, name := range names {
		receive := listen(t, name)
		t.Setenv("NOTIFY_SOCKET", name)
		n := New()
		for _, test := range []struct {
			send func() error
			want string
		}{
			{n.Ready, "READY=1"}, {n.Stopping, "STOPPING=1"}, {n.Alive, "WATCHDOG=1"},
			{func() error { return n.Extend(90 * time.Second) }, "EXTEND_TIMEOUT_USEC=90000000"},
			{func() error { return n.Status("4 workers\nREADY=1") }, "STATUS=4 workers READY=1"},
		} {
			if err := test.send(); err != nil {
				t.Fatal(err)
			}
			if got := receive(); got != test.want {
				t.Errorf("%s: got %q, want %q", name, got, test.want)
			}
		}
	}
}

func TestEnvironment(t *testing.T) {
	for _, test := range []struct {
		socket, microseconds, pid string
		none                      bool
		interval                  time.Duration
	}{
		{none: true},
		{microseconds: "1000000", none: true},
		{socket: "/s"},
		{socket: "/s", microseconds: "3000000", interval: 1500 * time.Millisecond},
		{socket: "/s", microseconds: "3000000", pid: "7", interval: 1500 * time.Millisecond},
		{socket: "/s", microseconds: "3000000", pid: "8"},
		{socket: "/s", microseconds: "0"}, {socket: "/s", microseconds: "-1"}, {socket: "/s", microseconds: "x"},
		{socket: "/s", microseconds: "9223372036854775807", interval: 30 * time.Minute},
	} {
		values := map[string]string{
			"NOTIFY_SOCKET": test.socket, "WATCHDOG_USEC": test.microseconds, "WATCHDOG_PID": test.pid,
		}
		n := fromEnvironment(func(name string) string { return values[name] }, 7)
		if (n == nil) != test.none || n.Interval() != test.interval {
			t.Errorf("%v: %v, %v", values, n, n.Interval())
		}
	}
}

func TestNothingLeftForChildren(t *testing.T) {
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		t.Setenv(name, "1")
	}
	New()
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		if value, ok := os.LookupEnv(name); ok {
			t.Errorf("%s is %q", name, value)
		}
	}
	n := New()
	said := errors.Join(n.Ready(), n.Status("x"), n.Alive(), n.Reloaded(), n.Stopping())
	if n != nil || said != nil {
		t.Error("there is no service manager")
	}
}

func TestServiceManagerGone(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "missing"))
	if err := New().Ready(); err == nil {
		t.Error("no error")
	}
}

// systemd waits for both messages, the first with a time that is not before its signal.
func TestReloaded(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	receive := listen(t, name)
	t.Setenv("NOTIFY_SOCKET", name)
	n := New()
	if err := n.Reloaded(); err != nil { // during startup: sends nothing
		t.Fatal(err)
	}
	if err := n.Ready(); err != nil {
		t.Fatal(err)
	}
	if got := receive(); got != "READY=1" {
		t.Fatalf("got %q", got)
	}
	var last int64
	for range 2 {
		if err := n.Reloaded(); err != nil {
			t.Fatal(err)
		}
		var now int64
		got := receive()
		if _, err := fmt.Sscanf(got, "RELOADING=1\nMONOTONIC_USEC=%d", &now); err != nil || now < last || now == 0 {
			t.Errorf("got %q, %v; the last time was %d", got, err, last)
		}
		last = now
		if got := receive(); got != "READY=1" {
			t.Errorf("got %q", got)
		}
	}
	if err := n.Stopping(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(n.Reloaded(), n.Alive()); err != nil { // READY=1 would revoke STOPPING=1
		t.Fatal(err)
	}
	if one, two := receive(), receive(); one != "STOPPING=1" || two != "WATCHDOG=1" {
		t.Errorf("got %q and %q", one, two)
	}
	if uptime := uptime(t); last > uptime {
		t.Errorf("the time is %d us, and the machine has run for %d us", last, uptime)
	}
}

// uptime returns /proc/uptime in microseconds, rounded up.
func uptime(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		t.Skipf("there is nothing to compare the time with: %v", err)
	}
	var seconds float64
	if _, err := fmt.Sscan(string(text), &seconds); err != nil {
		t.Fatal(err)
	}
	return int64((seconds + 1) * 1e6)
}
