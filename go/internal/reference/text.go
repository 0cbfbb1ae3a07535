package reference

import (
	"regexp"
	"strings"
)

// table is a table of Markdown.
type table struct{ strings.Builder }

func newTable(titles ...string) *table {
	t := &table{}
	t.add(titles...)
	t.WriteString("|" + strings.Repeat(" --- |", len(titles)) + "\n")
	return t
}

// add writes a row. An empty cell has one space.
func (t *table) add(cells ...string) {
	t.WriteByte('|')
	for _, cell := range cells {
		text := strings.NewReplacer("|", `\|`, "\n", " ").Replace(cell)
		t.WriteString(strings.TrimRight(" "+text, " ") + " |")
	}
	t.WriteByte('\n')
}

// code is what a text of the help quotes: options, paths of URLs, addresses, and names in capitals with an underscore.
var code = regexp.MustCompile(`--[a-z][a-z-]*(?:=[a-z]+)?|@FILE|\{slot\}|"[^"]+"|[a-z]+://[^\s,)]+|` +
	`/(?:metrics|healthz|readyz|status)\b|\b[A-Z]+_[A-Z_]+\b|\b[a-z]+_[a-z_]+\b`)

// prose marks the code in a text of the help.
func prose(text string) string {
	return code.ReplaceAllStringFunc(text, func(found string) string { return "`" + strings.Trim(found, `"`) + "`" })
}
