module github.com/scaler-native/scaler-native/integration

go 1.24.0

require (
	github.com/vishvananda/netlink v1.3.0
	github.com/vishvananda/netns v0.0.4
	golang.org/x/sys v0.38.0
)
