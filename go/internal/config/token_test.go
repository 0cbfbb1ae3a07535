package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHTTPToken(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "@" + path
	}
	for _, test := range []struct{ option, want, fault string }{
		{"hunter2", "hunter2", ""},
		{write("token", " hunter2\n"), "hunter2", ""},
		{write("empty", "\n"), "", "is empty"},
		{"@" + folder + "/missing", "", "cannot use --http-token: open "},
	} {
		c, err := Load(Sources{Arguments: arguments(t, "http_address", "127.0.0.1:1", "http_token", test.option)})
		if err != nil {
			t.Fatal(err)
		}
		token, err := c.ReadHTTPToken()
		if token != test.want || (err == nil) != (test.fault == "") || !strings.Contains(message(err), test.fault) {
			t.Errorf("%s: got %q, %v", test.option, token, err)
		}
		text, _ := c.MarshalJSON()
		for _, shown := range []string{string(text), c.TOML()} {
			masked := !strings.HasPrefix(test.option, "@")
			if strings.Contains(shown, "hunter2") || strings.Contains(shown, `"***"`) != masked {
				t.Errorf("%s is shown: %s", test.option, shown)
			}
		}
	}
}
