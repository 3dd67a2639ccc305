"""When a key result is added, redefined, and who answers for it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from okr_contracts import subjects
from okr_contracts.commands import (
    AddKeyResult,
    AssignResponsible,
    DropKeyResult,
    NameKeyPartner,
    RedefineKeyResult,
    ReinstateKeyResult,
    ReleaseKeyPartner,
    ReviseKeyResult,
    ReweighKeyResult,
    SetCadence,
    SetPhasedTargets,
)
from okr_contracts.envelope import Recorded
from okr_contracts.events import (
    CadenceSet,
    Event,
    GradeCorrected,
    KeyPartnerNamed,
    KeyPartnerReleased,
    KeyResultAdded,
    KeyResultDropped,
    KeyResultGraded,
    KeyResultRedefined,
    KeyResultReinstated,
    KeyResultRevised,
    KeyResultReweighed,
    PhasedTargetsSet,
    ResponsibleAssigned,
)
from okr_contracts.fields import PhasedTargets
from services.ledger.domain import cycle as cycles
from services.ledger.domain.cycle import Cycle
from services.ledger.domain.definition import (
    DefinitionMakesNoSense,
    check_definition,
    check_phased_targets,
    check_value,
)
from services.ledger.domain.known import Context, Deciders, Known, bare
from services.ledger.domain.objective import Objective, require_live
from services.ledger.domain.person import require_present
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, Refusal, SubjectUnknown


class AlreadyResponsible(Refusal):
    """Somebody would be the responsible person and a key partner at once."""

    code = "already_responsible"

    def __init__(self, person_id: str, pointer: str) -> None:
        super().__init__(
            f"{person_id} would be both responsible person and key partner. Name somebody else as one of the two.",
            pointer,
        )


class KeyResultHasEnded(Refusal):
    """Something would be changed about a key result that was dropped."""

    code = "key_result_has_ended"

    def __init__(self, key_result_id: str, pointer: str) -> None:
        super().__init__(f"Key result {key_result_id} was dropped. Reinstate it first.", pointer)


class NothingRedefined(Refusal):
    """A redefinition would change nothing and restate the value."""

    code = "nothing_redefined"

    def __init__(self) -> None:
        super().__init__(
            "The definition stays as it is. Report a value with RecordCheckIn, or mend one with CorrectCheckIn.",
            "/restated_value",
        )


class DefinedLater(Refusal):
    """An import would date a redefinition before the definition that it replaces."""

    code = "defined_later"

    def __init__(self, defined_on: date) -> None:
        super().__init__(
            f"The definition that this one replaces is effective on {defined_on}. Date the redefinition to that day or"
            " later, and import redefinitions in the order of their days.",
            "/effective_on",
        )


@dataclass(frozen=True, slots=True)
class KeyResult:
    """What the rules read of a key result; ``definition`` is the newest, in force from ``defined_on``."""

    added: KeyResultAdded
    definition: KeyResultRedefined
    defined_on: date
    title: str | None
    weight: Decimal
    cadence_days: int
    phased_targets: PhasedTargets
    responsible_id: str
    partner_ids: tuple[str, ...]
    dropped: bool = False
    grade: Decimal | None = None


def add(command: AddKeyResult, context: Context, known: Known) -> list[Event]:
    """Add a key result to an objective."""
    key_result_id = command.key_result_id or ""
    key_result = known.get(subjects.key_result(key_result_id), KeyResult)
    cadence_days = command.cadence_days
    if cadence_days is None:
        # A repetition is the same although the organisation chose another cadence in between.
        cadence_days = context.settings.cadence_days if key_result is None else key_result.added.cadence_days
    added = KeyResultAdded(
        key_result_id=key_result_id,
        objective_id=command.objective_id,
        title=command.title,
        kind=command.kind,
        unit=command.unit,
        baseline=command.baseline,
        target=command.target,
        floor=command.floor,
        ceiling=command.ceiling,
        low=command.low,
        high=command.high,
        weight=command.weight,
        source=command.source,
        responsible_id=command.responsible_id,
        partner_ids=command.partner_ids,
        cadence_days=cadence_days,
        phased_targets=command.phased_targets,
    )
    if key_result is not None:
        if key_result.added == added:
            return []
        raise IdTaken("key result", key_result_id, "/key_result_id")
    objective = known.get(subjects.objective(command.objective_id), Objective)
    if objective is None:
        raise ReferenceUnknown("objective", command.objective_id, "/objective_id")
    require_live(objective, "/objective_id")
    check_definition(added)
    check_phased_targets(added.phased_targets or (), added, cycles.existing(objective.created.cycle_id, known))
    require_present(command.responsible_id, known, "/responsible_id")
    for place, partner_id in enumerate(command.partner_ids):
        pointer = f"/partner_ids/{place}"
        if partner_id == command.responsible_id:
            raise AlreadyResponsible(partner_id, pointer)
        if partner_id in command.partner_ids[:place]:
            raise DefinitionMakesNoSense(
                f"{partner_id} is named twice as a key partner. Name each person once.", pointer
            )
        require_present(partner_id, known, pointer)
    return [added]


def redefine(command: RedefineKeyResult, context: Context, known: Known) -> list[Event]:
    """Change what is measured; the event carries the whole definition after it."""
    key_result = live(command.key_result_id, known)
    given = {
        name: getattr(command, name)
        for name in ("kind", "unit", "baseline", "target", "floor", "ceiling", "low", "high")
        if name in command.model_fields_set
    }
    for name in ("kind", "unit"):
        if name in given and given[name] is None:
            raise DefinitionMakesNoSense(
                f"A key result always has a {name}. Name one, or leave it out to keep it.", f"/{name}"
            )
    before = key_result.definition
    said = {"restated_value": command.restated_value, "phased_targets": command.phased_targets}
    after = before.model_copy(update={**given, **said})
    if after == before.model_copy(update=said):
        if command.restated_value in (None, before.restated_value) and command.phased_targets is None:
            return []
        raise NothingRedefined
    check_definition(after)
    if command.restated_value is not None:
        check_value(after, command.restated_value, "/restated_value")
    # Which check-ins a redefinition reads depends on what was in force: out of order, two readers could differ.
    if (command.effective_on or context.today) < key_result.defined_on:
        raise DefinedLater(key_result.defined_on)
    cycle = cycle_of(key_result, known)
    check_phased_targets(command.phased_targets or (), after, cycle)
    cycles.require_reason_when_open(cycle, command.reason, "a redefinition of a key result")
    return [after]


def assign_responsible(command: AssignResponsible, context: Context, known: Known) -> list[Event]:
    """Name the one responsible person."""
    key_result = live(command.key_result_id, known)
    if key_result.responsible_id == command.person_id:
        return []
    require_present(command.person_id, known, "/person_id")
    if command.person_id in key_result.partner_ids:
        raise AlreadyResponsible(command.person_id, "/person_id")
    return [ResponsibleAssigned(key_result_id=command.key_result_id, person_id=command.person_id)]


def name_key_partner(command: NameKeyPartner, context: Context, known: Known) -> list[Event]:
    """Name one more key partner."""
    key_result = live(command.key_result_id, known)
    if command.person_id in key_result.partner_ids:
        return []
    require_present(command.person_id, known, "/person_id")
    if command.person_id == key_result.responsible_id:
        raise AlreadyResponsible(command.person_id, "/person_id")
    return [KeyPartnerNamed(key_result_id=command.key_result_id, person_id=command.person_id)]


def release_key_partner(command: ReleaseKeyPartner, context: Context, known: Known) -> list[Event]:
    """Say that somebody is a key partner no longer."""
    key_result = live(command.key_result_id, known)
    if command.person_id not in key_result.partner_ids:
        return []
    return [KeyPartnerReleased(key_result_id=command.key_result_id, person_id=command.person_id)]


def revise(command: ReviseKeyResult, context: Context, known: Known) -> list[Event]:
    """Change the words."""
    key_result = live(command.key_result_id, known)
    if key_result.title == command.title:
        return []
    return [KeyResultRevised(key_result_id=command.key_result_id, title=command.title)]


def reweigh(command: ReweighKeyResult, context: Context, known: Known) -> list[Event]:
    """Let it count more or less."""
    key_result = live(command.key_result_id, known)
    if key_result.weight == command.weight:
        return []
    require_reason_when_open(key_result, command.reason, "another weight", known)
    return [KeyResultReweighed(key_result_id=command.key_result_id, weight=command.weight)]


def set_cadence(command: SetCadence, context: Context, known: Known) -> list[Event]:
    """Say how often check-ins are due."""
    key_result = live(command.key_result_id, known)
    if key_result.cadence_days == command.cadence_days:
        return []
    return [CadenceSet(key_result_id=command.key_result_id, cadence_days=command.cadence_days)]


def set_phased_targets(command: SetPhasedTargets, context: Context, known: Known) -> list[Event]:
    """Say what should have been reached on which day."""
    key_result = live(command.key_result_id, known)
    if key_result.phased_targets == command.phased_targets:
        return []
    check_phased_targets(command.phased_targets, key_result.definition, cycle_of(key_result, known))
    require_reason_when_open(key_result, command.reason, "a change of phased targets", known)
    return [PhasedTargetsSet(key_result_id=command.key_result_id, phased_targets=command.phased_targets)]


def drop(command: DropKeyResult, context: Context, known: Known) -> list[Event]:
    """Give a key result up."""
    key_result = existing(command.key_result_id, known)
    if key_result.dropped:
        return []
    require_live(_objective_of(key_result, known), "")
    require_reason_when_open(key_result, command.reason, "that a key result is dropped", known)
    return [KeyResultDropped(key_result_id=command.key_result_id)]


def reinstate(command: ReinstateKeyResult, context: Context, known: Known) -> list[Event]:
    """Let a key result that was dropped count again."""
    key_result = existing(command.key_result_id, known)
    if not key_result.dropped:
        return []
    require_live(_objective_of(key_result, known), "")
    require_reason_when_open(key_result, command.reason, "that a key result counts again", known)
    require_present(key_result.responsible_id, known, "/key_result_id")
    return [KeyResultReinstated(key_result_id=command.key_result_id)]


def existing(key_result_id: str, known: Known) -> KeyResult:
    """The key result that a command is addressed to. Raises SubjectUnknown where there is none."""
    key_result = known.get(subjects.key_result(key_result_id), KeyResult)
    if key_result is None:
        raise SubjectUnknown("key result", key_result_id)
    return key_result


def live(key_result_id: str, known: Known) -> KeyResult:
    """The same, which was not dropped and whose objective is live. Raises KeyResultHasEnded or ObjectiveHasEnded."""
    key_result = existing(key_result_id, known)
    require_live_key_result(key_result, "", known)
    return key_result


def require_live_key_result(key_result: KeyResult, pointer: str, known: Known) -> None:
    """Raises KeyResultHasEnded where it was dropped, ObjectiveHasEnded where its objective has ended."""
    if key_result.dropped:
        raise KeyResultHasEnded(key_result.added.key_result_id, pointer)
    require_live(_objective_of(key_result, known), pointer)


def cycle_of(key_result: KeyResult, known: Known) -> Cycle:
    """The cycle that its objective lives in."""
    return cycles.existing(_objective_of(key_result, known).created.cycle_id, known)


def require_reason_when_open(key_result: KeyResult, reason: str | None, what: str, known: Known) -> None:
    """Raises ReasonMissing where the cycle is not merely planned and no reason is given."""
    cycles.require_reason_when_open(cycle_of(key_result, known), reason, what)


def _objective_of(key_result: KeyResult, known: Known) -> Objective:
    objective = known.get(subjects.objective(key_result.added.objective_id), Objective)
    if objective is None:
        raise LookupError(f"objective {key_result.added.objective_id} is missing from the ledger")
    return objective


def evolve(state: KeyResult | None, recorded: Recorded) -> KeyResult | None:
    """The key result after the event."""
    match recorded.event, state:
        case KeyResultAdded() as added, _:
            definition = KeyResultRedefined(
                key_result_id=added.key_result_id,
                kind=added.kind,
                unit=added.unit,
                baseline=added.baseline,
                target=added.target,
                floor=added.floor,
                ceiling=added.ceiling,
                low=added.low,
                high=added.high,
            )
            return KeyResult(
                bare(added),
                definition,
                recorded.effective_on,
                added.title,
                added.weight,
                added.cadence_days,
                added.phased_targets or (),
                added.responsible_id,
                added.partner_ids,
            )
        case _, KeyResult():
            return replace(state, **_changed_by(recorded, state))
        case _:
            return state


def _changed_by(recorded: Recorded, state: KeyResult) -> dict[str, Any]:
    match recorded.event:
        case KeyResultRedefined() as redefined:
            phased = redefined.phased_targets or ()
            return {"definition": bare(redefined), "defined_on": recorded.effective_on, "phased_targets": phased}
        case KeyResultRevised(title=title):
            return {"title": title}
        case KeyResultReweighed(weight=weight):
            return {"weight": weight}
        case ResponsibleAssigned(person_id=person_id):
            return {"responsible_id": person_id}
        case KeyPartnerNamed(person_id=person_id):
            return {"partner_ids": (*state.partner_ids, person_id)}
        case KeyPartnerReleased(person_id=person_id):
            return {"partner_ids": tuple(each for each in state.partner_ids if each != person_id)}
        case CadenceSet(cadence_days=cadence_days):
            return {"cadence_days": cadence_days}
        case PhasedTargetsSet(phased_targets=phased_targets):
            return {"phased_targets": phased_targets}
        case KeyResultDropped():
            return {"dropped": True}
        case KeyResultReinstated():
            return {"dropped": False}
        case KeyResultGraded(grade=grade) | GradeCorrected(grade=grade):
            return {"grade": grade}
        case _:
            return {}


DECIDERS: Final[Deciders] = {
    AddKeyResult: add,
    RedefineKeyResult: redefine,
    AssignResponsible: assign_responsible,
    NameKeyPartner: name_key_partner,
    ReleaseKeyPartner: release_key_partner,
    ReviseKeyResult: revise,
    ReweighKeyResult: reweigh,
    SetCadence: set_cadence,
    SetPhasedTargets: set_phased_targets,
    DropKeyResult: drop,
    ReinstateKeyResult: reinstate,
}
"""Which function answers which command."""
