package integration

import (
	"fmt"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// TLS came with 2.6, WebSocket before.
const secureRelease release = "2.9.0"

const wordsUnverified = `certificate of the scheduler is not verified`

// newSecureCluster starts a cluster whose scheduler, and storage if it shall, have a certificate. The monitor is plain.
func newSecureCluster(t *testing.T, scheme, storage string, served credential) *cluster {
	t.Helper()
	c := reserveCluster(t, secureRelease, layout{scheme: scheme, policy: policyVanilla})
	storageAddress := fmt.Sprintf("%s://%s", storage, c.endpoint(1))
	arguments := []string{storageAddress}
	if storage == "tls" {
		arguments = append(arguments, served.options()...)
	}
	c.storage = c.run(t, "storage", "scaler_object_storage_server", arguments...)
	awaitPort(t, c.storage, c.endpoint(1))
	c.scheduler = c.run(t, "scheduler", "scaler_scheduler", append([]string{c.address, "--policy-content", policyVanilla,
		"--object-storage-address", storageAddress, "--monitor-address", c.monitorAddress()}, served.options()...)...)
	awaitPort(t, c.scheduler, c.endpoint(2))
	c.layout.scheme = "tcp" // the monitor's from here on
	c.startMonitor(t)
	return c
}

// Both modes work over TLS, with and without WebSocket, whatever the storage has; who can be verified is, and who is not
// is told.
func TestTLS(t *testing.T) {
	if len(releases(t, secureRelease)) == 0 {
		return
	}
	authority := newAuthority(t)
	served, own := authority.issue(t, "scheduler", time.Hour), authority.issue(t, "manager", time.Hour)
	for _, way := range []struct{ scheme, storage string }{{"tls", "tcp"}, {"tls", "tls"}, {"wss", "tcp"}} {
		t.Run(way.scheme+" with storage at "+way.storage, func(t *testing.T) {
			t.Parallel()
			c := newSecureCluster(t, way.scheme, way.storage, served)
			verified := []string{"--tls-ca", authority.file}
			for _, mode := range []struct {
				name     string
				setup    setup
				verifies bool
			}{
				{"fixed", fixed("1", verified...), true},
				{"dynamic", c.quick(dynamic("1", verified...)), true},
				{"fixedunverified", fixed("1"), false},
				{"dynamicunverified", c.quick(dynamic("1")), false},
				// The worker gets it too. No scheduler asks for one.
				{"credential", fixed("1", append(verified, own.options()...)...), true},
			} {
				m := c.startManager(t, mode.name, mode.setup)
				c.checkAdds(t)
				m.end(t, syscall.SIGTERM)
				want := 1
				if mode.verifies {
					want = 0
				}
				checkSaid(t, m.process, wordsUnverified, want)
				c.monitor.waitWorkers(t, "no worker", 0)
			}
			if way.storage == "tls" {
				return
			}
			c.checkRefused(t, authority, served)
		})
	}
}

// checkRefused tries what must end at once with one clear line, and does no harm to the scheduler.
func (c *cluster) checkRefused(t *testing.T, right *authority, served credential) {
	t.Helper()
	other := newAuthority(t)
	stranger := other.issue(t, "stranger", time.Hour)
	folder := t.TempDir()
	empty := writePEM(t, folder, "empty", "NOTHING", nil)
	for i, refused := range []struct {
		what      string
		arguments []string
		status    int
		line      string
	}{
		{"another authority", []string{"--tls-ca", other.file}, 1, `: cannot talk to (tls|wss):.*unknown authority`},
		{"no such authority", []string{"--tls-ca", folder + "/missing.pem"}, 1, `--tls-ca.*missing\.pem.*no such file`},
		{"an authority without a certificate", []string{"--tls-ca", empty}, 1, `--tls-ca.*empty\.pem.*no certificate`},
		{"no such certificate", []string{"--tls-cert", folder + "/missing.pem", "--tls-key", served.key}, 1, `--tls-cert.*missing\.pem.*no such file`},
		{"no such key", []string{"--tls-cert", served.certificate, "--tls-key", folder + "/missing.pem"}, 1, `--tls-key.*missing\.pem.*no such file`},
		{"the key of another certificate", []string{"--tls-cert", served.certificate, "--tls-key", stranger.key}, 1, `--tls-cert.*--tls-key.*(match|does not)`},
		{"a certificate without its key", []string{"--tls-cert", served.certificate}, 1, `tls_cert: requires tls_key`},
		{"a key without its certificate", []string{"--tls-key", served.key}, 1, `tls_key: requires tls_cert`},
	} {
		for _, mode := range []setup{fixed("1", refused.arguments...), dynamic("1", refused.arguments...)} {
			m := c.startManager(t, fmt.Sprintf("refused%d%d", i, len(mode.arguments)), mode)
			status, ok := m.wait(connectTimeout)
			if !ok || status != refused.status {
				t.Errorf("%s: the manager ended with status %d (%t), want %d at once", refused.what, status, ok, refused.status)
			}
			checkComplaint(t, m.process, refused.line)
		}
	}
	// In fixed mode nobody but the workers talks to the scheduler: it is their address that counts.
	s := fixed("1", "--worker-scheduler-address", c.address, "--tls-ca", other.file)
	s.address = "tcp://" + c.endpoint(0)
	m := c.startManager(t, "workers", s)
	if status, ok := m.wait(connectTimeout); !ok || status != 1 {
		t.Errorf("the workers' address: the manager ended with status %d (%t), want 1 at once", status, ok)
	}
	checkComplaint(t, m.process, `unknown authority`)
	m = c.startManager(t, "after", fixed("1", "--tls-ca", right.file))
	c.checkAdds(t)
	m.end(t, syscall.SIGTERM)
}

// A certificate that is over is refused when certificates are verified, and only then.
func TestExpiredCertificate(t *testing.T) {
	if len(releases(t, secureRelease)) == 0 {
		return
	}
	authority := newAuthority(t)
	c := newSecureCluster(t, "tls", "tcp", authority.issue(t, "over", -time.Hour))
	for _, mode := range []setup{fixed("1", "--tls-ca", authority.file), dynamic("1", "--tls-ca", authority.file)} {
		m := c.startManager(t, fmt.Sprintf("expired%d", len(mode.arguments)), mode)
		if status, ok := m.wait(connectTimeout); !ok || status != 1 {
			t.Errorf("the manager ended with status %d (%t), want 1 at once", status, ok)
		}
		checkComplaint(t, m.process, `cannot talk to .*expired`)
	}
	m := c.startManager(t, "unverified", fixed("1"))
	c.checkAdds(t)
	m.end(t, syscall.SIGTERM)
}

// A scheduler at ws is plain: nothing is verified, and nothing is said about it.
func TestWebSocket(t *testing.T) {
	for _, r := range releases(t, secureRelease) {
		c := newCluster(t, r, layout{scheme: "ws", policy: policyVanilla})
		for name, s := range map[string]setup{"fixed": fixed("1"), "dynamic": c.quick(dynamic("1"))} {
			m := c.startManager(t, name, s)
			c.checkAdds(t)
			m.end(t, syscall.SIGTERM)
			checkSaid(t, m.process, wordsUnverified, 0)
			c.monitor.waitWorkers(t, "no worker", 0)
		}
	}
}

// checkSaid counts the lines of a kind.
func checkSaid(t *testing.T, p *process, pattern string, want int) {
	t.Helper()
	count := 0
	for _, line := range p.output.whole(time.Second) {
		if regexp.MustCompile(pattern).MatchString(line) {
			count++
		}
	}
	if count != want {
		t.Errorf("%s has %d lines like %s, want %d", p.name, count, pattern, want)
	}
}
