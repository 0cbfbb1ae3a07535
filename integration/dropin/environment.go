package dropin

import (
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
	"github.com/scaler-native/scaler-native/integration/internal/installed"
)

// An environment is a virtual environment of a release.
type environment struct{ installed.Environment }

// eachRelease runs a test for each release, one after the other; see cluster.Releases.
func eachRelease(t *testing.T, test func(t *testing.T, release string), only ...cluster.Release) {
	for _, release := range cluster.Releases(t, only...) {
		t.Run(string(release), func(t *testing.T) { test(t, string(release)) })
	}
}

// copyEnvironment copies the environment of a release, for a test that changes it.
func copyEnvironment(t *testing.T, release string) environment {
	return environment{installed.Copy(t, release)}
}

// nativeEnvironment returns the environment of a release with our wheel, which tests share and must not change.
func nativeEnvironment(t *testing.T, release string) environment {
	return environment{installed.Ours(t, release)}
}
