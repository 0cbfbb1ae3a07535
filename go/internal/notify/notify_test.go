package notify

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// listen stands for the service manager.
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
		values := map[string]string{"NOTIFY_SOCKET": test.socket, "WATCHDOG_USEC": test.microseconds, "WATCHDOG_PID": test.pid}
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
	if n := New(); n != nil || n.Ready() != nil || n.Status("x") != nil || n.Alive() != nil || n.Stopping() != nil {
		t.Error("nobody is there to speak to")
	}
}

func TestServiceManagerGone(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "missing"))
	if err := New().Ready(); err == nil {
		t.Error("no error")
	}
}
