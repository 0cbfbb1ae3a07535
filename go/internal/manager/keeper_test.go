package manager

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/python"
)

// testPatience is what only a failure waits for.
const testPatience = 20 * time.Second

// kept is a keeper that serves a pool, with this program for a host.
type kept struct {
	*keeper
	t      *testing.T
	folder string // of its hosts
	pool   *pool.Pool
	ended  chan error // what serve returned
}

func newKept(t *testing.T, patience time.Duration) *kept {
	t.Helper()
	k := &kept{t: t, folder: t.TempDir(), ended: make(chan error, 1)}
	t.Setenv(hostFolder, k.folder)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m := newManager(t, &config.Config{})
	k.keeper = &keeper{manager: m, interpreter: python.Interpreter{Path: program}, patience: patience, sockets: map[int][]string{}}
	m.keeper = k.keeper
	ctx, cancel := context.WithCancel(context.Background())
	if err := k.restart(ctx); err != nil {
		t.Fatal(err)
	}
	k.pool = pool.New(pool.Options{Launcher: k.keeper, Signaller: signaller{}, Log: m.log})
	go k.pool.Run()
	go func() { k.ended <- k.serve(ctx, k.pool) }()
	t.Cleanup(func() {
		cancel()
		k.pool.Kill()
		k.close()
		<-k.pool.Done()
		if err := <-k.ended; err != nil && !errors.Is(err, ErrHostDied) {
			t.Errorf("served until %v", err)
		}
	})
	return k
}

func (k *kept) shortage() {
	k.t.Helper()
	if err := os.WriteFile(filepath.Join(k.folder, "shortage"), nil, 0o600); err != nil {
		k.t.Fatal(err)
	}
}

// awaitHosts waits until so many hosts have been set up.
func (k *kept) awaitHosts(count int) {
	k.t.Helper()
	for deadline := time.Now().Add(testPatience); ; time.Sleep(time.Millisecond) {
		ready, err := filepath.Glob(filepath.Join(k.folder, "ready*"))
		if err != nil {
			k.t.Fatal(err)
		}
		if len(ready) >= count {
			return
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("%d hosts were set up, want %d", len(ready), count)
		}
	}
}

func (k *kept) killHost() {
	k.t.Helper()
	if err := process.Signal(k.host().Pid, syscall.SIGKILL); err != nil {
		k.t.Fatal(err)
	}
}

func TestShortageIsOutlasted(t *testing.T) {
	k := newKept(t, time.Hour)
	k.awaitHosts(1)
	k.shortage()
	k.killHost()
	before := k.host()
	for deadline := time.Now().Add(testPatience); k.host() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no other host is tried")
		}
	}
	if err := os.Remove(filepath.Join(k.folder, "shortage")); err != nil {
		t.Fatal(err)
	}
	k.awaitHosts(2)
	k.killHost() // and again
	k.awaitHosts(3)
}

func TestHostsThatNeverLiveEndTheManager(t *testing.T) {
	k := newKept(t, 100*time.Millisecond)
	k.awaitHosts(1)
	k.shortage()
	k.killHost()
	select {
	case err := <-k.ended:
		if k.ended <- err; !errors.Is(err, ErrHostDied) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(testPatience):
		t.Error("hosts are tried for ever")
	}
}

func TestTriesEndWithTheManager(t *testing.T) {
	k := newKept(t, time.Hour)
	k.awaitHosts(1)
	k.shortage()
	k.killHost()
	k.pool.Stop()
	select {
	case err := <-k.ended:
		if k.ended <- err; err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(testPatience):
		t.Error("hosts are tried for ever")
	}
}
