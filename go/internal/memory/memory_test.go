package memory

import "testing"

func TestJudge(t *testing.T) {
	const limit = 1000
	for _, test := range []struct {
		name   string
		bytes  map[int]int64 // by pid; 1 is the worker
		limit  int64
		level  Level
		victim int
	}{
		{"no limit", map[int]int64{1: 1 << 40}, 0, Fine, 0},
		{"nobody there", nil, limit, Fine, 0},
		{"fine", map[int]int64{1: 400, 2: 499}, limit, Fine, 0},
		{"near", map[int]int64{1: 400, 2: 500}, limit, Near, 0},
		{"at the limit", map[int]int64{1: 400, 2: 600}, limit, Near, 0},
		{"over", map[int]int64{1: 400, 2: 601}, limit, Over, 2},
		{"the largest", map[int]int64{1: 100, 2: 300, 3: 500, 4: 400}, limit, Over, 3},
		{"the worker is never the victim", map[int]int64{1: 1000, 2: 1}, limit, Over, 2},
		{"nobody but the worker", map[int]int64{1: 1001}, limit, Over, 0},
		{"nobody but what holds nothing", map[int]int64{1: 1001, 2: 0}, limit, Over, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var usage Usage
			for pid, bytes := range test.bytes {
				usage.Total += bytes
				usage.Processes = append(usage.Processes, Process{Pid: pid, Bytes: bytes})
			}
			if got := Judge(usage, 1, test.limit); got.Level != test.level || got.Victim.Pid != test.victim {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "none": 0, "None": 0, "123": 123, "1k": 1024, "500M": 500 << 20, "1.5G": 3 << 29, " 4 GiB ": 4 << 30, "4gib": 4 << 30, "2T": 2 << 40,
		"1KB": 1000, "1.5 MB": 1500000, "2GB": 2000000000, "1TB": 1e12, "7B": 7, ".5K": 512, "1.K": 1024, "9223372036854775807": 9223372036854775807,
	} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "M", "-1", "+1", "1e3", "1_000", "0x10", "1.2.3M", ".", "1Q", "1MM", "1 2", "50%", "nan", "inf", "9223372036854775808", "8388608T", "1M\x00"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}

func TestFormatSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 bytes", 1023: "1023 bytes", 1024: "1 KiB", 1536 << 20: "1.5 GiB", 500 << 20: "500 MiB", 5 << 50: "5120 TiB"} {
		if got := FormatSize(bytes); got != want {
			t.Errorf("%d is %s", bytes, got)
		}
	}
}
