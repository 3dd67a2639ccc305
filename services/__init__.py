"""One folder per process of the ledger, and the chassis that they share."""
