package host

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

func TestConversation(t *testing.T) {
	f := newFixture(t, nil)
	ready, err := f.Introduction(f.patiently())
	if err != nil || ready.Scaler != "2.9.0" {
		t.Fatalf("introduced as %+v, %v", ready, err)
	}
	if err := f.Send(protocol.Start{Worker: 1}); err != nil {
		t.Errorf("without a host that is ready: %v", err)
	}
	unknown, err := f.Configure(f.patiently(), protocol.Configure{})
	if err != nil || !slices.Equal(unknown, []string{"bogus"}) {
		t.Errorf("unknown are %v, %v", unknown, err)
	}
	f.expect(Ready{1})
	if err := f.Send(protocol.Start{Worker: 7}); err != nil {
		t.Error(err)
	}
	select {
	case event := <-f.events:
		message, _ := event.(Message)
		if started, _ := message.Message.(protocol.Started); started.Worker != 7 || message.Incarnation != 1 {
			t.Errorf("got event %#v", event)
		}
	case <-time.After(limit):
		t.Error("no event about the start")
	}
	f.cancel()
	f.expect(Lost{1})
	if err := f.expectEnd(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestRefusedConfiguration(t *testing.T) {
	f := newFixture(t, nil)
	_, err := f.Configure(f.patiently(), protocol.Configure{Options: map[string]any{"refuse": "no such thing"}})
	if err == nil || err.Error() != "no such thing" {
		t.Errorf("got %v", err)
	}
}

// The scheduler may come back at another address: later hosts have to get the last configuration.
func TestLastConfigurationIsKept(t *testing.T) {
	f := newConfigured(t, nil)
	if _, err := f.Configure(f.patiently(), protocol.Configure{}); err != nil {
		t.Fatal(err)
	}
	f.kill()
	f.expect(Lost{1})
	f.expect(Ready{2})
	if ready, err := filepath.Glob(filepath.Join(f.folder, "ready*")); err != nil || len(ready) != 3 {
		t.Errorf("configured %d times, %v", len(ready), err)
	}
}

func TestShortageIsSurvived(t *testing.T) {
	f := newConfigured(t, nil)
	f.set("shortage")
	f.kill()
	f.expect(Lost{1})
	time.AfterFunc(100*time.Millisecond, func() { _ = os.Remove(filepath.Join(f.folder, "shortage")) })
	select {
	case event := <-f.events:
		if ready, ok := event.(Ready); !ok || ready.Incarnation < 2 {
			t.Errorf("got event %#v", event)
		}
	case <-time.After(limit):
		t.Error("no other host is started")
	}
}

func TestSupervisorGivesUp(t *testing.T) {
	f := newConfigured(t, func(s *Supervisor) { s.patience = 100 * time.Millisecond })
	f.set("shortage")
	f.kill()
	f.expect(Lost{1})
	if err := f.expectEnd(); !errors.Is(err, ErrHostDied) {
		t.Errorf("ended with %v", err)
	}
}

func TestRunEndsWithContext(t *testing.T) {
	f := newConfigured(t, nil)
	f.set("shortage")
	f.kill()
	f.expect(Lost{1})
	f.cancel()
	if err := f.expectEnd(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestHostThatHangsInImportIsReplaced(t *testing.T) {
	f := newConfigured(t, func(s *Supervisor) { s.leastImportTime = 200 * time.Millisecond })
	f.set("slow")
	f.kill()
	f.expect(Lost{1})
	time.AfterFunc(300*time.Millisecond, func() { _ = os.Remove(filepath.Join(f.folder, "slow")) })
	select {
	case event := <-f.events:
		if ready, ok := event.(Ready); !ok || ready.Incarnation < 3 {
			t.Errorf("got event %#v, want a third host", event)
		}
	case <-time.After(limit):
		t.Error("the host that hangs is not replaced")
	}
}

// A host that does not read its channel must not block Send, and is killed because it does not answer pings.
func TestHostThatDoesNotRead(t *testing.T) {
	f := newConfigured(t, func(s *Supervisor) { s.pingInterval = 50 * time.Millisecond })
	f.set("deaf")
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		settings := protocol.Settings{Environment: map[string]string{"LARGE": strings.Repeat("x", 10000)}}
		for number := range 2000 {
			_ = f.Send(protocol.Start{Worker: number + 1, Settings: settings})
		}
	}()
	select {
	case <-sent:
	case <-time.After(limit):
		t.Fatal("Send blocks")
	}
	for deadline := time.After(limit); ; {
		select {
		case event := <-f.events:
			if _, lost := event.(Lost); lost {
				f.unset("deaf")
				f.expect(Ready{2})
				return
			}
		case <-deadline:
			t.Fatal("the host that does not read is not replaced")
		}
	}
}

func TestIntroductionEndsWithContext(t *testing.T) {
	f := newFixture(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Configure(ctx, protocol.Configure{}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
