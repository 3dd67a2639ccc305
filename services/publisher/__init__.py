"""The publisher: from the ledger to Kafka, in order, at least once."""
