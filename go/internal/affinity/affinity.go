// Package affinity decides which CPUs a worker and its processors run on, from the user's policy, the topology of the
// machine and the CPUs that this process may use. It does not bind processes itself.
package affinity

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The policies.
const (
	none    = "none"
	spread  = "spread"
	compact = "compact"
)

// Policy is the user's choice. The zero value is "none": workers are not bound.
type Policy struct {
	order string // "" for none, spread, compact, or the list as it was written
	list  Set    // in the order of the text; nil if order is not a list
}

// Parse reads "none", "spread", "compact", or a list of CPUs like "0-3,8,10-12".
func Parse(text string) (Policy, error) {
	text = strings.TrimSpace(text)
	switch text {
	case none:
		return Policy{}, nil
	case spread, compact:
		return Policy{order: text}, nil
	}
	list, err := parseList(text)
	if err != nil {
		return Policy{}, fmt.Errorf("invalid CPU affinity %q (none, spread, compact, or CPUs like 0-3,8): %w", text, err)
	}
	return Policy{order: text, list: list}, nil
}

// None reports whether workers are not bound.
func (p Policy) None() bool { return p.order == "" }

// String returns the text that Parse read.
func (p Policy) String() string {
	if p.None() {
		return none
	}
	return p.order
}

// MarshalText returns String, for JSON.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Sets are the CPUs by slot: the worker in slot 0 gets the first set, and so on.
type Sets []Set

// At returns the CPUs of a slot, which counts from 0. More workers than sets share them in turn. Without sets it
// returns nil: no binding.
func (s Sets) At(slot int) Set {
	if len(s) == 0 {
		return nil
	}
	return s[slot%len(s)]
}

// Plan deals out the allowed CPUs in sets of perWorker, at least 1. A set spans several NUMA nodes or packages only if
// it is made of what is left over in each; these sets come last, and CPUs that do not fill another set stay unused.
// Spread alternates between nodes, then between cores, and uses the second threads of cores last. Compact fills a core,
// then a node, then the next. A list is used in its own order. Without a policy there are no sets.
func Plan(policy Policy, topology Topology, allowed []int, perWorker int) (Sets, error) {
	if policy.None() {
		return nil, nil
	}
	order, err := policy.sort(topology, allowed)
	if err != nil {
		return nil, err
	}
	if perWorker < 1 || perWorker > len(order) {
		return nil, fmt.Errorf("cannot give %d CPUs to each worker: there are %d (%s)", perWorker, len(order), Set(order))
	}
	return deal(topology, order, perWorker), nil
}

// sort returns the CPUs to use, in the order in which they are dealt out.
func (p Policy) sort(topology Topology, allowed []int) ([]int, error) {
	if p.list != nil {
		missing := slices.DeleteFunc(slices.Clone(p.list), func(cpu int) bool { return slices.Contains(allowed, cpu) })
		if len(missing) > 0 {
			return nil, fmt.Errorf("cannot use CPU %s of --cpu-affinity %s: this process may use %s only",
				missing, p, Set(allowed))
		}
		return p.list, nil
	}
	if p.order == compact {
		return topology.compact(allowed), nil
	}
	return topology.spread(allowed), nil
}

// deal fills one set per domain at a time, so that no set spans two domains.
func deal(topology Topology, order []int, size int) Sets {
	var sets Sets
	open := map[domain]Set{}
	for _, cpu := range order {
		home := topology.place(cpu).domain
		open[home] = append(open[home], cpu)
		if len(open[home]) == size {
			sets = append(sets, open[home])
			delete(open, home)
		}
	}
	var rest []int
	for _, home := range slices.SortedFunc(maps.Keys(open), domain.compare) {
		rest = append(rest, open[home]...)
	}
	for whole := range slices.Chunk(rest, size) {
		if len(whole) == size {
			sets = append(sets, whole)
		}
	}
	for i, set := range sets {
		sets[i] = slices.Sorted(slices.Values(set))
	}
	return sets
}

// compact orders CPUs by domain, then by core. Within a domain, cores with the most threads come first, so that one
// offline thread does not shift all others.
func (t Topology) compact(cpus []int) []int {
	threads := map[int]int{} // by core
	for _, cpu := range cpus {
		threads[t.place(cpu).Core]++
	}
	return slices.SortedFunc(slices.Values(cpus), func(a, b int) int {
		x, y := t.place(a), t.place(b)
		return cmp.Or(x.domain.compare(y.domain), threads[y.Core]-threads[x.Core], x.Core-y.Core, a-b)
	})
}

// spread puts the first threads of all cores before the second ones, and alternates between domains.
func (t Topology) spread(cpus []int) []int {
	type turn struct{ thread, core, cpu int }
	var turns []turn
	cores := map[domain]int{} // seen in the domain
	position := map[int]int{} // of a core in its domain
	threads := map[int]int{}  // seen of a core
	for _, cpu := range t.compact(cpus) {
		place := t.place(cpu)
		if threads[place.Core] == 0 {
			position[place.Core] = cores[place.domain]
			cores[place.domain]++
		}
		turns = append(turns, turn{threads[place.Core], position[place.Core], cpu})
		threads[place.Core]++
	}
	// A stable sort keeps domains in order within a turn.
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Or(a.thread-b.thread, a.core-b.core) })
	ordered := make([]int, len(turns))
	for i, turn := range turns {
		ordered[i] = turn.cpu
	}
	return ordered
}
