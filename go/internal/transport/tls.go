package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

// secure makes a TLS client of the connection; config is the caller's, nil for Scaler's own behaviour. The chain that the
// config asks to be verified is verified by the returned function and not by the handshake, and only once the scheduler
// has spoken. Scaler 2.9.0's tls scheduler dies of the alert with which a handshake answers a chain that it does not
// trust ("Error code: EPROTO"), and its wss scheduler of a connection that ends right behind the handshake.
func secure(
	ctx context.Context, inner net.Conn, to address.Address, config *tls.Config,
) (secured net.Conn, verify func() error, err error) {
	if config == nil {
		config = &tls.Config{InsecureSkipVerify: true} // as 2.9.0, which has no way to name an authority
	}
	verified := !config.InsecureSkipVerify
	config = config.Clone()
	config.InsecureSkipVerify = true
	if config.ServerName == "" {
		config.ServerName = to.Hostname()
	}
	client := tls.Client(inner, config)
	if err := client.HandshakeContext(ctx); err != nil {
		var record tls.RecordHeaderError
		if errors.As(err, &record) {
			return nil, nil, fmt.Errorf("no TLS: %w", stranger(record.RecordHeader[:]))
		}
		return nil, nil, fmt.Errorf("TLS: %w", err)
	}
	if !verified {
		return client, noDoubt, nil
	}
	return client, func() error { return trust(client.ConnectionState().PeerCertificates, config) }, nil
}

// noDoubt is for connections on which nothing is to be verified.
func noDoubt() error { return nil }

// trust verifies a server's chain as crypto/tls does. TLS guarantees at least one certificate.
func trust(chain []*x509.Certificate, config *tls.Config) error {
	options := x509.VerifyOptions{
		Roots: config.RootCAs, DNSName: config.ServerName, Intermediates: x509.NewCertPool(),
	}
	if config.Time != nil {
		options.CurrentTime = config.Time()
	}
	for _, certificate := range chain[1:] {
		options.Intermediates.AddCert(certificate)
	}
	if _, err := chain[0].Verify(options); err != nil {
		return fmt.Errorf("TLS: %w", &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err})
	}
	return nil
}
