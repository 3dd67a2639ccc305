"""What is told of a read model while it is kept: its lag by partition, and the spans of its batches."""

from collections.abc import Callable, Iterable, Sequence

from services.chassis import tracing
from services.chassis.observed import parsed
from services.projector import metrics
from services.projector.behind import Behind


class Lag:
    """The gauges of one projection. A partition is the group of organisations that moves from process to process."""

    def __init__(self, projection: str) -> None:
        self._projection = projection
        self._reported: set[str] = set()

    def report(self, lagging: Iterable[Behind], partition_of: Callable[[str], str]) -> None:
        """Set the gauges to what *lagging* says, and those of partitions without any to 0."""
        events: dict[str, int] = {}
        seconds: dict[str, float] = {}
        for one in lagging:
            partition = partition_of(one.organisation)
            events[partition] = events.get(partition, 0) + one.lag_events
            seconds[partition] = max(seconds.get(partition, 0.0), one.head_age_seconds)
        self._reported |= events.keys()
        for partition in self._reported:
            metrics.LAG_EVENTS.labels(self._projection, partition).set(events.get(partition, 0))
            metrics.LAG_SECONDS.labels(self._projection, partition).set(seconds.get(partition, 0.0))


def trace(projection: str, topic: str, traceparents: Sequence[bytes | None], began: float) -> None:
    """The spans of a batch that was applied, below those of the commands whose events are in it."""
    tracing.done_together(
        f"project {projection}",
        f"project {projection} batch",
        [parsed(traceparent) for traceparent in traceparents],
        began,
        {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": "project",
            "messaging.destination.name": topic,
            "messaging.batch.message_count": len(traceparents),
            "okr.projection": projection,
        },
        "consumer",
    )
