package dropin

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Every option that a release knows reaches the binary as it was.
func TestOptions(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		e := nativeEnvironment(t, release)
		command := exec.Command(e.Python(), programs(t, "options.py"), filepath.Join(t.TempDir(), "config.toml"),
			e.Path("bin", "scaler_worker_manager"))
		command.Env = cleanEnvironment()
		if output, err := command.CombinedOutput(); err != nil || len(output) > 0 {
			t.Errorf("%v\n%s", err, output)
		}
	})
}
