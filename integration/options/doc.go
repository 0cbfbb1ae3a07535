// Package options tests that every option, variable and service manager's setting reaches what it is for: a worker, its
// processors, or the scheduler.
package options
