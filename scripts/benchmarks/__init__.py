"""The benchmarks of scripts/bench.py: what is measured, how, and how it is shown.

catalogue lists the measurements. Each is one function that gets a Contest, which is one manager with one
release and one Python, and returns figures. turns says who is measured when, load whether the machine was quiet
enough for it to count, and results keeps what came together, which table and plot show.
"""
