package format

import (
	"slices"
	"testing"
)

func TestAge(t *testing.T) {
	for seconds, want := range map[float64]string{
		-5: "0.0s", 0: "0.0s", 9.94: "9.9s", 9.96: "9s", 59.9: "59s", 60: "1m00s", 200: "3m20s", 3600: "1h00m",
		7500: "2h05m", 90000: "1d01h", 864000: "10d00h",
	} {
		if got := Age(seconds); got != want {
			t.Errorf("%v: %q, want %q", seconds, got, want)
		}
	}
}

func TestInterval(t *testing.T) {
	for seconds, want := range map[float64]string{
		0.0012: "1.2 ms", 0.9999: "999.9 ms", 1: "1.0 s", 59: "59.0 s", 200: "3m20s",
	} {
		if got := Interval(seconds); got != want {
			t.Errorf("%v: %q, want %q", seconds, got, want)
		}
	}
}

func TestShort(t *testing.T) {
	for id, want := range map[string]string{"": "", "abc": "abc", "Worker|NAT|0123456789": "23456789"} {
		if got := Short(id); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

func TestSanitizeReplacesControlSequences(t *testing.T) {
	text := "a\x1b]0;title\a\tb\r\u009bc\n\u202eé漢"
	if got, want := Sanitize(text, false), "a\ufffd]0;title\ufffd\ufffdb\ufffd\ufffdc\ufffd\ufffdé漢"; got != want {
		t.Errorf("a line: %q, want %q", got, want)
	}
	if got, want := Sanitize(text, true), "a\ufffd]0;title\ufffd\tb\ufffd\ufffdc\n\ufffdé漢"; got != want {
		t.Errorf("lines: %q, want %q", got, want)
	}
}

func TestTruncate(t *testing.T) {
	for _, test := range []struct {
		text    string
		columns int
		want    string
	}{
		{"simulate", 8, "simulate"}, {"simulate", 7, "simula~"}, {"simulate", 1, "~"}, {"simulate", 0, ""},
		{"漢字漢字", 8, "漢字漢字"}, {"漢字漢字", 6, "漢字~"}, {"e\u0301e\u0301", 2, "e\u0301e\u0301"},
	} {
		if got := Truncate(test.text, test.columns); got != test.want {
			t.Errorf("%q in %d: %q, want %q", test.text, test.columns, got, test.want)
		}
	}
}

func TestTable(t *testing.T) {
	columns := []Column{{"NAME", false}, {"SIZE", true}, {"", false}}
	got := Table(columns, [][]string{{"漢字x", "1", ""}, {"b", "12345", "z"}})
	want := []string{"NAME    SIZE", "漢字x      1", "b      12345  z"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCount(t *testing.T) {
	if Count(1, "task") != "1 task" || Count(uint64(0), "task") != "0 tasks" {
		t.Error(Count(1, "task"), Count(uint64(0), "task"))
	}
}
