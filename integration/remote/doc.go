// Package remote tests managers that Scaler's own cloud managers start on other machines: its ECS, OCI and EC2 managers
// run unmodified, a few modules in sdk stand in for the clouds' libraries, and a machine is a set of namespaces of the
// kernel with our wheel in the environment of the release. docs/remote.md has the results.
package remote
