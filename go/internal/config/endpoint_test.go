package config

import "testing"

func TestEndpoint(t *testing.T) {
	for _, test := range []struct {
		text, shown string
		loopback    bool
	}{
		{"127.0.0.1:9464", "127.0.0.1:9464", true},
		{"127.9.9.9:1", "127.9.9.9:1", true},
		{"localhost:0", "localhost:0", true},
		{"[::1]:9464", "[::1]:9464", true},
		{"[::ffff:127.0.0.1]:9464", "[::ffff:127.0.0.1]:9464", true},
		{"0.0.0.0:9464", "0.0.0.0:9464", false},
		{"[::]:9464", "[::]:9464", false},
		{":9464", ":9464", false},
		{"192.0.2.1:9464", "192.0.2.1:9464", false},
		{"localhost.example:9464", "localhost.example:9464", false},
		{"127.0.0.1.example:9464", "127.0.0.1.example:9464", false},
		{"0:9464", "0:9464", false}, // the C library takes it for 0.0.0.0
		{"2130706433:9464", "2130706433:9464", false},
	} {
		e, err := ParseEndpoint(test.text)
		if err != nil || e.String() != test.shown || e.Loopback() != test.loopback {
			t.Errorf("%s is %s, loopback: %v, %v", test.text, e, e.Loopback(), err)
		}
	}
	for _, text := range []string{"", "9464", "127.0.0.1", "::1:9464", "h:", "h:x", "h:-1", "h:65536", "h:1:2"} {
		if e, err := ParseEndpoint(text); err == nil {
			t.Errorf("%q is %s", text, e)
		}
	}
}

func TestHTTPRefused(t *testing.T) {
	const reachable = "http_address: 0.0.0.0:80 is reachable from other machines: set http_token, " +
		"or http_tls_cert and http_tls_key"
	for _, test := range []struct {
		options []string
		want    string
	}{
		{[]string{"http_address", "0.0.0.0:80"}, reachable},
		{[]string{"http_address", "0.0.0.0:80", "http_tls_cert", "c"}, "http_tls_cert: requires http_tls_key"},
		{[]string{"http_address", "0.0.0.0:80", "http_tls_key", "k"}, "http_tls_key: requires http_tls_cert"},
		{[]string{"http_address", "0.0.0.0:80", "http_token", ""}, "http_token: must not be empty"},
		{[]string{"http_token", "hunter2"}, "http_token: requires http_address"},
		{[]string{"http_tls_cert", "c", "http_tls_key", "k"}, "http_tls_cert: requires http_address"},
		{[]string{"http_address", "0.0.0.0:80", "http_token", "hunter2"}, ""},
		{[]string{"http_address", "0.0.0.0:80", "http_tls_cert", "c", "http_tls_key", "k"}, ""},
		{[]string{"http_address", "127.0.0.1:0"}, ""},
	} {
		_, err := Load(Sources{Arguments: arguments(t, test.options...)})
		if got := message(err); got != test.want {
			t.Errorf("%q: got %q", test.options, got)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
