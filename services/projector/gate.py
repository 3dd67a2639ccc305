"""Which of the events that arrived are next, which were seen before, and what is missing in between."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from okr_contracts.envelope import Recorded
from projections.positions import START, Position


@dataclass(slots=True)
class Gated:
    """
    ``events`` continue the positions, dense per organisation and in the order in which they arrived. ``gaps`` names the
    organisations whose next event did not arrive: the ledger has it. ``seen`` counts what was applied before.
    """

    events: list[Recorded] = field(default_factory=list[Recorded])
    gaps: set[str] = field(default_factory=set[str])
    seen: int = 0


def gate(arrived: Iterable[Recorded], positions: Mapping[str, Position], parked: Set[str]) -> Gated:
    """Sort out what *arrived*; *positions* has every organisation in it. Events of *parked* ones are left alone."""
    gated = Gated()
    reached: dict[str, Position] = {}
    for recorded in arrived:
        organisation = recorded.organisation
        if organisation in parked or organisation in gated.gaps:
            continue
        position = reached.get(organisation) or positions[organisation]
        if position != START and recorded.epoch < position.epoch:
            gated.seen += 1
        elif recorded.sequence == position.sequence + 1:
            gated.events.append(recorded)
            reached[organisation] = Position(recorded.epoch, recorded.sequence)
        elif recorded.sequence <= position.sequence and recorded.epoch == position.epoch:
            gated.seen += 1
        else:
            # Beyond the next one; or of a later epoch and not beyond: a restore lost events that were applied here.
            gated.gaps.add(organisation)
    return gated
