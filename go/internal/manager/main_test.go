package manager

import (
	"net"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/notify"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

// hostFolder is set where this program is to be a worker host, for faults that a real one does not have on demand.
const hostFolder = "MANAGER_TEST_HOST"

func TestMain(m *testing.M) {
	if folder := os.Getenv(hostFolder); folder != "" {
		serveAsHost(folder)
		return
	}
	// The goroutine that starts processes is there for as long as the program.
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// newManager makes a manager that has not begun, and waits for the children of this process.
func newManager(t *testing.T, c *config.Config) *Manager {
	t.Helper()
	log, err := logging.New([]string{os.DevNull}, logging.Debug)
	if err != nil {
		t.Fatal(err)
	}
	m := &Manager{config: c, log: log, hosts: map[int]*ending{}, service: notify.New(), reaper: process.NewReaper()}
	watched, stop := make(chan struct{}), make(chan struct{})
	go m.watch(watched, stop)
	t.Cleanup(func() {
		close(stop)
		<-watched
		m.reaper.Close()
	})
	return m
}

// serveAsHost answers like a worker host, but ends at once while there is a file "shortage" in the folder. It makes
// another one with each set-up.
func serveAsHost(folder string) {
	if _, err := os.Stat(folder + "/shortage"); err == nil {
		os.Exit(1)
	}
	channel, err := net.FileConn(os.NewFile(3, "channel"))
	if err != nil {
		os.Exit(2)
	}
	for {
		question, err := protocol.Read(channel)
		if err != nil {
			return
		}
		var answer protocol.Message
		switch question.(type) {
		case protocol.Hello:
			answer = protocol.Ready{Version: protocol.Version}
		case protocol.Configure:
			if _, err := os.CreateTemp(folder, "ready"); err != nil {
				os.Exit(2)
			}
			answer = protocol.Configured{}
		default:
			continue
		}
		frame, err := protocol.Encode(answer)
		if err == nil {
			_, err = channel.Write(frame)
		}
		if err != nil {
			os.Exit(2)
		}
	}
}
