package cluster

import (
	"os"
	"path/filepath"
)

// Repository returns the path of a file of this repository, from any package.
func Repository(elements ...string) string {
	root, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.work")); err == nil {
			return filepath.Join(append([]string{root}, elements...)...)
		}
		if parent := filepath.Dir(root); parent != root {
			root = parent
		} else {
			panic("not in a checkout: no folder above has go.work")
		}
	}
}

// ClientScript returns the path of a script in clients.
func ClientScript(name string) string { return Repository("integration", "clients", name) }
