"""PostgreSQL and Apache Kafka started here, for one machine and for tests; only `okr up` and the tests import this."""

from services.chassis.embedded.failure import EmbeddedServerError
from services.chassis.embedded.kafka import EmbeddedKafka
from services.chassis.embedded.postgres import EmbeddedPostgres

__all__ = ["EmbeddedKafka", "EmbeddedPostgres", "EmbeddedServerError"]
