"""What every event may carry beside its own fields."""

from abc import abstractmethod
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from okr_contracts.fields import EffectiveBasis, Identifier, Instant, SourceRecord, Text


class ImportedFrom(BaseModel):
    """The record of another system that an imported event rests on, with that system's own clock."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    system: Identifier
    record: SourceRecord
    recorded_at: Instant | None = None


class Event(BaseModel):
    """
    A decision of the ledger, in the past tense; immutable.

    ``reason`` is the reason given with the command. The ``source`` fields and ``effective_basis`` are there in imported
    events only. An event that is read may have lost its text: every text field can be None.
    """

    # A reader takes fields that it does not know: a later release may add optional ones to the same version.
    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: ClassVar[int] = 1

    reason: Text = None
    import_source: ImportedFrom | None = None
    import_source_actor: Text = None
    import_source_digest: Text = None
    effective_basis: EffectiveBasis | None = None

    @property
    @abstractmethod
    def subject(self) -> str:
        """The one subject that the event is of, and whose version it raises."""

    @property
    def touches(self) -> tuple[str, ...]:
        """The subjects whose state it changes, its own first: whoever decides about one of them has to read it."""
        return (self.subject,)

    @property
    def related(self) -> tuple[str, ...]:
        """Further subjects that it is about without changing what may be decided about them."""
        return ()
