package config

import (
	"slices"
	"strings"
)

// Group is a heading of the help.
type Group string

const (
	GroupManager    Group = "Worker manager"
	GroupWorker     Group = "Workers"
	GroupLogging    Group = "Logging"
	GroupTLS        Group = "TLS"
	GroupLifecycle  Group = "Starting and stopping" + onlyHere
	GroupProcessors Group = "Processors" + onlyHere
	GroupResources  Group = "Resources of workers" + onlyHere
	GroupControl    Group = "Monitoring and control" + onlyHere
	GroupGeneral    Group = "General"
)

const onlyHere = " (only in scaler-native)"

// OnlyHere reports whether the heading says that no release of Scaler has the options.
func (g Group) OnlyHere() bool { return strings.HasSuffix(string(g), onlyHere) }

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
