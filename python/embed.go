// Package python carries the Python side of scaler-native, so that the Go binary
// and a Python that has Scaler are a complete installation: nothing of ours has to
// be installed beside Scaler for the worker host to run.
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

// Directory defines leave(), which keeps the working directory out of the imports that follow.
//
//go:embed scaler_native/host/directory.py
var Directory string

// AgentSamples is what both sides say to each other to see that the installed Scaler reads the agent's messages as Go
// writes them, and the other way round: a JSON list of samples, each with its name, its kind (a member of upstream's
// union) and values. It travels in the message check.
//
//go:embed scaler_native/host/agent_samples.json
var AgentSamples []byte

// first are run before there is anything to import the others with.
var first = []string{"scaler_native/host/directory.py", "scaler_native/host/boot.py"}

// Arguments follow the interpreter's path to start it in a role of scaler_native.host:
// with its channel, and Program to be read from another descriptor. They are short,
// because ps shows them, and import nothing: Python looks for modules in the working
// directory first when it is started with -c. See loader.py.
func Arguments(role string, channel, program int) []string {
	return []string{"-c", fmt.Sprintf("f=open(%d,'rb');exec(f.readline())", program), role, strconv.Itoa(channel)}
}

// WriteProgram writes what the interpreter reads: the first files in one line, and all of
// the package as JSON, by paths that begin with "scaler_native/".
func WriteProgram(w io.Writer) error {
	sources := Sources()
	var line []string
	for _, name := range first {
		// A string of JSON is one of Python, as long as the file is ASCII.
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

// Sources are the files of the package scaler_native as they stand in the repository, tests left out.
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
