"""
The sample organisation: a bicycle maker that does not exist, in the middle of a quarter.

`company.json` says what there is, in weeks of that quarter; `commands.py` puts it on the calendar of today.
"""
