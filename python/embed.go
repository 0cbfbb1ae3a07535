// Package python embeds the Python side of scaler-native, so that the worker host needs nothing but the Go binary and a
// Python that has Scaler.
package python

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed scaler_native/*.py scaler_native/host/*.py
var files embed.FS

// Directory is Python source that defines leave(), which keeps the working directory out of the following imports.
//
//go:embed scaler_native/host/directory.py
var Directory string

// AgentSamples are messages of an agent that both sides encode, so that each can check how it decodes the other's: a
// JSON list of samples with a name, a kind (a member of upstream's union) and values. The message "check" carries it.
//
//go:embed scaler_native/host/agent_samples.json
var AgentSamples []byte

// first are the files that run before the others can be imported.
var first = []string{"scaler_native/host/directory.py", "scaler_native/host/boot.py"}

// Arguments are the interpreter's arguments for a role of scaler_native.host, with the descriptor of its channel, and
// the one from which it reads what WriteProgram writes. They are short, because ps shows them, and import nothing: with
// -c, Python looks for modules in the working directory first. Twin of loader.py.
func Arguments(role string, channel, program int) []string {
	return []string{"-c", fmt.Sprintf("f=open(%d,'rb');exec(f.readline())", program), role, strconv.Itoa(channel)}
}

// WriteProgram writes what the interpreter reads: a line that executes the first files, then the whole package as JSON,
// by paths that begin with "scaler_native/".
func WriteProgram(w io.Writer) error {
	sources := Sources()
	var line []string
	for _, name := range first {
		// A JSON string is a Python string as long as the file is ASCII.
		text, err := json.Marshal(sources[name])
		if err != nil {
			return err
		}
		line = append(line, fmt.Sprintf("exec(compile(%s,'scaler-native:%s','exec'))", text, name))
	}
	if _, err := fmt.Fprintln(w, strings.Join(line, ";")); err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(sources)
}

// Sources are the files of the package scaler_native, without its tests, by path.
func Sources() map[string]string {
	sources := map[string]string{}
	_ = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".py") {
			text, _ := files.ReadFile(path)
			sources[path] = string(text)
		}
		return err
	})
	return sources
}
