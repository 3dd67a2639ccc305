"""What a decision about many reads: the events of a collection, such as all objectives of a cycle."""

from collections.abc import Iterator
from dataclasses import dataclass

from okr_contracts.envelope import Recorded


@dataclass(frozen=True, slots=True)
class Collected:
    """The newest event of a collection, and those before it: to add one costs the same however many there are."""

    newest: Recorded
    before: "Collected | None" = None

    def __iter__(self) -> Iterator[Recorded]:
        """The events, newest first."""
        collected: Collected | None = self
        while collected is not None:
            yield collected.newest
            collected = collected.before


def evolve(state: Collected | None, recorded: Recorded) -> Collected:
    """The collection with one event more."""
    return Collected(recorded, state)
