// Package schedulers tests how a manager finds its scheduler and talks with it: transports, TLS, releases that do not
// fit, and peers that are no scheduler.
package schedulers
