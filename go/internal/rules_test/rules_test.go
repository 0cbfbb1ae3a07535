// Package rules checks rules for all packages that the compiler does not: which may import which, package comments,
// and that none uses cgo.
package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/scaler-native/scaler-native/go/"
	root   = "../.." // of the module
)

// file is a Go source file.
type file struct {
	path    string
	doc     string // of its package
	imports []string
}

// packages returns the files of all packages, without tests, by folder, e.g. "internal/pool". It fails the test if any
// file, tests included, uses cgo.
func packages(t *testing.T) map[string][]file {
	t.Helper()
	found := map[string][]file{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		f := file{path: path, doc: text(parsed.Doc)}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if name == "C" {
				t.Errorf("%s uses cgo", path)
			}
			f.imports = append(f.imports, strings.TrimPrefix(name, module))
		}
		if !strings.HasSuffix(path, "_test.go") {
			found[filepath.ToSlash(folder)] = append(found[filepath.ToSlash(folder)], f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("found %d packages in %s", len(found), root)
	}
	return found
}

func text(group *ast.CommentGroup) string {
	if group == nil {
		return ""
	}
	return group.Text()
}

// Each package has one comment, which begins with its name.
func TestPackageDocs(t *testing.T) {
	for folder, files := range packages(t) {
		var docs []string
		for _, f := range files {
			if f.doc != "" {
				docs = append(docs, f.path)
				begin := "Package " + filepath.Base(folder) + " "
				if strings.HasPrefix(folder, "internal/") && !strings.HasPrefix(f.doc, begin) {
					t.Errorf("%s: the comment does not begin with %q", f.path, begin)
				}
			}
		}
		if len(docs) != 1 {
			t.Errorf("%s has %d package comments, want 1: %v", folder, len(docs), docs)
		}
	}
}

// mayImport lists the packages of this module that a package may import directly. One that is not listed may import
// none. Only program imports node, which puts the parts together.
var mayImport = map[string][]string{
	"cmd/scaler_worker_manager": {"internal/program"},
	// Used by tests only.
	"cmd/scaler_agent_ends": {
		"internal/address", "internal/agent/processors", "internal/agent/protocol", "internal/agent/storage",
		"internal/message", "internal/transport",
	},
	"internal/program": {
		"internal/commandline", "internal/config", "internal/control/command", "internal/exitstatus",
		"internal/host/protocol", "internal/logging", "internal/node", "internal/python", "internal/version",
	},
	// For the documents only.
	"internal/reference": {"internal/config", "internal/control/command", "internal/exitstatus"},
	"internal/node": {
		"internal/address", "internal/affinity", "internal/agent", "internal/agent/processors", "internal/agent/protocol",
		"internal/agent/selfcheck", "internal/agent/storage", "internal/agents", "internal/backoff", "internal/cgroup",
		"internal/config",
		"internal/control", "internal/control/directory", "internal/control/journal", "internal/control/server",
		"internal/control/state", "internal/control/web", "internal/host",
		"internal/host/protocol", "internal/logging", "internal/mailbox", "internal/message",
		"internal/monitor", "internal/notify", "internal/pool", "internal/preflight", "internal/process",
		"internal/procfs", "internal/python", "internal/scaler", "internal/session", "internal/size", "internal/stacks",
		"internal/transport", "internal/version",
	},
	"internal/control":         {"internal/control/state"},
	"internal/control/journal": {"internal/control/state"},
	"internal/control/metrics": {"internal/control/state"},
	"internal/control/server":  {"internal/control", "internal/control/state", "internal/peer"},
	// Clients of a manager do not depend on its implementation.
	"internal/control/client": {
		"internal/control", "internal/control/directory", "internal/control/state", "internal/peer",
	},
	"internal/control/top":  {"internal/control/format", "internal/control/state", "internal/size"},
	"internal/control/fake": {"internal/control/directory", "internal/control/state"}, // for tests only
	"internal/control/command": {
		"internal/control", "internal/control/client", "internal/control/format", "internal/control/state",
		"internal/control/top", "internal/exitstatus", "internal/procfs", "internal/size", "internal/version",
	},
	"internal/control/web": {
		"internal/control", "internal/control/metrics", "internal/control/state", "internal/logging",
	},
	"internal/config":         {"internal/address", "internal/affinity", "internal/exitstatus", "internal/size"},
	"internal/commandline":    {"internal/config", "internal/exitstatus"},
	"internal/message":        {"internal/message/frame", "internal/message/wire"},
	"internal/message/frame":  {"internal/message/wire"},
	"internal/agent/protocol": {"internal/message", "internal/message/frame", "internal/message/wire"},
	"internal/agent/processors": {
		"internal/peer", "internal/transport", "internal/transport/stream", "internal/transport/ymq",
		"internal/transport/zmq",
	},
	"internal/agent/selfcheck": {"internal/agent/protocol", "internal/message"},
	"internal/agent/storage": {
		"internal/address", "internal/agent/protocol", "internal/message/wire", "internal/transport",
	},
	"internal/scaler": {"internal/agent/protocol", "internal/message", "internal/session", "internal/transport"},
	// The agent does no I/O: agents does it.
	"internal/agent": {
		"internal/agent/protocol", "internal/backoff", "internal/logging", "internal/process", "internal/size",
	},
	"internal/agents": {
		"internal/agent", "internal/agent/processors", "internal/agent/protocol", "internal/backoff",
		"internal/host/protocol", "internal/logging", "internal/mailbox", "internal/message", "internal/procfs",
		"internal/readiness", "internal/size", "internal/spares", "internal/transport",
	},
	"internal/spares": {"internal/backoff", "internal/host/protocol"},
	"internal/transport": {
		"internal/address", "internal/transport/stream", "internal/transport/ymq", "internal/transport/zmq",
	},
	"internal/transport/ymq": {"internal/transport/stream"},
	"internal/transport/zmq": {"internal/transport/stream"},
	// Used by tests only.
	"internal/transport/stream/pieces": {"internal/transport/stream"},
	// The pool does no I/O and starts no processes; the session knows nothing of processes.
	"internal/pool":   {"internal/backoff", "internal/logging", "internal/process", "internal/worker"},
	"internal/worker": {"internal/backoff"},
	"internal/host": {
		"internal/host/protocol", "internal/logging", "internal/mailbox", "internal/process", "internal/python",
		"internal/worker",
	},
	"internal/affinity":  {"internal/cgroup/member"},
	"internal/preflight": {"internal/cgroup/member"},
	"internal/monitor":   {"internal/procfs"},
	"internal/stacks":    {"internal/procfs"},
	"internal/session": {
		"internal/address", "internal/backoff", "internal/logging", "internal/message", "internal/transport",
	},
}

func TestImports(t *testing.T) {
	found := packages(t)
	for folder, files := range found {
		for _, f := range files {
			for _, name := range f.imports {
				if found[name] != nil && !slices.Contains(mayImport[folder], name) {
					t.Errorf("%s imports %s, which mayImport does not list", f.path, name)
				}
			}
		}
	}
	for folder, names := range mayImport {
		for _, name := range append(names, folder) {
			if found[name] == nil {
				t.Errorf("mayImport lists %s, which does not exist", name)
			}
		}
	}
}
