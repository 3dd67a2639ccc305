"""The rules of the ledger as pure functions: one file per subject, no database, no Kafka, no clock, no randomness."""
