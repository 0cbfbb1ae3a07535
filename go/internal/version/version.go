// Package version holds the version of scaler-native.
package version

// Version is set by the linker from the file VERSION; "dev" in a plain go build.
var Version = "dev"
