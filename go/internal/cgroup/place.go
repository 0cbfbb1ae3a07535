package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Place is the cgroup of a process.
type Place struct {
	Folder string
	// Top says that it is the root of a cgroup namespace, or the root of all cgroups.
	Top bool
}

// Own finds the cgroup of this process. proc is where procfs is mounted.
func Own(proc string) (Place, error) {
	text, err := os.ReadFile(filepath.Join(proc, "self/cgroup"))
	if err != nil {
		return Place{}, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		// "0::/path" is the hierarchy of version 2 (cgroups(7)).
		if own, found := strings.CutPrefix(line, "0::"); found {
			return locate(proc, own)
		}
	}
	return Place{}, errors.New("there is no cgroup v2")
}

// locate finds the folder of a cgroup.
func locate(proc, own string) (Place, error) {
	text, err := os.ReadFile(filepath.Join(proc, "self/mountinfo"))
	if err != nil {
		return Place{}, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		// "35 26 0:30 /root /mount/point rw,nosuid shared:4 - cgroup2 cgroup2 rw" (proc_pid_mountinfo(5)).
		before, after, _ := strings.Cut(line, " - ")
		if fields := strings.Fields(before); len(fields) > 4 && strings.HasPrefix(after, "cgroup2 ") {
			root, mount := unescape.Replace(fields[3]), unescape.Replace(fields[4])
			below, inside := strings.CutPrefix(own+"/", strings.TrimSuffix(root, "/")+"/")
			if !inside || strings.Contains(own+"/", "/../") {
				return Place{}, fmt.Errorf("the manager's cgroup %s is not below %s, which is what %s shows", own, root, mount)
			}
			return Place{Folder: filepath.Join(mount, below), Top: path.Clean(own) == "/"}, nil
		}
	}
	return Place{}, errors.New("cgroup v2 is not mounted")
}

// What the kernel writes in place of bytes that would end a field.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// check says why cgroups cannot be created at a place.
func check(place Place) error {
	text, err := os.ReadFile(filepath.Join(place.Folder, fileControllers))
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(place.Folder, fileType)); err != nil {
		return fmt.Errorf("the manager is in the root cgroup %s", place.Folder)
	}
	if !slices.Contains(strings.Fields(string(text)), "memory") {
		return fmt.Errorf("%s has no memory controller", place.Folder)
	}
	if err := checkDelegated(place); err != nil {
		return err
	}
	if text, err = os.ReadFile(filepath.Join(place.Folder, fileProcs)); err != nil {
		return err
	}
	own, alone := strconv.Itoa(os.Getpid()), false
	for _, pid := range strings.Fields(string(text)) {
		if pid != own {
			return fmt.Errorf("%s is not the manager's alone: process %s is in it", place.Folder, pid)
		}
		alone = true
	}
	if !alone {
		return fmt.Errorf("the manager is not in %s", place.Folder)
	}
	return nil
}
