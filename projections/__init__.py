"""Everything about reading: read models that are folds of the ledger. Given a connection, never opens one."""
