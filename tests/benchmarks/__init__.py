"""
The numbers that we publish: `make bench` prints a table, each row against a floor or a peer measured in the same run.

A benchmark is a module with `async def measure() -> list[Row]`, listed in `__main__.py` and run in a process and on
servers of its own. Nothing here is a test of time: the machine is noisy, so what is judged are ratios.
"""
