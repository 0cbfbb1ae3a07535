package schedulers

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

const wordsUnverified = `scheduler's certificate is not verified`

// Both modes work over TLS, with and without WebSocket, whether the storage uses TLS or not. Certificates are verified
// if there is an authority, and the log says so if there is none.
func TestTLS(t *testing.T) {
	if len(cluster.Releases(t, cluster.SecureRelease)) == 0 {
		return
	}
	authority := cluster.NewAuthority(t)
	served, own := authority.Issue(t, "scheduler", time.Hour), authority.Issue(t, "manager", time.Hour)
	for _, way := range []struct{ scheme, storage string }{{"tls", "tcp"}, {"tls", "tls"}, {"wss", "tcp"}} {
		t.Run(way.scheme+" with storage at "+way.storage, func(t *testing.T) {
			t.Parallel()
			c := cluster.NewSecureCluster(t, way.scheme, way.storage, served)
			verified := []string{"--tls-ca", authority.File}
			for _, mode := range []struct {
				name     string
				setup    cluster.Setup
				verifies bool
			}{
				{"fixed", cluster.Fixed("1", verified...), true},
				{"dynamic", c.Quick(cluster.Dynamic("1", verified...)), true},
				{"fixedunverified", cluster.Fixed("1"), false},
				{"dynamicunverified", c.Quick(cluster.Dynamic("1")), false},
				// The worker gets the certificate, too. No scheduler asks for one.
				{"credential", cluster.Fixed("1", append(verified, own.Options()...)...), true},
			} {
				m := c.StartManager(t, mode.name, mode.setup)
				c.CheckAdds(t)
				m.End(t, syscall.SIGTERM)
				want := 1
				if mode.verifies {
					want = 0
				}
				cluster.CheckSaid(t, m.Process, wordsUnverified, want)
				c.Monitor.WaitWorkers(t, "no worker", 0)
			}
			if way.storage == "tls" {
				return
			}
			checkRefused(t, c, authority, served)
		})
	}
}

// checkRefused tries what must end the manager at once with one clear line, without harm to the scheduler.
func checkRefused(t *testing.T, c *cluster.Cluster, right *cluster.Authority, served cluster.Credential) {
	t.Helper()
	other := cluster.NewAuthority(t)
	stranger := other.Issue(t, "stranger", time.Hour)
	folder := t.TempDir()
	empty := cluster.WritePEM(t, folder, "empty", "NOTHING", nil)
	for i, refused := range []struct {
		what      string
		arguments []string
		status    int
		line      string
	}{
		{"another authority", []string{"--tls-ca", other.File}, 1, `: cannot talk to (tls|wss):.*unknown authority`},
		{"no such authority", []string{"--tls-ca", folder + "/missing.pem"}, 1, `--tls-ca.*missing\.pem.*no such file`},
		{"an authority without a certificate", []string{"--tls-ca", empty}, 1, `--tls-ca.*empty\.pem.*no certificate`},
		{"no such certificate", []string{"--tls-cert", folder + "/missing.pem", "--tls-key", served.Key}, 1,
			`--tls-cert.*missing\.pem.*no such file`},
		{"no such key", []string{"--tls-cert", served.Certificate, "--tls-key", folder + "/missing.pem"}, 1,
			`--tls-key.*missing\.pem.*no such file`},
		{"the key of another certificate", []string{"--tls-cert", served.Certificate, "--tls-key", stranger.Key}, 1,
			`--tls-cert.*--tls-key.*(match|does not)`},
		{"a certificate without its key", []string{"--tls-cert", served.Certificate}, 1, `tls_cert: requires tls_key`},
		{"a key without its certificate", []string{"--tls-key", served.Key}, 1, `tls_key: requires tls_cert`},
	} {
		for _, mode := range []cluster.Setup{cluster.Fixed("1", refused.arguments...),
			cluster.Dynamic("1", refused.arguments...)} {
			m := c.StartManager(t, fmt.Sprintf("refused%d%d", i, len(mode.Arguments)), mode)
			status, ok := m.Wait(cluster.ConnectTimeout)
			if !ok || status != refused.status {
				t.Errorf("%s: the manager ended with status %d (%t), want %d at once", refused.what, status, ok, refused.status)
			}
			cluster.CheckComplaint(t, m.Process, refused.line)
		}
	}
	// In fixed mode only workers talk to the scheduler, so their address counts.
	s := cluster.Fixed("1", "--worker-scheduler-address", c.Address, "--tls-ca", other.File)
	s.Address = "tcp://" + c.At(0)
	m := c.StartManager(t, "workers", s)
	if status, ok := m.Wait(cluster.ConnectTimeout); !ok || status != 1 {
		t.Errorf("the workers' address: the manager ended with status %d (%t), want 1 at once", status, ok)
	}
	cluster.CheckComplaint(t, m.Process, `unknown authority`)
	m = c.StartManager(t, "after", cluster.Fixed("1", "--tls-ca", right.File))
	c.CheckAdds(t)
	m.End(t, syscall.SIGTERM)
}

// An expired certificate is refused if, and only if, certificates are verified.
func TestExpiredCertificate(t *testing.T) {
	if len(cluster.Releases(t, cluster.SecureRelease)) == 0 {
		return
	}
	authority := cluster.NewAuthority(t)
	c := cluster.NewSecureCluster(t, "tls", "tcp", authority.Issue(t, "over", -time.Hour))
	for _, mode := range []cluster.Setup{cluster.Fixed("1", "--tls-ca", authority.File),
		cluster.Dynamic("1", "--tls-ca", authority.File)} {
		m := c.StartManager(t, fmt.Sprintf("expired%d", len(mode.Arguments)), mode)
		if status, ok := m.Wait(cluster.ConnectTimeout); !ok || status != 1 {
			t.Errorf("the manager ended with status %d (%t), want 1 at once", status, ok)
		}
		cluster.CheckComplaint(t, m.Process, `cannot talk to .*expired`)
	}
	m := c.StartManager(t, "unverified", cluster.Fixed("1"))
	c.CheckAdds(t)
	m.End(t, syscall.SIGTERM)
}

// A scheduler at ws has no TLS: nothing is verified, and the log says nothing about it.
func TestWebSocket(t *testing.T) {
	for _, r := range cluster.Releases(t, cluster.SecureRelease) {
		c := cluster.New(t, r, cluster.Layout{Scheme: "ws", Policy: cluster.PolicyVanilla})
		for name, s := range map[string]cluster.Setup{"fixed": cluster.Fixed("1"), "dynamic": c.Quick(cluster.Dynamic("1"))} {
			m := c.StartManager(t, name, s)
			c.CheckAdds(t)
			m.End(t, syscall.SIGTERM)
			cluster.CheckSaid(t, m.Process, wordsUnverified, 0)
			c.Monitor.WaitWorkers(t, "no worker", 0)
		}
	}
}
