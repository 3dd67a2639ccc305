"""
A restricted objective is changed only by those who may read it.

Otherwise whoever may not could name themselves a partner, or bring it into the open, and read it. Who may read it is
the same rule here as where it is read, in services/query/visibility.py: a change of one is a change of both.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from okr_contracts import subjects
from okr_contracts.commands import Command
from services.ledger.domain import unit as units
from services.ledger.domain.check_in import CheckIn
from services.ledger.domain.key_result import KeyResult
from services.ledger.domain.known import Context, Known
from services.ledger.domain.objective import Objective
from services.ledger.domain.person import Person
from services.ledger.domain.refusal import Refusal
from services.ledger.domain.unit import Unit


class NotAReader(Refusal):
    """Somebody would change a restricted objective, or what belongs to it, and may not read it."""

    code = "not_a_reader"

    def __init__(self, objective_id: str) -> None:
        super().__init__(
            f"Objective {objective_id} is restricted, and you are not among those who may read it. Ask its owner, or an"
            " administrator."
        )


def refuse_strangers(command: Command, context: Context, known: Known) -> None:
    """
    Raise NotAReader where *command* is about a restricted objective that its sender may not read.

    A service that acts for nobody passes: who it is was decided when its token was made. Where nothing is restricted
    this reads what the lock asks for anyway; a refusal costs the units below those that may read.
    """
    actor = context.actor
    person_id = actor.id if actor.kind == "person" else actor.on_behalf_of
    if person_id is None or context.imports:
        return
    objective = _objective_of(command, known)
    if objective is not None and objective.readers and not _may_read(objective, person_id, known):
        raise NotAReader(objective.created.objective_id)


def _objective_of(command: Command, known: Known) -> Objective | None:
    """The objective that a command changes, or whose part it changes; of a link, that which is aligned."""
    # Not getattr: of a field that a model does not have it takes as long as a whole rule.
    given = cast("Mapping[str, str | None]", vars(command))
    objective_id = given.get("child_id") or given.get("objective_id")
    if objective_id is None:
        key_result_id, check_in_id = given.get("key_result_id"), given.get("check_in_id")
        if key_result_id is None and check_in_id is not None:
            check_in = known.get(subjects.check_in(check_in_id), CheckIn)
            key_result_id = None if check_in is None else check_in.recorded.key_result_id
        key_result = None if key_result_id is None else known.get(subjects.key_result(key_result_id), KeyResult)
        objective_id = None if key_result is None else key_result.added.objective_id
    return None if objective_id is None else known.get(subjects.objective(objective_id), Objective)


def _may_read(objective: Objective, person_id: str, known: Known) -> bool:
    allowed = (*objective.readers, objective.owner)
    if any(each.kind == "person" and each.id == person_id for each in allowed):
        return True
    known.require(map(subjects.key_result, objective.key_result_ids))
    for key_result_id in objective.key_result_ids:
        key_result = known.get(subjects.key_result(key_result_id), KeyResult)
        if key_result is not None and person_id in (key_result.responsible_id, *key_result.partner_ids):
            return True
    unit_ids = {each.id for each in allowed if each.kind == "unit"}
    if not unit_ids:
        return False
    person = known.get(subjects.person(person_id), Person)
    own = () if person is None else person.unit_ids
    if any(above in unit_ids for unit_id in own for above in _and_above(unit_id, known)):
        return True
    return any(unit.lead_id == person_id for unit_id in unit_ids for unit in _and_below(unit_id, known))


def _and_above(unit_id: str, known: Known) -> Iterator[str]:
    above: str | None = unit_id
    while above is not None:
        yield above
        unit = known.get(subjects.unit(above), Unit)
        above = None if unit is None else unit.parent_id


def _and_below(unit_id: str, known: Known) -> Iterator[Unit]:
    unit = known.get(subjects.unit(unit_id), Unit)
    if unit is not None:
        yield unit
    for below in units.below(unit_id, known):
        yield from _and_below(below, known)
