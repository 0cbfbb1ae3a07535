package memory

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain also is the processes of a group: "hold MIB" occupies memory until its standard input ends.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "hold" {
		mebibytes, _ := strconv.Atoi(os.Args[2])
		held := make([]byte, mebibytes<<20)
		for i := 0; i < len(held); i += 4096 {
			held[i] = 1
		}
		fmt.Println("held")
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(int(held[0]) - 1)
	}
	os.Exit(m.Run())
}

// hold starts a process in a group, 0 for a new one, and waits until it has its memory.
func hold(t *testing.T, group, mebibytes int) (command *exec.Cmd, end func()) {
	t.Helper()
	command = exec.Command(os.Args[0], "hold", strconv.Itoa(mebibytes))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: group}
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	end = func() {
		input.Close()
		_ = command.Wait()
	}
	t.Cleanup(end)
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "held\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	return command, end
}

func TestReal(t *testing.T) {
	small, _ := hold(t, 0, 1)
	leader := small.Process.Pid
	large, endLarge := hold(t, leader, 40)
	other, _ := hold(t, 0, 1)
	groups := []int{leader, other.Process.Pid}

	usages, err := Read(groups, 40<<20)
	if err != nil {
		t.Fatal(err)
	}
	usage := usages[leader]
	if len(usages) != 2 || len(usage.Processes) != 2 || !usage.Exact || usage.Total < 41<<20 {
		t.Fatalf("got %+v", usages)
	}
	if far := usages[other.Process.Pid]; far.Exact || len(far.Processes) != 1 || far.Total <= 0 || far.Total > 30<<20 {
		t.Errorf("got %+v", far)
	}
	verdict := Judge(usage, leader, 40<<20)
	if verdict.Level != Over || verdict.Victim.Pid != large.Process.Pid || verdict.Victim.Bytes < 40<<20 || verdict.Victim.Started == 0 {
		t.Errorf("got %+v", verdict)
	}

	// Pages that the processes share, here those of the program, are counted once.
	rough, err := Read(groups, 1<<40)
	if err != nil || rough[leader].Exact || rough[leader].Total <= usage.Total {
		t.Errorf("%d bytes with regard to sharing, %+v without, %v", usage.Total, rough[leader], err)
	}

	endLarge()
	if usages, err = Read(groups, 1<<20); err != nil || len(usages[leader].Processes) != 1 {
		t.Errorf("got %+v, %v", usages, err)
	}
}

// TestZombie has a leader that has ended and was not waited for.
func TestZombie(t *testing.T) {
	command := exec.Command("true")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = command.Wait() }()
	// WNOWAIT leaves the zombie there.
	if err := unix.Waitid(unix.P_PID, command.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	if usages, err := Read([]int{command.Process.Pid}, 1); err != nil || len(usages) != 0 {
		t.Errorf("got %+v, %v", usages, err)
	}
}

// TestOddProcesses has a /proc of files.
func TestOddProcesses(t *testing.T) {
	page := int64(os.Getpagesize())
	proc := t.TempDir()
	write := func(pid int, name, text string) {
		t.Helper()
		folder := filepath.Join(proc, strconv.Itoa(pid))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stat := func(state string) string {
		return "1 (a) Z 1 b) " + state + strings.Repeat(" 0", 18) + " 77 0 0\n"
	}
	rollup := "55d0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:  400 kB\nPss:  100 kB\nPss_Dirty: 1 kB\n"
	write(10, "statm", "900 100 30 1 0 1 0\n")
	write(10, "stat", stat("S"))
	write(10, "smaps_rollup", rollup)
	write(11, "statm", "900 50 30 1 0 1 0\n") // it ends between the two looks
	write(12, "statm", "900 20 30 1 0 1 0\n") // its pages are hidden
	write(12, "stat", stat("R"))
	write(13, "statm", "0 0 0 0 0 0 0\n") // a zombie
	write(14, "statm", "900 100 30 1 0 1 0\n")
	write(20, "statm", "900 7 30 1 0 1 0\n")
	write(99, "statm", "900 100 30 1 0 1 0\n")
	groups := map[int]int{10: 10, 11: 10, 12: 10, 13: 10, 20: 20, 99: 1}
	groupOf := func(pid int) (int, error) {
		if group, ok := groups[pid]; ok {
			return group, nil
		}
		return 0, unix.ESRCH // 14 has ended before the first look
	}

	usages, err := read(proc, groupOf, []int{10, 20, 30}, 170*page)
	if err != nil {
		t.Fatal(err)
	}
	want := "map[10:{" + fmt.Sprint(100*1024+20*page) + " false [{10 102400 77} {12 " + fmt.Sprint(20*page) + " 77}]} " +
		"20:{" + fmt.Sprint(7*page) + " false [{20 " + fmt.Sprint(7*page) + " 0}]}]"
	if got := fmt.Sprint(usages); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	if _, err := read(filepath.Join(proc, "missing"), groupOf, nil, 1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, err := Read([]int{os.Getpid()}, 1<<40); err != nil {
			b.Fatal(err)
		}
	}
}
