package remote

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A Cloud starts and stops machines for the modules in sdk, which stand in for the libraries of real clouds.
type Cloud struct {
	t     *testing.T
	mark  cluster.Mark
	image Image
	grace time.Duration // between SIGTERM and SIGKILL of a machine that is stopped; 0 kills at once
	mu    sync.Mutex
	list  []*Machine // guarded by mu
	grown chan struct{}
	stops chan *Machine
}

// newCloud serves until the test ends. Machines that are left then are killed.
func newCloud(t *testing.T, mark cluster.Mark, image Image, grace time.Duration) *Cloud {
	t.Helper()
	needNamespaces(t)
	c := &Cloud{t: t, mark: mark, image: image, grace: grace, grown: make(chan struct{}, 1000),
		stops: make(chan *Machine, 1000)}
	listener, err := net.Listen("unix", c.socket())
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			c.serve(connection)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
	return c
}

func (c *Cloud) socket() string { return filepath.Join(c.mark.Dir, "cloud") }

// A request is what sdk/machines.py sends.
type request struct {
	Do          string
	Name        string
	Environment map[string]string
	Script      string
}

func (c *Cloud) serve(connection net.Conn) {
	defer connection.Close()
	line, err := bufio.NewReader(connection).ReadBytes('\n')
	if err != nil {
		return
	}
	var asked request
	answer := map[string]any{}
	if err := json.Unmarshal(line, &asked); err != nil {
		answer["error"] = err.Error()
	} else {
		c.do(asked, answer)
	}
	text, _ := json.Marshal(answer)
	_, _ = connection.Write(append(text, '\n'))
}

func (c *Cloud) do(asked request, answer map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch asked.Do {
	case "cpus":
		answer["cpus"] = 2
	case "container", "instance":
		m := newMachine(c, fmt.Sprintf("machine-%d", len(c.list)+1), asked)
		c.list = append(c.list, m)
		answer["name"] = m.Name
		c.grown <- struct{}{}
	case "stop":
		for _, m := range c.list {
			if m.Name == asked.Name {
				m.stop(c.grace)
				c.stops <- m
			}
		}
	case "state":
		for _, m := range c.list {
			if m.Name == asked.Name {
				answer["state"] = m.state()
			}
		}
	default:
		answer["error"] = "unknown request " + asked.Do
	}
}

// Machines are those that were started so far, in order.
func (c *Cloud) Machines() []*Machine {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*Machine{}, c.list...)
}

// AwaitStop waits until the next machine is stopped.
func (c *Cloud) AwaitStop(t *testing.T) *Machine {
	t.Helper()
	select {
	case m := <-c.stops:
		return m
	case <-time.After(cluster.ConnectTimeout):
		t.Fatal("no machine is stopped")
		return nil
	}
}

// AwaitMachine waits until that many machines were started, and returns the last of them.
func (c *Cloud) AwaitMachine(t *testing.T, count int) *Machine {
	t.Helper()
	deadline := time.After(cluster.ConnectTimeout)
	for {
		if list := c.Machines(); len(list) >= count {
			return list[count-1]
		}
		select {
		case <-c.grown:
		case <-deadline:
			t.Fatalf("%d machines were not started", count)
		}
	}
}
