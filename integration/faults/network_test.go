package faults

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// A network is two network namespaces with a cable between them: one for the scheduler, its storage and its clients,
// and the manager's. They end with the test's thread and the last process in them. A nil network is the machine's own.
type network struct {
	host    string // the scheduler's address
	near    netns.NsHandle
	far     netns.NsHandle
	cable   string // its end on the scheduler's side
	address string // the manager's
}

// buildNetwork has the test's goroutine live on the scheduler's side.
func buildNetwork(s *scene) {
	t := s.t
	check := func(what string, err error) {
		if err != nil {
			t.Fatalf("cannot %s: %v", what, err)
		}
	}
	runtime.LockOSThread() // and not unlocked: the thread ends with the test
	n := &network{host: "10.77.0.1", address: "10.77.0.2", cable: "near"}
	var err error
	n.far, err = netns.New()
	check("make a network namespace", err)
	n.near, err = netns.New()
	check("make a network namespace", err)
	t.Cleanup(func() {
		n.near.Close()
		n.far.Close()
	})
	check("lay a cable", netlink.LinkAdd(&netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: n.cable}, PeerName: "far", PeerNamespace: netlink.NsFd(n.far),
	}))
	plug := func(name, address string) {
		for _, up := range []string{"lo", name} {
			link, err := netlink.LinkByName(up)
			check("find "+up, err)
			if up == name {
				wanted, err := netlink.ParseAddr(address + "/24")
				check("read an address", err)
				check("set an address", netlink.AddrAdd(link, wanted))
			}
			check("switch on "+up, netlink.LinkSetUp(link))
		}
	}
	plug(n.cable, n.host)
	n.there(t, func() { plug("far", n.address) })
	s.network = n
}

// there does something on the manager's side.
func (n *network) there(t *testing.T, do func()) {
	t.Helper()
	if n == nil {
		do()
		return
	}
	if err := netns.Set(n.far); err != nil {
		t.Fatalf("cannot go to the manager's network: %v", err)
	}
	defer func() {
		if err := netns.Set(n.near); err != nil {
			panic(fmt.Sprintf("cannot come back from the manager's network: %v", err))
		}
	}()
	do()
}

// cutNetwork takes the cable out: what is sent is lost, and nothing says so.
func cutNetwork(s *scene) {
	link, err := netlink.LinkByName(s.network.cable)
	if err != nil {
		s.t.Fatal(err)
	}
	s.begins()
	if err := netlink.LinkSetDown(link); err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(12 * time.Second) // longer than a manager may be silent
	if err := netlink.LinkSetUp(link); err != nil {
		s.t.Fatal(err)
	}
	s.since = time.Now()
}
