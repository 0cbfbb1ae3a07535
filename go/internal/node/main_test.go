package node

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/notify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newTestNode returns a node without a worker host.
func newTestNode(t *testing.T, c *config.Config) *node {
	t.Helper()
	log, err := logging.New([]string{os.DevNull}, logging.Debug)
	if err != nil {
		t.Fatal(err)
	}
	signals := newSignals(log)
	n := newNode(plan{Config: c}, log, notify.New(), signals)
	t.Cleanup(func() {
		n.stopWork()
		signals.stop()
		n.goroutines.Wait()
		n.children.Close()
	})
	return n
}
