package dropin

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
	"github.com/scaler-native/scaler-native/integration/internal/installed"
)

// If anything of ours is broken, Scaler's own manager runs, and one line says why.
func TestFallback(t *testing.T) {
	breakages := []struct {
		name  string
		wreck func(t *testing.T, e environment)
		says  string
	}{
		{"no binary", func(t *testing.T, e environment) {
			remove(t, filepath.Join(e.Packages(t), "scaler_native", "bin"), e.Path("bin", "scaler_worker_manager"))
		}, "No such file or directory"},
		{"not executable", func(t *testing.T, e environment) {
			for _, path := range []string{filepath.Join(e.Packages(t), "scaler_native", "bin", "scaler_worker_manager"),
				e.Path("bin", "scaler_worker_manager")} {
				if err := os.Chmod(path, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}, "not executable"},
		{"of another machine", func(t *testing.T, e environment) {
			e.write(t, filepath.Join(e.Packages(t), "scaler_native", "bin"), "scaler_worker_manager", "\x7fELF of nothing")
		}, "Exec format error"},
		{"no package", func(t *testing.T, e environment) {
			remove(t, filepath.Join(e.Packages(t), "scaler_native"))
		}, "No module named"},
		{"a damaged package", func(t *testing.T, e environment) {
			e.write(t, filepath.Join(e.Packages(t), "scaler_native"), "takeover.py", "def")
		}, "SyntaxError"},
		{"a damaged part", func(t *testing.T, e environment) {
			e.write(t, filepath.Join(e.Packages(t), "scaler_native"), "options.py", "raise OSError('gone')")
		}, "gone"},
	}
	eachRelease(t, func(t *testing.T, release string) {
		for _, breakage := range breakages {
			t.Run(breakage.name, func(t *testing.T) {
				e := copyEnvironment(t, release)
				e.InstallWheel(t, installed.Wheel(t))
				breakage.wreck(t, e)
				p := e.start(t, t.TempDir(), nil, e.Python(), programs(t, "combo.py"), strconv.Itoa(cluster.Ports(t)))
				if program := p.line(t, "PROGRAM"); !strings.Contains(program, "python") {
					t.Errorf("%s ran", program)
				}
				p.line(t, "EXIT")
				p.wait(t)
				var lines []string
				for _, line := range strings.Split(p.Output.String(), "\n") {
					if strings.HasPrefix(line, "scaler-native: ") {
						lines = append(lines, line)
					}
				}
				if len(lines) != 1 || !strings.Contains(lines[0], breakage.says) {
					t.Errorf("said %q, want one line with %q", lines, breakage.says)
				}
				output, err := exec.Command(e.Python(), "-c", "pass").CombinedOutput()
				if err != nil || len(output) > 0 {
					t.Errorf("python -c pass: %v\n%s", err, output)
				}
			})
		}
	}, "1.26.6", "2.9.0")
}

// A program that calls run() itself must not end when the manager does.
func TestRunInTheProgramItself(t *testing.T) {
	const program = `
import os, signal, sys, threading
sys.path.insert(0, sys.argv[2])
import signals
threading.Timer(3, os.kill, (os.getpid(), signal.SIGTERM)).start()
signals.make_manager("tcp://127.0.0.1:" + sys.argv[1]).run()
print("AFTER it", flush=True)
`
	eachRelease(t, func(t *testing.T, release string) {
		e := nativeEnvironment(t, release)
		folder := t.TempDir()
		p := e.start(t, folder, nil, e.Python(), e.write(t, folder, "program.py", program), strconv.Itoa(cluster.Ports(t)),
			filepath.Dir(programs(t, "signals.py")))
		p.line(t, "AFTER")
		p.wait(t)
		if !strings.Contains(p.Output.String(), "scaler-native: Scaler's own worker manager runs instead: ") {
			t.Error("nothing says why")
		}
		p.checkGone(t, nil)
	}, "2.9.0")
}

func remove(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
}
