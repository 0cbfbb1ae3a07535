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

// startTLS performs a TLS handshake as the client. A nil config means no verification, as in Scaler. The certificate
// chain is not verified by the handshake but by the returned function, to be called once the scheduler has sent its
// first bytes: the alert of a failed handshake crashes the tls scheduler of Scaler 2.9.0 ("Error code: EPROTO"), and a
// connection that ends right after the handshake crashes its wss scheduler.
func startTLS(
	ctx context.Context, inner net.Conn, to address.Address, config *tls.Config,
) (secured net.Conn, verify func() error, err error) {
	if config == nil {
		config = &tls.Config{InsecureSkipVerify: true} // like 2.9.0, which has no option for an authority
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
			return nil, nil, fmt.Errorf("no TLS: %w", unexpectedPeer(record.RecordHeader[:]))
		}
		return nil, nil, fmt.Errorf("TLS: %w", err)
	}
	if !verified {
		return client, noVerify, nil
	}
	return client, func() error { return verifyChain(client.ConnectionState().PeerCertificates, config) }, nil
}

// noVerify is the verify function of connections without a certificate to verify.
func noVerify() error { return nil }

// verifyChain verifies a server's certificates, at least one, as crypto/tls does.
func verifyChain(chain []*x509.Certificate, config *tls.Config) error {
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
