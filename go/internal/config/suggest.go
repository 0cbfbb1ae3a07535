package config

import "strings"

// suggestion ends a message about an unknown key with the nearest known one, if any is near.
func suggestion(unknown string) string {
	n := nearest{unknown: hyphenless(unknown)}
	for i := range table {
		o := &table[i]
		if o.Action {
			continue
		}
		n.offer(o.Key, o.Key)
		n.offer(o.RenamedKey, o.Key)
		for _, name := range o.Renamed {
			// Other names on the command line are not keys: suggest the key of their option.
			n.offer(hyphenless(strings.TrimLeft(name.Text, "-")), o.Key)
		}
	}
	return n.question()
}

// SuggestOption ends a message about an unknown option with the nearest long option, if any is near.
func SuggestOption(unknown string) string {
	unknown, _, _ = strings.Cut(unknown, "=")
	n := nearest{unknown: unknown}
	for i := range table {
		if !table[i].Positional {
			n.offer(table[i].Long(), table[i].Long())
		}
	}
	return n.question()
}

// nearest is the word nearest to an unknown one among those that were offered.
type nearest struct {
	unknown  string
	best     string
	distance int
}

// offer compares a spelling with the unknown word. It stands for meant.
func (n *nearest) offer(spelling, meant string) {
	if spelling == "" {
		return
	}
	d := editDistance(n.unknown, spelling)
	if d <= max(2, len(n.unknown)/3) && (n.best == "" || d < n.distance) {
		n.best, n.distance = meant, d
	}
}

func (n *nearest) question() string {
	if n.best == "" {
		return ""
	}
	return "; did you mean " + n.best + "?"
}

// editDistance is the number of insertions, deletions and replacements between two words.
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
