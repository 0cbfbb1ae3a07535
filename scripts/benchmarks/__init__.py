"""The benchmarks of scripts/bench.py: what is measured, how, and how it is shown.

catalogue lists the measurements. Each is one function that gets a Contest, which is one manager with one
release, and returns figures. table and plot show what came together.
"""
