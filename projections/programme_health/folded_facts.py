"""How anything that an event says becomes a fact."""

from collections.abc import Mapping
from datetime import date

from pydantic_core import to_json

from okr_contracts.envelope import Recorded
from okr_contracts.fields import write_instant
from projections.programme_health.rows import Fact


def fact(recorded: Recorded, kind: str, subject_id: str, what: str, value: str | None) -> Fact:
    """What *recorded* says of something; None for nothing, or no longer."""
    return Fact(recorded.organisation, kind, subject_id, what, recorded.effective_on, recorded.sequence, value)


def always(said: Fact) -> Fact:
    """The same fact for any day that is asked about, as the days of a cycle hold once they are known."""
    return said._replace(effective_on=date.min)


def person_of(recorded: Recorded) -> str | None:
    """The person who acted, or for whom it was done; None for a service of its own accord."""
    actor = recorded.actor
    return actor.on_behalf_of or (actor.id if actor.kind == "person" else None)


def instant(recorded: Recorded) -> str:
    """When the ledger learned it."""
    return write_instant(recorded.recorded_at)


def json(value: Mapping[str, object] | list[dict[str, str]]) -> str:
    """*value* as JSON, the same for the same value."""
    return to_json(value).decode()
