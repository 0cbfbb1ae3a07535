package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An Authority signs certificates for this host.
type Authority struct {
	folder      string // holds all of its files
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	File        string // its own certificate, in PEM
	issued      int64
}

// A Credential names the PEM files of a certificate and of its key.
type Credential struct{ Certificate, Key string }

// Options are the options of a manager that name the two files.
func (c Credential) Options() []string {
	return []string{"--tls-cert", c.Certificate, "--tls-key", c.Key}
}

// NewAuthority makes an authority whose files last as long as the test.
func NewAuthority(t *testing.T) *Authority {
	t.Helper()
	a := &Authority{folder: t.TempDir(), key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	text, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(text); err != nil {
		t.Fatal(err)
	}
	a.File = WritePEM(t, a.folder, "authority", "CERTIFICATE", text)
	return a
}

// Issue makes a certificate for the loopback addresses. It expires that long from now; a negative time has passed.
func (a *Authority) Issue(t *testing.T, name string, end time.Duration) Credential {
	t.Helper()
	a.issued++
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1 + a.issued), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(end),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	text, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Credential{
		Certificate: WritePEM(t, a.folder, name, "CERTIFICATE", text),
		Key:         WritePEM(t, a.folder, name+"-key", "PRIVATE KEY", private),
	}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// WritePEM writes a PEM file into a folder and returns its path.
func WritePEM(t *testing.T, folder, name, kind string, text []byte) string {
	t.Helper()
	path := filepath.Join(folder, name+".pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: text}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
