package reference

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "../.."

// eachFile parses every Go file below a folder of the module but tests and their fakes.
func eachFile(t *testing.T, folder string, visit func(path string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(module, folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.Contains(path, "/fake/") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			visit(path, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// calls visits every call of a file with the name of what is called.
func calls(file *ast.File, visit func(name string, call *ast.CallExpr)) {
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			switch called := call.Fun.(type) {
			case *ast.Ident:
				visit(called.Name, call)
			case *ast.SelectorExpr:
				visit(called.Sel.Name, call)
			}
		}
		return true
	})
}

// TestVariables holds the list against the calls that look a variable up, by whatever name a lookup is handed around.
func TestVariables(t *testing.T) {
	lookups := []string{"Getenv", "LookupEnv", "environment", "get", "lookup"}
	name := regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)
	constants, arguments := map[string]string{}, map[string]string{}
	eachFile(t, "", func(path string, file *ast.File) {
		folder := filepath.Dir(path)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == 1 && len(spec.Values) == 1 {
				if text := literal(spec.Values[0]); name.MatchString(text) {
					constants[folder+" "+spec.Names[0].Name] = text
				}
			}
			return true
		})
		calls(file, func(called string, call *ast.CallExpr) {
			if !slices.Contains(lookups, called) || len(call.Args) != 1 {
				return
			}
			if text := literal(call.Args[0]); name.MatchString(text) {
				arguments[text] = path
			} else if constant, ok := call.Args[0].(*ast.Ident); ok {
				arguments[folder+" "+constant.Name] = path
			}
		})
	})
	// Those that the standard library looks up for os.UserHomeDir, os.TempDir and exec.LookPath.
	found := map[string]string{"HOME": "", "TMPDIR": "", "PATH": ""}
	for argument, path := range arguments {
		if constant, ok := constants[argument]; ok {
			argument = constant
		}
		if name.MatchString(argument) {
			found[argument] = path
		}
	}
	for _, v := range variables {
		if _, ok := found[v.name]; !ok {
			t.Errorf("nothing looks up %s", v.name)
		}
		delete(found, v.name)
	}
	for missing, path := range found {
		t.Errorf("%s looks up %s, which is not in the reference", path, missing)
	}
}

func literal(e ast.Expr) string {
	if basic, ok := e.(*ast.BasicLit); ok && basic.Kind == token.STRING {
		text, _ := strconv.Unquote(basic.Value)
		return text
	}
	return ""
}

// TestSignals holds the list against those that the manager catches.
func TestSignals(t *testing.T) {
	caught := map[string]bool{}
	eachFile(t, "internal/node", func(_ string, file *ast.File) {
		calls(file, func(called string, call *ast.CallExpr) {
			if called != "Notify" || len(call.Args) < 2 {
				return
			}
			for _, argument := range call.Args[1:] {
				if selector, ok := argument.(*ast.SelectorExpr); ok {
					caught[selector.Sel.Name] = true
				}
			}
		})
	})
	for _, s := range signals {
		if !caught[s.name] {
			t.Errorf("the manager does not catch %s", s.name)
		}
		delete(caught, s.name)
	}
	for missing := range caught {
		t.Errorf("%s is not in the reference", missing)
	}
}
