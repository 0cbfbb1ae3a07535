package cluster

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// A Network is a bridge in a network namespace of its own, where the test with its scheduler, storage and clients is,
// and hosts on that bridge. The namespaces end with the test's thread and the last process in them.
type Network struct {
	Address   string // of the scheduler's host
	namespace netns.NsHandle
	bridge    *netlink.Bridge
	hosts     int
}

// A Host is a network namespace for a manager. A nil host is the one that the test is on.
type Host struct {
	Name      string
	Address   string
	network   *Network
	namespace netns.NsHandle
	port      string // the bridge's end of its cable
}

const networkMask = "/16"

// NeedRoot skips a test that needs root; under CI, which has to run as root, it fails the test.
func NeedRoot(t *testing.T, what string) {
	t.Helper()
	switch {
	case os.Getuid() == 0:
	case os.Getenv("CI") != "":
		t.Fatalf("needs root, for %s: CI has to run it as root", what)
	default:
		t.Skipf("needs root, for %s", what)
	}
}

func checked(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("cannot %s: %v", what, err)
	}
}

// NewNetwork has the test's goroutine live on the scheduler's host.
func NewNetwork(t *testing.T) *Network {
	t.Helper()
	runtime.LockOSThread() // and not unlocked: the thread ends with the test
	n := &Network{Address: "10.77.0.1"}
	var err error
	n.namespace, err = netns.New()
	checked(t, "make a network namespace", err)
	t.Cleanup(func() { n.namespace.Close() })
	// A bridge without an address of its own takes that of one of its ports, another one whenever they change.
	n.bridge = &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "bridge", MTU: 1500,
		HardwareAddr: net.HardwareAddr{0x02, 0, 0, 0, 0, 1}}}
	checked(t, "make a bridge", netlink.LinkAdd(n.bridge))
	switchOn(t, "lo")
	addAddress(t, "bridge", n.Address)
	switchOn(t, "bridge")
	return n
}

func switchOn(t *testing.T, name string) {
	t.Helper()
	checked(t, "switch on "+name, netlink.LinkSetUp(findLink(t, name)))
}

func findLink(t *testing.T, name string) netlink.Link {
	t.Helper()
	link, err := netlink.LinkByName(name)
	checked(t, "find "+name, err)
	return link
}

func addAddress(t *testing.T, name, address string) {
	t.Helper()
	wanted, err := netlink.ParseAddr(address + networkMask)
	checked(t, "read an address", err)
	checked(t, "set an address", netlink.AddrAdd(findLink(t, name), wanted))
}

// AddHost adds a host. A packet to or from it takes delay, and no time of note if that is 0.
func (n *Network) AddHost(t *testing.T, delay time.Duration) *Host {
	t.Helper()
	n.hosts++
	h := &Host{Name: fmt.Sprintf("host%d", n.hosts), Address: fmt.Sprintf("10.77.1.%d", n.hosts), network: n,
		port: fmt.Sprintf("port%d", n.hosts)}
	var err error
	h.namespace, err = netns.New() // which goes there
	checked(t, "make a network namespace", err)
	t.Cleanup(func() { h.namespace.Close() })
	checked(t, "come back from a new network namespace", netns.Set(n.namespace))
	if delay == 0 {
		checked(t, "lay a cable", netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: h.port},
			PeerName: "eth", PeerNamespace: netlink.NsFd(h.namespace)}))
	} else {
		near := openTap(t, h.port)
		h.There(t, func() { layLongCable(t, near, openTap(t, "eth"), delay) })
	}
	checked(t, "plug a cable in", netlink.LinkSetMaster(findLink(t, h.port), n.bridge))
	switchOn(t, h.port)
	h.There(t, func() {
		switchOn(t, "lo")
		addAddress(t, "eth", h.Address)
		switchOn(t, "eth")
	})
	h.fixNeighbours(t)
	return h
}

// fixNeighbours lets neither side ask for the other's hardware address, as where a router is between them: else a host
// that is cut off would learn that from the kernel.
func (h *Host) fixNeighbours(t *testing.T) {
	t.Helper()
	var there net.HardwareAddr
	here := findLink(t, "bridge").Attrs()
	fix := func(link *netlink.LinkAttrs, address string, hardware net.HardwareAddr) {
		checked(t, "fix a neighbour", netlink.NeighSet(&netlink.Neigh{LinkIndex: link.Index, Family: netlink.FAMILY_V4,
			State: netlink.NUD_PERMANENT, IP: net.ParseIP(address), HardwareAddr: hardware}))
	}
	h.There(t, func() {
		eth := findLink(t, "eth").Attrs()
		there = eth.HardwareAddr
		fix(eth, h.network.Address, here.HardwareAddr)
	})
	fix(here, h.Address, there)
}

// There does something on the host.
func (h *Host) There(t *testing.T, do func()) {
	t.Helper()
	if h == nil {
		do()
		return
	}
	if err := netns.Set(h.namespace); err != nil {
		t.Fatalf("cannot go to %s: %v", h.Name, err)
	}
	defer func() {
		if err := netns.Set(h.network.namespace); err != nil {
			panic(fmt.Sprintf("cannot come back from %s: %v", h.Name, err))
		}
	}()
	do()
}

// StartManager starts a manager on the host.
func (h *Host) StartManager(t *testing.T, c *Cluster, name string, s Setup) (m *Manager) {
	t.Helper()
	h.There(t, func() { m = c.StartManager(t, name, s) })
	return m
}

// Cut parts the host from all others: what is sent is lost, and nothing says so to either side.
func (h *Host) Cut(t *testing.T) {
	t.Helper()
	checked(t, "cut "+h.Name+" off", netlink.LinkSetNoMaster(findLink(t, h.port)))
}

// Heal undoes Cut.
func (h *Host) Heal(t *testing.T) {
	t.Helper()
	checked(t, "heal the network of "+h.Name, netlink.LinkSetMaster(findLink(t, h.port), h.network.bridge))
}

// Move gives the host another address. The old one is gone with all its connections, and nothing tells their ends.
func (h *Host) Move(t *testing.T, address string) {
	t.Helper()
	h.There(t, func() {
		old, err := netlink.ParseAddr(h.Address + networkMask)
		checked(t, "read an address", err)
		checked(t, "take the address of "+h.Name, netlink.AddrDel(findLink(t, "eth"), old))
		addAddress(t, "eth", address)
	})
	h.Address = address
}
