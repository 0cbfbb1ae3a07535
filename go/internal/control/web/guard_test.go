package web

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }

// DNS rebinding does not work.
func TestHosts(t *testing.T) {
	s := serve(t, serving(), Options{Address: "127.0.0.1:0", Host: "box.example", Loopback: true})
	for name, fine := range map[string]bool{
		"localhost": true, "LOCALHOST:80": true, "127.0.0.1:9464": true, "127.1.2.3": true, "[::1]:9464": true, "[::1]": true,
		"box.example:1": true, "box.example": true,
		"evil.example": false, "evil.example:9464": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false,
		"192.0.2.1": false, "0.0.0.0": false, "[::]": false,
	} {
		for _, path := range []string{"/", "/status", "/metrics", "/healthz"} {
			a := get(t, s, path, host(name))
			if (a.status == http.StatusOK) != fine || !fine && a.status != http.StatusMisdirectedRequest {
				t.Errorf("%s as %s: %s", path, name, a)
			}
		}
	}
}

// net/http would answer "OPTIONS *" itself, before the guard.
func TestOptionsOfTheServer(t *testing.T) {
	s := serve(t, serving(), Options{Address: "127.0.0.1:0", Host: "127.0.0.1", Loopback: true})
	for name, status := range map[string]int{
		"evil.example": http.StatusMisdirectedRequest, "localhost": http.StatusMethodNotAllowed,
	} {
		connection, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		fmt.Fprintf(connection, "OPTIONS * HTTP/1.1\r\nHost: %s\r\n\r\n", name)
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != status {
			t.Errorf("as %s: %s", name, response.Status)
		}
	}
}

const secret = "hunter2 über"

func TestToken(t *testing.T) {
	s := serve(t, serving(), Options{Address: "127.0.0.1:0", Token: secret})
	all := []string{"/", "/status", "/metrics", "/events", "/history", "/page/main.js", "/missing"}
	for _, path := range all {
		for _, wrong := range []string{"", "Bearer ", "Bearer x", "Bearer " + secret + "x", "Basic " + secret, secret} {
			a := get(t, s, path, header("Authorization", wrong))
			if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") != "Bearer" ||
				strings.Contains(a.body, "hunter2") {
				t.Errorf("%s with %q: %s", path, wrong, a)
			}
		}
		for _, scheme := range []string{"Bearer", "bearer"} { // case-insensitive (RFC 9110)
			if a := get(t, s, path, header("Authorization", scheme+" "+secret)); a.status == http.StatusUnauthorized {
				t.Errorf("%s with the token as %s: %s", path, scheme, a)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := get(t, s, path, host("10.1.2.3:9464")); a.status != http.StatusOK {
			t.Errorf("%s without the token: %s", path, a)
		}
	}
}

// The token is exchanged for a cookie that scripts, other sites and other managers of the machine cannot use.
func TestCookie(t *testing.T) {
	s := serve(t, serving(), Options{Address: "127.0.0.1:0", Token: secret})
	if a := get(t, s, "/?token=hunter"); a.status != http.StatusUnauthorized || a.header.Get("Set-Cookie") != "" {
		t.Errorf("a wrong token: %s", a)
	}
	if a := get(t, s, "/status?token=hunter2+%C3%BCber"); a.status != http.StatusUnauthorized {
		t.Errorf("the token is accepted where it would end up in logs: %s", a)
	}
	a := get(t, s, "/?token=hunter2+%C3%BCber")
	given := a.header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Strict", "Path=/", s.cookieName() + "="} {
		if !strings.Contains(given, part) {
			t.Errorf("the cookie %q has no %s", given, part)
		}
	}
	if a.status != http.StatusOK || !strings.Contains(a.body, `content="0;url=/"`) ||
		strings.Contains(a.body+given, "hunter2") {
		t.Errorf("with the token: %s", a)
	}
	cookie, _, _ := strings.Cut(given, ";")
	for _, path := range []string{"/", "/status", "/page/main.js"} {
		if a := get(t, s, path, header("Cookie", cookie)); a.status != http.StatusOK {
			t.Errorf("%s with the cookie: %s", path, a)
		}
		if a := get(t, s, path, header("Cookie", cookie+"0")); a.status != http.StatusUnauthorized {
			t.Errorf("%s with a wrong cookie: %s", path, a)
		}
	}
	another := serve(t, serving(), Options{Address: "127.0.0.1:0", Token: "another"})
	if another.cookieName() == s.cookieName() || another.cookieValue() == s.cookieValue() {
		t.Error("two managers have one cookie")
	}
}

func TestTLS(t *testing.T) {
	certificate, key, roots := selfSigned(t)
	s := serve(t, serving(), Options{Address: "127.0.0.1:0", Certificate: certificate, Key: key, Token: "x"})
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
	response, err := client.Get(s.URL() + "?token=x")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	cookie := response.Header.Get("Set-Cookie")
	if response.StatusCode != http.StatusOK || response.ProtoMajor != 1 || !strings.Contains(cookie, "Secure") {
		t.Errorf("%s %s, cookie %q", response.Proto, response.Status, cookie)
	}
	plain, err := http.Get("http://" + s.listener.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	plain.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if plain.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %s", plain.Status)
	}
}

func selfSigned(t *testing.T) (certificate, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	chain, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, kind string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	parsed, err := x509.ParseCertificate(chain)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", chain), write("key.pem", "PRIVATE KEY", encoded), roots
}
