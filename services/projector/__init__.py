"""The projector: from Kafka to the read models, and from the ledger where Kafka lost something."""
