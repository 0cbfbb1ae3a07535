"""Tests of what the benchmarks decide: goals, turns, quietness, tables. Run from the root by `make test`."""
