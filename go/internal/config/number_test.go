package config

import "testing"

// TestNumbers holds what Python 3.11's int() and float() say.
func TestNumbers(t *testing.T) {
	for _, test := range []struct {
		text      string
		integer   int64
		isInteger bool
		number    float64
		isFloat   bool
	}{
		{"4", 4, true, 4, true}, {" +4\n", 4, true, 4, true}, {"-1_000", -1000, true, -1000, true}, {"007", 7, true, 7, true},
		{"1e3", 0, false, 1000, true}, {".5", 0, false, 0.5, true}, {"1_0.2_5", 0, false, 10.25, true},
		{"", 0, false, 0, false}, {"_1", 0, false, 0, false}, {"1_", 0, false, 0, false}, {"1__0", 0, false, 0, false},
		{"1_.5", 0, false, 0, false},
		{"0x10", 0, false, 0, false}, {"0x1p2", 0, false, 0, false}, {"1 2", 0, false, 0, false}, {"nan", 0, false, 0, false},
		{"inf", 0, false, 0, false},
		{"9223372036854775807", 9223372036854775807, true, 9223372036854775807, true},
		{"9223372036854775808", 0, false, 9223372036854775808, true},
	} {
		integer, err := parseInteger(test.text)
		if (err == nil) != test.isInteger || err == nil && integer != test.integer {
			t.Errorf("integer %q is %d, %v", test.text, integer, err)
		}
		number, err := parseNumber(test.text)
		if (err == nil) != test.isFloat || err == nil && number != test.number {
			t.Errorf("number %q is %v, %v", test.text, number, err)
		}
	}
}

func TestCapabilities(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""}, {"linux", "linux"}, {" a = 3 ,b", "a=3,b"}, {"a=1,b,a=2", "a=2,b"}, {"a=-1", "a"},
	} {
		got, err := ParseCapabilities(test.text)
		if err != nil || got.String() != test.want {
			t.Errorf("%q is %q, %v", test.text, got, err)
		}
	}
	for _, text := range []string{"a=", "=1", "a,", ",", "a=x", "a=1=2"} {
		if got, err := ParseCapabilities(text); err == nil {
			t.Errorf("%q is %q", text, got)
		}
	}
}
