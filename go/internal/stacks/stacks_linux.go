package stacks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// lookTime is between two looks whether all is written.
const lookTime = time.Millisecond

// fileName is what the processor's file is shown as: see python/scaler_native/host/stacks.py.
var fileName = regexp.MustCompile(`^/memfd:scaler-stacks-(\d+)-(\d+) \(deleted\)$`)

func of(ctx context.Context, pid, parent int, patience time.Duration) (string, error) {
	process, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return "", errEnded
	}
	if err != nil {
		return "", fmt.Errorf("cannot signal it: %w", os.NewSyscallError("pidfd_open", err))
	}
	defer unix.Close(process)
	// The descriptor stands for the process that is looked at, or for one that has ended.
	if err := alive(pid, parent); err != nil {
		return "", err
	}
	file, signal, err := open(pid)
	if err != nil {
		return "", err
	}
	defer file.Close() // which unlocks it
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errSilent)
	defer cancel()
	for unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil { // somebody else is asking
		if err := wait(ctx); err != nil {
			return "", err
		}
	}
	before := procfs.ReadSignals(procfs.Root, pid)
	if !procfs.Has(before[pid].Caught, signal) {
		return "", errDeaf // it would die of the signal
	}
	if err := file.Truncate(0); err != nil {
		return "", err
	}
	if err := unix.PidfdSendSignal(process, syscall.Signal(signal), nil, 0); err != nil {
		if errors.Is(err, unix.ESRCH) {
			return "", errEnded
		}
		return "", fmt.Errorf("cannot signal it: %w", os.NewSyscallError("pidfd_send_signal", err))
	}
	for !written(file, pid, signal, before) {
		if err := alive(pid, parent); err != nil {
			return "", err
		}
		if err := wait(ctx); err != nil {
			if errors.Is(err, errSilent) {
				err = fmt.Errorf("%w within %s: %s", errSilent, patience, standing(pid))
			}
			text, _ := read(file)
			return text, err
		}
	}
	text, err := read(file)
	_ = file.Truncate(0) // it is memory of the processor
	return text, err
}

// alive says why a process that was the child of a parent does not answer for sure.
func alive(pid, parent int) error {
	now, there := procfs.Read(procfs.Root, pid)
	switch {
	case !there || now.Parent != parent || now.State == procfs.Zombie:
		return errEnded
	case now.State == procfs.Stopped || now.State == procfs.Traced:
		return errStopped
	}
	return nil
}

// open finds the file to which a processor writes its stacks, and the signal upon which it does.
func open(pid int) (*os.File, int, error) {
	folder := filepath.Join(procfs.Root, strconv.Itoa(pid), "fd")
	names, err := os.ReadDir(folder)
	if err != nil {
		return nil, 0, fmt.Errorf("cannot look at its files: %w", err)
	}
	for _, name := range names {
		target, _ := os.Readlink(filepath.Join(folder, name.Name()))
		match := fileName.FindStringSubmatch(target)
		if match == nil || match[2] != name.Name() { // a task may have made another one of it
			continue
		}
		signal, err := strconv.Atoi(match[1])
		if err != nil || signal < 32 || signal > 64 { // the real-time ones
			continue
		}
		file, err := os.OpenFile(filepath.Join(folder, name.Name()), os.O_RDWR, 0)
		if err != nil {
			return nil, 0, fmt.Errorf("cannot open its file: %w", err)
		}
		if target, _ := os.Readlink(filepath.Join("/proc/self/fd", strconv.Itoa(int(file.Fd())))); fileName.FindString(target) == "" {
			file.Close() // it has changed meanwhile
			return nil, 0, errDeaf
		}
		return file, signal, nil
	}
	return nil, 0, errDeaf
}

// written tells whether the handler has begun to write and has ended. Its signal waits before, and is blocked meanwhile in the
// thread that runs it. Some threads of libraries always block it.
func written(file *os.File, pid, signal int, before map[int]procfs.Signals) bool {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	for thread, now := range procfs.ReadSignals(procfs.Root, pid) {
		if procfs.Has(now.Pending, signal) || procfs.Has(now.Blocked&^before[thread].Blocked, signal) {
			return false
		}
	}
	return true
}

func read(file *os.File) (string, error) {
	text, err := io.ReadAll(io.NewSectionReader(file, 0, Limit+1))
	if len(text) > Limit {
		return strings.ToValidUTF8(string(text[:Limit]), "?") + "\n...\n", err
	}
	return strings.ToValidUTF8(string(text), "?"), err
}

func wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(lookTime):
		return nil
	}
}

// standing is what the kernel tells of a process that does not answer.
func standing(pid int) string {
	now, _ := procfs.Read(procfs.Root, pid)
	told := []string{fmt.Sprintf("its state is %c", now.State)}
	for _, name := range []string{"wchan", "syscall"} {
		text, err := os.ReadFile(filepath.Join(procfs.Root, strconv.Itoa(pid), name))
		if text := strings.TrimSpace(string(text)); err == nil && text != "" && text != "0" {
			told = append(told, name+" "+text)
		}
	}
	return strings.Join(told, ", ")
}
