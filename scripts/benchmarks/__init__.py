"""The benchmarks of scripts/bench.py: what is measured, how, and how the results are shown.

`catalogue` lists the measurements. A measurement is a function that gets a Contest, which stands for one manager with
one release of Scaler and one Python, and returns figures. `turns` gives their order, `load` checks that the machine was
quiet enough, `results` keeps the values, and `table` and `plot` show them.
"""
