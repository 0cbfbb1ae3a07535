package affinity

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// System is the folder in which Linux describes the machine.
const System = "/sys/devices/system"

// Place is the location of a CPU.
type Place struct {
	domain
	// Core is the lowest CPU number of the same core. The kernel's own core ids are not unique across packages.
	Core int
}

// domain is what a set of CPUs should not span, because of the distance to memory. It includes the package, because a
// machine whose firmware hides its NUMA nodes has one node with several packages.
type domain struct{ Node, Package int }

func (d domain) compare(other domain) int {
	return cmp.Or(d.Node-other.Node, d.Package-other.Package)
}

// Topology holds the place of each CPU. A CPU that is missing, for example without /sys, counts as a core of its own in
// the first node.
type Topology map[int]Place

func (t Topology) place(cpu int) Place {
	if place, ok := t[cpu]; ok {
		return place
	}
	return Place{Core: cpu}
}

// ReadTopology reads the places of these CPUs from the folder System.
func ReadTopology(cpus []int) (Topology, error) { return readTopology(os.DirFS(System), cpus) }

func readTopology(system fs.FS, cpus []int) (Topology, error) {
	nodes, err := readNodes(system)
	if err != nil {
		return nil, err
	}
	topology := Topology{}
	for _, cpu := range cpus {
		folder := fmt.Sprintf("cpu/cpu%d/topology/", cpu)
		// thread_siblings_list is deprecated since Linux 5.3, but works before and after.
		siblings, err := readList(system, folder+"thread_siblings_list")
		if err != nil {
			return nil, err
		}
		place := Place{domain: domain{Node: nodes[cpu]}, Core: cpu}
		for _, sibling := range siblings {
			place.Core = min(place.Core, sibling)
		}
		// Some virtual machines and ARM boards have -1 or nothing.
		if text, err := readText(system, folder+"physical_package_id"); err != nil {
			return nil, err
		} else if id, err := strconv.Atoi(text); err == nil {
			place.Package = max(id, 0)
		}
		topology[cpu] = place
	}
	return topology, nil
}

// readNodes returns the NUMA node of each CPU; none on machines without NUMA.
func readNodes(system fs.FS) (map[int]int, error) {
	folders, err := fs.Glob(system, "node/node[0-9]*")
	if err != nil {
		return nil, err
	}
	nodes := map[int]int{}
	for _, folder := range folders {
		number, err := strconv.Atoi(strings.TrimPrefix(path.Base(folder), "node"))
		if err != nil {
			continue
		}
		cpus, err := readList(system, folder+"/cpulist")
		if err != nil {
			return nil, err
		}
		for _, cpu := range cpus {
			nodes[cpu] = number
		}
	}
	return nodes, nil
}

// readList reads a file such as "0-3,8". A missing or empty file, as for a node without CPUs, has none.
func readList(system fs.FS, file string) (Set, error) {
	text, err := readText(system, file)
	if err != nil || text == "" {
		return nil, err
	}
	list, err := parseList(text)
	if err != nil {
		return nil, fmt.Errorf("cannot read the CPUs of %s: %w", path.Join(System, file), err)
	}
	return list, nil
}

func readText(system fs.FS, file string) (string, error) {
	text, err := fs.ReadFile(system, file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("cannot read the CPU topology: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
