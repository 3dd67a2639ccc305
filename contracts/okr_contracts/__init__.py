"""
What goes into the OKR ledger and what comes out of it: commands, events, and the exact bytes of both.

Install it beside your own code to send commands or to subscribe to ``okr.events.v1``.
It needs pydantic and nothing else.
"""
