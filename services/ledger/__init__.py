"""The ledger service: the only writer."""
