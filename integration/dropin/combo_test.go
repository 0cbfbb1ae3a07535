package dropin

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

func programs(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("programs", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// The quick start of Scaler's documentation, unchanged, runs the binary, and tasks find the same as under Scaler's
// manager.
func TestCombo(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		e := nativeEnvironment(t, release)
		folder, port := t.TempDir(), strconv.Itoa(cluster.Ports(t))
		try := func(variables ...string) (program string, task map[string]any) {
			p := e.start(t, folder, variables, e.Python(), programs(t, "combo.py"), port)
			if sum := p.line(t, "SUM"); sum != "5" {
				t.Errorf("2 + 3 = %s", sum)
			}
			program = filepath.Base(p.line(t, "PROGRAM"))
			if err := json.Unmarshal([]byte(p.line(t, "TASK")), &task); err != nil {
				t.Fatal(err)
			}
			if alive := p.line(t, "ALIVE"); alive != "True None" {
				t.Errorf("the parent saw the running manager as %s", alive)
			}
			if exit := p.line(t, "EXIT"); exit != "0 False" {
				t.Errorf("the parent saw the end of the manager as %s", exit)
			}
			if status := p.wait(t); status != 0 {
				t.Errorf("the program ended with %d", status)
			}
			p.checkGone(t, nil)
			if len(variables) == 0 {
				p.checkNoSemaphores(t)
			}
			return program, task
		}
		program, ours := try()
		if program != "scaler_worker_manager" {
			t.Errorf("%s ran", program)
		}
		if program, theirs := try("SCALER_NATIVE=0"); !strings.HasPrefix(program, "python") {
			t.Errorf("with SCALER_NATIVE=0, %s ran", program)
		} else if !reflect.DeepEqual(ours, theirs) {
			t.Errorf("a task finds\n%v\nunder Scaler's own manager\n%v", ours, theirs)
		}
	})
}

// When the program is killed, manager and workers end.
func TestComboOfAKilledProgram(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		e := nativeEnvironment(t, release)
		p := e.start(t, t.TempDir(), nil, e.Python(), programs(t, "combo.py"), strconv.Itoa(cluster.Ports(t)), "--wait")
		p.line(t, "ALIVE")
		manager := p.awaitManager(t)
		p.Signal(syscall.SIGKILL)
		// Scaler's scheduler and object storage do not notice and stay. No worker and no manager may be left.
		p.checkGone(t, func(command string) bool {
			return !strings.Contains(command, "scaler_worker_manager") && !strings.Contains(command, "scaler: ")
		})
		if _, err := os.Stat(fmt.Sprintf("/proc/%d/fd/1", manager)); err == nil {
			t.Error("the manager is left")
		}
	}, "1.26.6", "2.9.0")
}

// The process that multiprocessing made becomes the manager: sentinel, exit status and signals work as usual.
func TestProcess(t *testing.T) {
	for _, method := range []string{"fork", "spawn", "forkserver"} {
		t.Run(method, func(t *testing.T) {
			eachRelease(t, func(t *testing.T, release string) {
				e := nativeEnvironment(t, release)
				p := e.start(t, t.TempDir(), nil, e.Python(), programs(t, "signals.py"), method, strconv.Itoa(cluster.Ports(t)))
				var got map[string]any
				if err := json.Unmarshal([]byte(p.line(t, "ANSWER")), &got); err != nil {
					t.Fatal(err)
				}
				want := map[string]any{"alive": true, "early": false, "ignored": 0.0,
					"program": "scaler_worker_manager", "sentinel": true, "exitcode": 0.0}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("the parent saw\n%v, want\n%v", got, want)
				}
				p.wait(t)
				p.checkGone(t, nil)
				p.checkNoSemaphores(t)
			}, "1.26.6", "2.9.0")
		})
	}
}
