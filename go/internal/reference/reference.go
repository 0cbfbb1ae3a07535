// Package reference writes docs/reference.md from the table of options, the commands of scaler-native and the table of
// exit statuses. Its test fails when the document and the programs disagree.
package reference

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control/command"
	"github.com/scaler-native/scaler-native/go/internal/exitstatus"
)

//go:embed reference.tmpl
var text string

var page = template.Must(template.New("reference").Funcs(template.FuncMap{
	"groups":    func() []config.Group { return config.Groups },
	"options":   options,
	"keys":      keys,
	"variables": variablesTable,
	"signals":   signalsTable,
	"statuses":  func() string { return statuses("status", exitstatus.Manager) },
	"commands":  func() string { return commands(command.Tree()) },
}).Parse(text))

// Markdown returns the document.
func Markdown() (string, error) {
	var out strings.Builder
	err := page.Execute(&out, nil)
	return strings.TrimRight(out.String(), "\n") + "\n", err
}

func statuses(title string, rows []exitstatus.Meaning) string {
	t := newTable(title, "meaning")
	for _, row := range rows {
		t.add(fmt.Sprint(row.Status), prose(row.When))
	}
	return t.String()
}
