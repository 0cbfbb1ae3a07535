package procfs

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

func TestParseUsage(t *testing.T) {
	const after = " S 1 2 3 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 777 1000 25 18446744073709551615"
	usage, ok := parseUsage([]byte("12 (a ) b)" + after))
	if !ok || usage.CPU != 2*time.Second || usage.Resident != 25*uint64(os.Getpagesize()) {
		t.Errorf("got %+v, %v", usage, ok)
	}
	for _, text := range []string{
		"", "12 (a)", "12 (a) S 1 2", "12 (a) S 1 2 3 0 -1 4194560 100 0 0 0 x 50 0 0 20 0 1 0 7 8 9 1",
	} {
		if usage, ok := parseUsage([]byte(text)); ok {
			t.Errorf("%q reads as %+v", text, usage)
		}
	}
}

func TestStat(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	command := exec.Command("cat")
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stat, err := OpenStat(Root, command.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer stat.Close()
	// The kernel batches page counts per CPU, so that a new process may have an RSS of 0.
	if usage, ok := stat.Read(); !ok {
		t.Errorf("a process that runs: %+v, %v", usage, ok)
	}
	own, err := OpenStat(Root, os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if usage, ok := own.Read(); !ok || usage.Resident == 0 {
		t.Errorf("this process: %+v, %v", usage, ok)
	}
	input.Close()
	if err := command.Wait(); err != nil {
		t.Fatal(err)
	}
	if usage, ok := stat.Read(); ok {
		t.Errorf("a process that has ended: %+v", usage)
	}
}

func TestMachine(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	if limit, free := Memory(); limit == 0 || free == 0 || free > limit {
		t.Errorf("memory: limit %d, free %d", limit, free)
	}
	Network() // a namespace may have no interface
}
