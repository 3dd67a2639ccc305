"""What every command may carry beside its own fields."""

from abc import abstractmethod
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from okr_contracts.fields import Day, EffectiveBasis, Identifier, Instant, SequenceNumber, SourceRecord, Text, Words


class ImportSource(BaseModel):
    """
    Where an imported record comes from.

    ``recorded_at`` and ``actor`` are the source's own clock and author. ``digest`` is a fingerprint of the record as
    it was read, so that a later import can tell a record that changed from one that did not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: Identifier
    record: SourceRecord
    recorded_at: Instant | None = None
    actor: Text = None
    digest: Text = None


class Command(BaseModel):
    """
    A request to the ledger, which answers with events or refuses.

    ``effective_on`` is the day that it is about, today when left out; only some commands may name another.
    ``exception`` is the sequence of the grant that allows it after a lock. ``import_source`` and ``effective_basis``
    are taken from the import role alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    back_datable: ClassVar[bool] = False
    """Whether it may name another day than today without being an import."""
    id_field: ClassVar[str | None] = None
    """The field with the id of the subject that it creates, made by the ledger when left out."""

    effective_on: Day | None = None
    reason: Words = None
    exception: SequenceNumber | None = None
    correlation_id: Identifier | None = None
    causation_id: Identifier | None = None
    import_source: ImportSource | None = None
    effective_basis: EffectiveBasis | None = None

    @property
    @abstractmethod
    def subject(self) -> str:
        """The subject that the command is addressed to, and whose version ``expected_version`` speaks of."""

    @property
    def names(self) -> tuple[str, ...]:
        """The subjects that the command's own fields name, its subject first: what a decision reads at the least."""
        return (self.subject,)
