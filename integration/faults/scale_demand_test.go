package faults

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

const (
	demanded = 4_000_000_000
	// demandSafety is from how many processes on the test looks no longer, to save the machine: the manager says how many
	// it will start at most.
	demandSafety = 1500
	// demandLines is how many warnings and errors the manager may log in ten seconds of such a demand. That it has
	// started a worker is a line of that worker's.
	demandLines = 50
)

// A scheduler that asks for four billion workers, which no real one does, gets what the machine can take and one line
// that says so; the manager can be ended as ever.
func TestScaleDemand(t *testing.T) {
	m := cluster.NewMark(t)
	listener := listenDemanding(t, demanded)
	start := cluster.Dynamic("-1", "--stop-timeout-seconds", "5")
	start.Address = listener.Address()
	m.OwnSemaphores(t, "2.9.0", "demand", &start)
	manager := cluster.StartManager(t, "2.9.0", m, "demand", start)
	if _, ok := manager.Output.Wait(regexp.MustCompile("serving scheduler"), 0, cluster.ConnectTimeout); !ok {
		t.Fatal("the manager is not ready")
	}
	most := 0
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if most = max(most, len(cluster.Children(cluster.HostOf(manager)))); most > demandSafety {
			break
		}
	}
	holds := regexp.MustCompile(`this machine can hold about (\d+) `)
	line, ok := manager.Output.Wait(holds, 0, cluster.ConnectTimeout)
	if !ok {
		t.Fatal("the manager does not say how many workers the machine can hold")
	}
	capacity, _ := strconv.Atoi(holds.FindStringSubmatch(line)[1])
	if most > capacity+1 { // the resource tracker is one
		t.Errorf("%d processes have started, want %d at most", most, capacity)
	}
	lines, said := 0, 0
	all, _, _ := manager.Output.Since(0)
	for _, line := range all {
		if !strings.Contains(line, fmt.Sprintf("[%d]", manager.PID())) {
			continue // a worker's
		}
		if !strings.Contains(line, "WARNING") && !strings.Contains(line, "ERROR") {
			continue
		}
		if strings.Contains(line, fmt.Sprint(demanded)) {
			said++
		}
		lines++
	}
	t.Logf("%d processes, %d warnings and errors of the manager", most, lines)
	if said != 1 {
		t.Errorf("%d warnings name the %d workers that are asked for, want 1", said, demanded)
	}
	if lines > demandLines {
		t.Errorf("%d warnings and errors are logged, want %d at most", lines, demandLines)
	}
	manager.EndWithin(t, scaleStop)
}

// listenDemanding answers every heartbeat of a manager with the demand for so many workers. Workers are not answered.
func listenDemanding(t *testing.T, count uint32) *cluster.RubbishListener {
	t.Helper()
	command := goldenFrame(t, "command_set_one")
	const place = 0x30 // of taskConcurrency, in the one request that the frame has
	if binary.LittleEndian.Uint32(command[place:]) != 5 {
		t.Fatalf("the golden frame does not ask for 5 workers: % x", command)
	}
	binary.LittleEndian.PutUint32(command[place:], count)
	answer := append(cluster.Frame(goldenFrame(t, "echo")), cluster.Frame(command)...)
	return cluster.ListenYMQ(t, func(connection net.Conn) {
		if _, err := io.ReadFull(connection, make([]byte, len(cluster.YmqMagic))); err != nil {
			return
		}
		identity, err := readFrame(connection)
		if err != nil || !bytes.Contains(identity, []byte("worker_manager")) {
			cluster.Swallow(connection)
			return
		}
		for {
			if _, err := readFrame(connection); err != nil {
				return
			}
			if _, err := connection.Write(answer); err != nil {
				return
			}
		}
	})
}

func readFrame(connection net.Conn) ([]byte, error) {
	var header [8]byte
	if _, err := io.ReadFull(connection, header[:]); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint64(header[:])
	if size > 1<<20 {
		return nil, fmt.Errorf("a frame of %d bytes", size)
	}
	message := make([]byte, size)
	_, err := io.ReadFull(connection, message)
	return message, err
}

// goldenFrame is a frame that 2.9.0's own classes made.
func goldenFrame(t *testing.T, name string) []byte {
	t.Helper()
	bytes, err := os.ReadFile(cluster.Repository("schema", "golden", "2.9.0", name+".bin"))
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}
