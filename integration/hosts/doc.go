// Package hosts tests managers on several hosts, which are network namespaces: what comes of latency, of hosts that
// vanish, of partitions, and of a host with another address. As root.
package hosts
