package config

import "strings"

// suggestion is the end of a message that names the known key closest to an unknown one, if one is close.
func suggestion(unknown string) string {
	unknown = hyphenless(unknown)
	best, distance := "", max(2, len(unknown)/3)+1
	for i := range table {
		o := &table[i]
		if o.Action {
			continue
		}
		spellings := []string{o.Key, o.RenamedKey}
		for _, name := range o.Renamed {
			// Earlier names on the command line are not keys: suggest the key of their option.
			spellings = append(spellings, hyphenless(strings.TrimLeft(name.Text, "-")))
		}
		for _, spelling := range spellings {
			if d := editDistance(unknown, spelling); spelling != "" && d < distance {
				best, distance = o.Key, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// editDistance counts the insertions, deletions and replacements between two words.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
