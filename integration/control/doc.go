// Package control tests what a running manager tells and takes: status, metrics, stacks, logs, drain, resume, resize
// and restart.
package control
