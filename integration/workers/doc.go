// Package workers tests how workers start, work, drain, end and are replaced, in fixed and in dynamic mode.
package workers
