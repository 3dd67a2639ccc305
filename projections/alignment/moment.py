"""The two clocks that a question is asked by."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Moment:
    """An organisation as it was on a day, from what the ledger knew when event ``known_at`` was its last."""

    organisation: str
    effective_on: date
    known_at: int
    schema: str = "alignment"
    """The generation of the read model that is read."""
