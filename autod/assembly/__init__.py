"""Building the parts that settings describe: the one place that chooses implementations.

What only work needs is imported by who builds it: a command that looks something up is to start quickly.
"""
