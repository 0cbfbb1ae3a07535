package stacks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// lookTime is the time between two checks whether the answer is complete.
const lookTime = time.Millisecond

func of(ctx context.Context, pid, parent int, patience time.Duration) (string, error) {
	process, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return "", errEnded
	}
	if err != nil {
		return "", fmt.Errorf("cannot signal it: %w", os.NewSyscallError("pidfd_open", err))
	}
	defer unix.Close(process)
	// Checked after pidfd_open, so that the pidfd is that of the expected process.
	if err := alive(pid, parent); err != nil {
		return "", err
	}
	file, err := open(pid)
	if err != nil {
		return "", err
	}
	defer file.Close() // also unlocks it
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errSilent)
	defer cancel()
	for unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil { // another request is running
		if err := wait(ctx); err != nil {
			return "", err
		}
	}
	text, err := ask(ctx, process, pid, parent, file)
	_ = file.Truncate(0) // it counts as memory of the processor
	return text, err
}

// ask signals a process and waits for the answer. The file must be locked.
func ask(ctx context.Context, process, pid, parent int, file *answerFile) (string, error) {
	before := procfs.ReadSignals(procfs.Root, pid)
	if caught := before[pid].Caught; !procfs.Has(caught, file.signal) || !procfs.Has(caught, file.signalInC) {
		return "", errDeaf // the signal would kill it
	}
	if err := file.Truncate(0); err != nil {
		return "", err
	}
	main := watchMainThread(pid, file.signal)
	defer main.close()
	if err := send(process, file.signal); err != nil {
		return "", err
	}
	askedInC := false
	for {
		text, complete, err := file.read()
		switch {
		case complete || err != nil:
			return text, err
		case askedInC && text != "" && handled(pid, file.signalInC, before):
			return text + onlyMainThread, nil
		}
		if err := alive(pid, parent); err != nil {
			return "", err
		}
		if !askedInC && main.isInC() {
			if err := send(process, file.signalInC); err != nil {
				return "", err
			}
			askedInC = true
		}
		if err := wait(ctx); err != nil {
			if errors.Is(err, errSilent) {
				err = fmt.Errorf("%w within %s: %s", errSilent, answerTime, standing(pid))
			}
			return text, err
		}
	}
}

func send(process, signal int) error {
	err := unix.PidfdSendSignal(process, syscall.Signal(signal), nil, 0)
	switch {
	case errors.Is(err, unix.ESRCH):
		return errEnded
	case err != nil:
		return fmt.Errorf("cannot signal it: %w", os.NewSyscallError("pidfd_send_signal", err))
	}
	return nil
}

// alive returns an error if the process has ended, is another one, or is stopped.
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

func wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(lookTime):
		return nil
	}
}
