"""
Faults that were put in by hand, to see that some test catches each of them.

`python -m tests.faults.seeded` plants one after the other in a copy of the code, runs the test that should catch it,
and prints a table. The exit code is 1 where one was not caught. `faults.py` has the list.
"""
