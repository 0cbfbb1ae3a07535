package manager

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/session"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// security is how a scheduler at a secure address is spoken to, nil at another one.
func (m *Manager) security() (*tls.Config, error) {
	if !m.scheduler.Secure() {
		return nil, nil
	}
	security := &tls.Config{InsecureSkipVerify: m.config.TLSCA == ""}
	if m.config.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(m.config.TLSCert, m.config.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("cannot use --tls-cert %s with --tls-key %s: %w", m.config.TLSCert, m.config.TLSKey, err)
		}
		security.Certificates = []tls.Certificate{pair}
	}
	if m.config.TLSCA == "" {
		m.log.Warningf("the certificate of the scheduler is not verified, as in Scaler; --tls-ca turns that on")
		return security, nil
	}
	text, err := os.ReadFile(m.config.TLSCA)
	if err != nil {
		return nil, fmt.Errorf("cannot use --tls-ca: %w", err)
	}
	security.RootCAs = x509.NewCertPool()
	if !security.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("cannot use --tls-ca %s: it holds no certificate in PEM", m.config.TLSCA)
	}
	return security, nil
}

// findScheduler waits for the scheduler and learns what it speaks.
func (m *Manager) findScheduler(ctx context.Context) (spoken transport.Protocol, err error) {
	if m.first != nil {
		spoken = m.first.Protocol()
		m.log.Infof("scheduler %s speaks %s", m.scheduler, spoken)
		return spoken, m.installed.check(spoken)
	}
	limit := config.Duration(m.config.ReconnectTimeoutSeconds)
	err = session.Retry(ctx, m.log, limit, func(ctx context.Context) (time.Duration, error) {
		var err error
		if spoken, err = transport.Probe(ctx, m.scheduler, m.network); err != nil {
			if errors.Is(err, transport.ErrUnknownYMQ) {
				err = fmt.Errorf("%w: %w", session.ErrIncompatible, err)
			}
			if isCertificate(err) {
				err = distrust{err}
			}
			return 0, err
		}
		return 0, m.installed.check(spoken)
	})
	if err == nil && ctx.Err() == nil {
		m.log.Infof("scheduler %s speaks %s", m.scheduler, spoken)
	}
	return spoken, err
}

// distrust is an error about a scheduler's certificate, which no wait makes good. It says no more than its cause.
type distrust struct{ error }

func (distrust) Is(target error) bool { return target == session.ErrIncompatible }

func (d distrust) Unwrap() error { return d.error }

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// forWorkers is an address as Scaler's own code can use it: its YMQ takes neither names nor brackets (2.0.20 to
// 2.9.0), which the manager does. What cannot be resolved is left for the workers to complain about.
func (m *Manager) forWorkers(ctx context.Context, a address.Address, kind transport.Kind) string {
	if kind != transport.YMQ || a.Scheme == address.IPC {
		return a.String()
	}
	a.Host = a.Hostname()
	if _, err := netip.ParseAddr(a.Host); err == nil || a.Host == "" {
		return a.String()
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", a.Host)
	if err != nil || len(found) == 0 {
		m.log.Warningf("cannot resolve %s for the workers: %v", a.Host, err)
		return a.String()
	}
	// IPv4 first, as a scheduler that binds 0.0.0.0 has no other.
	slices.SortStableFunc(found, func(x, y netip.Addr) int { return x.Unmap().BitLen() - y.Unmap().BitLen() })
	name := a.Host
	a.Host = found[0].Unmap().String()
	m.log.Infof("workers get %s for %s", a.Host, name)
	return a.String()
}
