package config

import "slices"

// Group is a heading of the help.
type Group string

const (
	GroupManager    Group = "Worker manager"
	GroupWorker     Group = "Workers"
	GroupLogging    Group = "Logging"
	GroupTLS        Group = "TLS"
	GroupLifecycle  Group = "Only in scaler-native: starting and stopping"
	GroupProcessors Group = "Only in scaler-native: processors"
	GroupResources  Group = "Only in scaler-native: resources of workers"
	GroupControl    Group = "Only in scaler-native: monitoring and control"
	GroupGeneral    Group = "General"
)

// Groups are the headings in the order of the help.
var Groups = []Group{
	GroupManager, GroupWorker, GroupLogging, GroupTLS, GroupLifecycle, GroupProcessors, GroupResources, GroupControl,
	GroupGeneral,
}

// The order of the rows is the order of the dump.
var table = slices.Concat(
	group(GroupManager, managerOptions),
	group(GroupWorker, workerOptions),
	group(GroupLogging, loggingOptions),
	group(GroupTLS, tlsOptions),
	native(GroupLifecycle, lifecycleOptions),
	native(GroupProcessors, processorOptions),
	native(GroupResources, resourceOptions),
	native(GroupControl, controlOptions),
	group(GroupGeneral, generalOptions),
)

// group puts options below a heading.
func group(heading Group, options []Option) []Option {
	for i := range options {
		options[i].Group = heading
	}
	return options
}

// native is group for options that no release of Scaler has.
func native(heading Group, options []Option) []Option {
	for i := range options {
		options[i].Since = Native
	}
	return group(heading, options)
}

var (
	positive    = &Range{Least: 0, Above: true}
	nonNegative = &Range{Least: 0}
)
