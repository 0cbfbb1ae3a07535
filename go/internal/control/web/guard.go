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
	// policy lets the page use what this server has, and nothing else: no script in the page itself, no other host.
	policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	bearer = "Bearer "
)

// open to all are the probes: they tell nothing but the phase, and what asks for them can often not keep a secret.
var open = map[string]bool{"/healthz": true, "/readyz": true}

// guard refuses requests that may not look, or ask for what nothing here does.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", policy)
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		switch {
		case !s.named(r.Host):
			http.Error(w, "no such host here", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			header.Set("Allow", "GET, HEAD")
			header.Set("Connection", "close") // else net/http reads the body to get at the next request
			http.Error(w, "this only shows", http.StatusMethodNotAllowed)
		case r.ContentLength != 0:
			header.Set("Connection", "close")
			http.Error(w, "no body is wanted", http.StatusRequestEntityTooLarge)
		case s.options.Token == "" || open[r.URL.Path] || s.authorized(r):
			next.ServeHTTP(w, r)
		case s.same(r.URL.Query().Get("token")) && r.URL.Path == "/":
			s.admit(w)
		default:
			header.Set("WWW-Authenticate", "Bearer")
			http.Error(w, "a token is needed: \"Authorization: Bearer TOKEN\", or /?token=TOKEN once for the page",
				http.StatusUnauthorized)
		}
	})
}

// named keeps a page of another site, whose name was made to stand for this machine (DNS rebinding), from reading what
// is open to all of the machine.
func (s *Server) named(host string) bool {
	if !s.options.Loopback {
		return true // there is a token or a certificate
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
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), bearer); ok {
		return s.same(given)
	}
	cookie, err := r.Cookie(s.cookieName())
	return err == nil && equal(cookie.Value, s.cookieValue())
}

// admit gives a cookie in exchange for the token, which then stands in no history and no address bar. A redirect would
// go without the cookie where a link of another site led here (SameSite); what a page of ours asks for has it.
func (s *Server) admit(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(), Value: s.cookieValue(), Path: "/",
		HttpOnly: true, Secure: s.tls != nil, SameSite: http.SameSiteStrictMode,
	})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, `<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">To the page</a>`)
}

// cookieName differs between the managers of a machine: a browser sends cookies to every port of a host.
func (s *Server) cookieName() string {
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	return "scaler_native_" + port
}

// cookieValue does not tell the token to what else listens on the host, and outlives a restart.
func (s *Server) cookieValue() string {
	mac := hmac.New(sha256.New, []byte(s.options.Token))
	mac.Write([]byte("cookie of the page"))
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *Server) same(token string) bool { return equal(token, s.options.Token) }

// equal takes as long for every pair, of which the length would tell something too.
func equal(a, b string) bool {
	first, second := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(first[:], second[:]) == 1
}
