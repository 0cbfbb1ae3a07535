package size

import "testing"

func TestFormat(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0 bytes", 1023: "1023 bytes", 1024: "1 KiB", 1536: "1.5 KiB", 500 << 20: "500 MiB",
		1<<20 - 1: "1 MiB", 1<<20 - 100: "1023.9 KiB", 20_300_000: "19.4 MiB", 5 << 50: "5120 TiB",
	} {
		if got := Format(bytes); got != want {
			t.Errorf("%d: %q, want %q", bytes, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]int64{
		"none": 0, "0": 0, "1048576": 1 << 20, "1.5G": 3 << 29, "500m": 500 << 20, " 4 GiB ": 4 << 30, "2kb": 2000,
		"9223372036854775807": 1<<63 - 1,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "G", "-1", "+1", "1e3", "0x10", "1_000", "1..5G", "1 5", "9P", "9000000000G"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}
