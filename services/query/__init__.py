"""The query service: what the read models and the ledger answer over HTTP."""
