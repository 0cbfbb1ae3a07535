// Package version has the version of scaler-native.
package version

// Version is set by the linker from the file VERSION. It is "dev" in a plain go build.
var Version = "dev"
