package affinity

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range []struct{ text, want, list string }{
		{"none", "none", ""}, {" spread ", "spread", ""}, {"compact", "compact", ""},
		{
			"3", "3", "3"}, {"0-3,8,10-12", "0-3,8,10-12", "0-3,8,10-12"}, {"8, 2-3,3", "8, 2-3,3", "2-3,8"}, {"65535",
			"65535", "65535",
		},
	} {
		p, err := Parse(test.text)
		if err != nil || p.String() != test.want || p.list.String() != test.list || p.None() != (test.want == "none") {
			t.Errorf("%q is %v with %v, %v", test.text, p, p.list, err)
		}
		if text, err := json.Marshal(p); err != nil || string(text) != `"`+test.want+`"` {
			t.Errorf("%q is %s in JSON, %v", test.text, text, err)
		}
	}
	for _, text := range []string{
		"", "Spread", "all", "1,", ",1", "1-", "-1", "3-1", "1-2-3", "x", "1.5", "+1", "65536", "0-99999999999999999999",
	} {
		if p, err := Parse(text); err == nil || !strings.Contains(err.Error(), "none, spread, compact, or CPUs like 0-3,8") {
			t.Errorf("%q is %v, %v", text, p, err)
		}
	}
	if zero := (Policy{}); !zero.None() || zero.String() != "none" {
		t.Errorf("the zero value is %v", zero)
	}
}

func TestSet(t *testing.T) {
	for want, set := range map[string]Set{"": nil, "5": {5}, "0-3,8": {8, 0, 3, 1, 2}, "0,2,4-5": {0, 2, 4, 5}} {
		if got := set.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// machine returns nodes of two-threaded cores, numbered as on Intel: all first threads, then all second ones.

func machine(cores ...int) Topology {
	total := 0
	for _, n := range cores {
		total += n
	}
	topology := Topology{}
	first := 0
	for node, n := range cores {
		for core := first; core < first+n; core++ {
			topology[core] = Place{domain{node, node}, core}
			topology[core+total] = Place{domain{node, node}, core}
		}
		first += n
	}
	return topology
}

// packages is a machine whose firmware hides its nodes: one node, two packages of two single-threaded cores.
var packages = Topology{0: {domain{0, 0}, 0}, 1: {domain{0, 0}, 1}, 2: {domain{0, 1}, 2}, 3: {domain{0, 1}, 3}}

func TestPlan(t *testing.T) {
	dual := machine(4, 4) // node 0 has 0-3 and 8-11, node 1 has 4-7 and 12-15
	for _, test := range []struct {
		name, policy string
		topology     Topology
		allowed      string
		perWorker    int
		want         string
	}{
		{"none", "none", dual, "0-15", 99, ""},
		{"spread: nodes by turns, second threads last", "spread", dual, "0-15", 1, "0 4 1 5 2 6 3 7 8 12 9 13 10 14 11 15"},
		{"spread: pairs on two cores of a node", "spread", dual, "0-15", 2, "0-1 4-5 2-3 6-7 8-9 12-13 10-11 14-15"},
		{"spread: three", "spread", dual, "0-15", 3, "0-2 4-6 3,8-9 7,12-13 10-11,14"},
		{"spread: a whole node", "spread", dual, "0-15", 8, "0-3,8-11 4-7,12-15"},
		{"spread: more than a node", "spread", dual, "0-15", 9, "0-4,8-11"},
		{"spread: everything", "spread", dual, "0-15", 16, "0-15"},
		{"compact: a core, a node, the next", "compact", dual, "0-15", 1, "0 8 1 9 2 10 3 11 4 12 5 13 6 14 7 15"},
		{"compact: a core each", "compact", dual, "0-15", 2, "0,8 1,9 2,10 3,11 4,12 5,13 6,14 7,15"},
		{"compact: three, the remainders last", "compact", dual, "0-15", 3, "0-1,8 2,9-10 4-5,12 6,13-14 3,7,11"},
		{"mask: one node", "spread", dual, "4-7", 1, "4 5 6 7"},
		{"mask: second threads only", "spread", dual, "8-15", 1, "8 12 9 13 10 14 11 15"},
		{"mask: some second threads", "spread", dual, "0,8-9,4", 1, "0 4 9 8"},
		{"asymmetric: spread", "spread", machine(3, 1), "0-7", 1, "0 3 1 2 4 7 5 6"},
		{"asymmetric: spread in twos", "spread", machine(3, 1), "0-7", 2, "0-1 2,4 3,7 5-6"},
		{"asymmetric: compact in twos", "compact", machine(3, 1), "0-7", 2, "0,4 1,5 2,6 3,7"},
		{"asymmetric: compact in threes", "compact", machine(3, 1), "0-7", 3, "0-1,4 2,5-6"},
		{"offline: a thread here, a core there", "compact", dual, "0-6,9-13", 2, "1,9 2,10 3,11 4,12 5,13 0,6"},
		{
			"cores with one and with two threads", "compact", Topology{0: {Core: 0}, 1: {Core: 1}, 2: {Core: 2}, 3: {Core: 2}},
			"0-3", 2, "2-3 0-1",
		},
		{"packages: spread", "spread", packages, "0-3", 1, "0 2 1 3"},
		{"packages: no set over two", "spread", packages, "0-3", 2, "0-1 2-3"},
		{"flat", "spread", nil, "0-3", 1, "0 1 2 3"},
		{"flat: a CPU is left", "compact", nil, "0-4", 2, "0-1 2-3"},
		{"list: its order", "12,3-5,0", dual, "0-15", 1, "12 3 4 5 0"},
		{"list: no set over two nodes", "0,4,1,5,2,6,3,7", dual, "0-15", 2, "0-1 4-5 2-3 6-7"},
		{"list: pairs by threads", "0,8,1,9", dual, "0-15", 2, "0,8 1,9"},
		{"list: unless there is no other way", "0,4,1", dual, "0-15", 3, "0-1,4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			policy, allowed := parsed(t, test.policy, test.allowed)
			sets, err := Plan(policy, test.topology, allowed, test.perWorker)
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, set := range sets {
				texts = append(texts, set.String())
			}
			if got := strings.Join(texts, " "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestImpossible(t *testing.T) {
	for _, test := range []struct {
		policy, allowed string
		perWorker       int
		want            string
	}{
		{"0-3,9", "0-2,8", 1, "cannot use CPU 3,9 of --cpu-affinity 0-3,9: this process may use 0-2,8 only"},
		{"spread", "0-3", 5, "cannot give 5 CPUs to each worker: there are 4 (0-3)"},
		{"1-2", "0-3", 3, "cannot give 3 CPUs to each worker: there are 2 (1-2)"},
		{"spread", "0-3", 0, "cannot give 0 CPUs to each worker: there are 4 (0-3)"},
	} {
		policy, allowed := parsed(t, test.policy, test.allowed)
		if sets, err := Plan(policy, nil, allowed, test.perWorker); err == nil || err.Error() != test.want {
			t.Errorf("got %v, %v", sets, err)
		}
	}
}

func TestSlots(t *testing.T) {
	sets := Sets{{0}, {1}, {2}}
	for slot, want := range map[int]string{0: "0", 2: "2", 3: "0", 7: "1"} {
		if got := sets.At(slot).String(); got != want {
			t.Errorf("slot %d has %s", slot, got)
		}
	}
	if Sets(nil).At(3) != nil {
		t.Error("nobody asked for a binding")
	}
}

func parsed(t *testing.T, policy, allowed string) (Policy, []int) {
	t.Helper()
	p, err := Parse(policy)
	if err != nil {
		t.Fatal(err)
	}
	cpus, err := parseList(allowed)
	if err != nil {
		t.Fatal(err)
	}
	return p, cpus
}
