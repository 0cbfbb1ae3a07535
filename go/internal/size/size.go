// Package size parses and formats sizes in bytes.
package size

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Smallest is the smallest limit accepted, in bytes. A smaller number most likely lacks its unit.
const Smallest = 1 << 20

// units has those of systemd (K, M, G, T: powers of 1024), and the unambiguous ones of IEC and SI.
var units = map[string]float64{
	"": 1, "b": 1,
	"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
}

// Parse parses a size such as "1.5G", in bytes. Units are case-insensitive: K, M, G, T and KiB, MiB, GiB, TiB are
// powers of 1024, KB, MB, GB, TB powers of 1000. "none" is 0.
func Parse(text string) (int64, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "none" {
		return 0, nil
	}
	end := strings.LastIndexAny(text, "0123456789.") + 1
	unit, known := units[strings.TrimSpace(text[end:])]
	digits := text[:end]
	// Checked here because strconv accepts signs, exponents, underscores and hexadecimal numbers too.
	if !known || strings.Trim(digits, "0123456789.") != "" {
		return 0, invalidSize(text)
	}
	if whole, err := strconv.ParseInt(digits, 10, 64); err == nil && unit == 1 {
		return whole, nil
	}
	number, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, invalidSize(text)
	}
	bytes := number * unit
	if bytes >= math.MaxInt64 {
		return 0, fmt.Errorf("the size %s is too large", text)
	}
	return int64(bytes), nil
}

func invalidSize(text string) error {
	return fmt.Errorf("invalid size %q (bytes, or like 500M, 1.5G or 4GiB)", text)
}

// Format formats a size in bytes with a unit that is a power of 1024, e.g. "1.5 GiB", as Parse, systemd, container
// runtimes and cgroups count limits.
func Format[N int | int64 | uint64](bytes N) string {
	value, unit := float64(bytes), ""
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		// Compare what will be printed, so that 1023.99 KiB is 1 MiB.
		if math.Round(value*10)/10 < 1024 {
			break
		}
		value, unit = value/1024, next
	}
	if unit == "" {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return strconv.FormatFloat(math.Round(value*10)/10, 'f', -1, 64) + " " + unit
}
