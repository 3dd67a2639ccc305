"""What every event may carry beside its own fields."""

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict

from okr_contracts import subjects
from okr_contracts.fields import EffectiveBasis, Identifier, Instant, SourceRecord, Text, WhereGiven


class ImportedFrom(BaseModel):
    """The record of another system that an imported event rests on, with that system's own clock."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    system: Identifier
    record: SourceRecord
    recorded_at: Instant | None = None


class Event(BaseModel):
    """
    A decision of the ledger, in the past tense; immutable.

    ``reason`` is the reason given with the command. ``after_lock`` is the cycle whose lock it came after, whether by an
    exception or because the cycle was opened again. The ``source`` fields and ``effective_basis`` are there in imported
    events only. An event that is read may have lost its text: every text field can be None.
    """

    # A reader takes fields that it does not know: a later release may add optional ones to the same version.
    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: ClassVar[int] = 1

    reason: Annotated[Text, WhereGiven()] = None
    import_source: Annotated[ImportedFrom | None, WhereGiven()] = None
    import_source_actor: Annotated[Text, WhereGiven()] = None
    import_source_digest: Annotated[Text, WhereGiven()] = None
    effective_basis: Annotated[EffectiveBasis | None, WhereGiven()] = None
    after_lock: Annotated[Identifier | None, WhereGiven()] = None

    @property
    @abstractmethod
    def subject(self) -> str:
        """The one subject that the event is of, and whose version it raises."""

    @property
    def changes(self) -> tuple[str, ...]:
        """The subjects whose state it changes by what it says, its own first."""
        return (self.subject,)

    @property
    def touches(self) -> tuple[str, ...]:
        """
        The subjects whose state it changes, its own first: whoever decides about one of them has to read it.

        After a lock the cycle is one of them: an exception is good once.
        """
        if self.after_lock is None:
            return self.changes
        return tuple(dict.fromkeys((*self.changes, subjects.cycle(self.after_lock))))

    @property
    def related(self) -> tuple[str, ...]:
        """Further subjects that it is about without changing what may be decided about them."""
        return ()

    @property
    def about(self) -> tuple[str, ...]:
        """Every subject that it is of, changes or is merely about, each once, its own first."""
        named = dict.fromkeys((*self.touches, *self.related))
        return tuple([subject for subject in named if not subject.startswith(subjects.COLLECTIONS)])
