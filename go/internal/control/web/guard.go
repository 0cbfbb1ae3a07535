package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

const (
	// contentPolicy allows scripts, styles, images and requests from this server only, and nothing inline.
	contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	bearer = "Bearer "
)

// public are the paths that need no token. Probes reveal only the phase, and whoever sends them often cannot keep a
// secret.
var public = map[string]bool{"/healthz": true, "/readyz": true}

// guard rejects requests from unexpected hosts, without a token, or with a method or body that nothing here takes.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		switch {
		case !s.allowsHost(r.Host):
			http.Error(w, "unknown host name", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			header.Set("Allow", "GET, HEAD")
			header.Set("Connection", "close") // else net/http would read the body
			http.Error(w, "read-only: use GET or HEAD", http.StatusMethodNotAllowed)
		case r.ContentLength != 0:
			header.Set("Connection", "close")
			http.Error(w, "a request must have no body", http.StatusRequestEntityTooLarge)
		case s.options.Token == "" || public[r.URL.Path] || s.authorized(r):
			next.ServeHTTP(w, r)
		case s.isToken(r.URL.Query().Get("token")) && r.URL.Path == "/":
			s.setCookie(w)
		default:
			header.Set("WWW-Authenticate", "Bearer")
			http.Error(w, "token required: send \"Authorization: Bearer TOKEN\", or open /?token=TOKEN once in a browser",
				http.StatusUnauthorized)
		}
	})
}

// allowsHost reports whether the Host header is acceptable. On a loopback address, which may need no token, it
// keeps out web pages whose host name was made to resolve to this machine (DNS rebinding).
func (s *Server) allowsHost(host string) bool {
	if !s.options.Loopback {
		return true // a token or a certificate is required
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") || strings.EqualFold(host, s.options.Host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func (s *Server) authorized(r *http.Request) bool {
	given := r.Header.Get("Authorization")
	if len(given) >= len(bearer) && strings.EqualFold(given[:len(bearer)], bearer) {
		return s.isToken(given[len(bearer):])
	}
	cookie, err := r.Cookie(s.cookieName())
	return err == nil && equalSecrets(cookie.Value, s.cookieValue())
}

// setCookie exchanges the token for a cookie, and so removes it from the address bar and the browser's history. After
// a link from another site, a redirect would not send a SameSite=Strict cookie; a refresh of our own page does.
func (s *Server) setCookie(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(), Value: s.cookieValue(), Path: "/",
		HttpOnly: true, Secure: s.tls != nil, SameSite: http.SameSiteStrictMode,
	})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, `<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">Open the page</a>`)
}

// cookieName contains the port, because browsers send cookies to every port of a host.
func (s *Server) cookieName() string {
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	return "scaler_native_" + port
}

// cookieValue is derived from the token: other servers on the host cannot recover the token from it, and it stays valid
// when the manager restarts.
func (s *Server) cookieValue() string {
	mac := hmac.New(sha256.New, []byte(s.options.Token))
	mac.Write([]byte("cookie of the page"))
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *Server) isToken(token string) bool { return equalSecrets(token, s.options.Token) }

// equalSecrets compares in constant time. Hashing hides the length too.
func equalSecrets(a, b string) bool {
	first, second := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(first[:], second[:]) == 1
}
