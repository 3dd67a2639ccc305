"""When a key result is added, redefined, and who answers for it."""

from dataclasses import dataclass, replace
from datetime import date

from okr_contracts import subjects
from okr_contracts.commands import AddKeyResult, AssignResponsible, NameKeyPartner, RedefineKeyResult
from okr_contracts.envelope import Recorded
from okr_contracts.events import Event, KeyPartnerNamed, KeyResultAdded, KeyResultRedefined, ResponsibleAssigned
from okr_contracts.fields import KeyResultKind, ReportedValue
from services.ledger.domain import cycle as cycles
from services.ledger.domain.currency import CURRENCIES
from services.ledger.domain.known import Context, Known, bare
from services.ledger.domain.objective import Objective
from services.ledger.domain.person import Person
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, Refusal, SubjectUnknown


class DefinitionMakesNoSense(Refusal):
    """Kind, numbers and unit of a key result do not go together."""

    code = "definition_makes_no_sense"


class ValueDoesNotFit(Refusal):
    """A value is not of the sort that the key result's kind measures."""

    code = "value_does_not_fit"

    def __init__(self, kind: KeyResultKind, pointer: str) -> None:
        wanted = "true or false" if kind == "achieve" else "a decimal in its unit"
        super().__init__(f"The key result is of kind {kind}: its value is {wanted}.", pointer)


class AlreadyResponsible(Refusal):
    """Somebody would be the responsible person and a key partner at once."""

    code = "already_responsible"

    def __init__(self, person_id: str, pointer: str) -> None:
        super().__init__(
            f"{person_id} would be both responsible person and key partner. Name somebody else as one of the two.",
            pointer,
        )


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


Definition = KeyResultAdded | KeyResultRedefined
"""What both a key result's addition and its redefinitions say about how it is measured."""


@dataclass(frozen=True, slots=True)
class KeyResult:
    """What the rules read of a key result; ``definition`` is the newest, in force from ``defined_on``."""

    added: KeyResultAdded
    definition: KeyResultRedefined
    defined_on: date
    responsible_id: str
    partner_ids: tuple[str, ...]


def add(command: AddKeyResult, context: Context, known: Known) -> list[Event]:
    """Add a key result to an objective."""
    key_result_id = command.key_result_id or ""
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
        cadence_days=command.cadence_days,
    )
    key_result = known.get(subjects.key_result(key_result_id), KeyResult)
    if key_result is not None:
        if key_result.added == added:
            return []
        raise IdTaken("key result", key_result_id, "/key_result_id")
    if known.get(subjects.objective(command.objective_id), Objective) is None:
        raise ReferenceUnknown("objective", command.objective_id, "/objective_id")
    check_definition(added)
    if known.get(subjects.person(command.responsible_id), Person) is None:
        raise ReferenceUnknown("person", command.responsible_id, "/responsible_id")
    for place, partner_id in enumerate(command.partner_ids):
        pointer = f"/partner_ids/{place}"
        if partner_id == command.responsible_id:
            raise AlreadyResponsible(partner_id, pointer)
        if partner_id in command.partner_ids[:place]:
            raise DefinitionMakesNoSense(
                f"{partner_id} is named twice as a key partner. Name each person once.", pointer
            )
        if known.get(subjects.person(partner_id), Person) is None:
            raise ReferenceUnknown("person", partner_id, pointer)
    return [added]


def redefine(command: RedefineKeyResult, context: Context, known: Known) -> list[Event]:
    """Change what is measured; the event carries the whole definition after it."""
    key_result = existing(command.key_result_id, known)
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
    after = before.model_copy(update={**given, "restated_value": command.restated_value})
    if after == before.model_copy(update={"restated_value": command.restated_value}):
        if command.restated_value in (None, before.restated_value):
            return []
        raise NothingRedefined
    check_definition(after)
    if command.restated_value is not None:
        check_value(after, command.restated_value, "/restated_value")
    # Which check-ins a redefinition reads depends on what was in force: out of order, two readers could differ.
    if (command.effective_on or context.today) < key_result.defined_on:
        raise DefinedLater(key_result.defined_on)
    objective = known.get(subjects.objective(key_result.added.objective_id), Objective)
    if objective is None:
        raise LookupError(f"objective {key_result.added.objective_id} is missing from the ledger")
    cycle = cycles.existing(objective.created.cycle_id, known)
    cycles.require_reason_when_open(cycle, command.reason, "a redefinition of a key result")
    return [after]


def assign_responsible(command: AssignResponsible, context: Context, known: Known) -> list[Event]:
    """Name the one responsible person."""
    key_result = existing(command.key_result_id, known)
    if key_result.responsible_id == command.person_id:
        return []
    _require_person(command.person_id, known)
    if command.person_id in key_result.partner_ids:
        raise AlreadyResponsible(command.person_id, "/person_id")
    return [ResponsibleAssigned(key_result_id=command.key_result_id, person_id=command.person_id)]


def name_key_partner(command: NameKeyPartner, context: Context, known: Known) -> list[Event]:
    """Name one more key partner."""
    key_result = existing(command.key_result_id, known)
    if command.person_id in key_result.partner_ids:
        return []
    _require_person(command.person_id, known)
    if command.person_id == key_result.responsible_id:
        raise AlreadyResponsible(command.person_id, "/person_id")
    return [KeyPartnerNamed(key_result_id=command.key_result_id, person_id=command.person_id)]


def existing(key_result_id: str, known: Known) -> KeyResult:
    """The key result that a command is addressed to. Raises SubjectUnknown where there is none."""
    key_result = known.get(subjects.key_result(key_result_id), KeyResult)
    if key_result is None:
        raise SubjectUnknown("key result", key_result_id)
    return key_result


def check_value(definition: Definition, value: ReportedValue, pointer: str) -> None:
    """Refuse a value of the wrong sort: true or false for ``achieve``, a decimal for every other kind."""
    if isinstance(value, bool) != (definition.kind == "achieve"):
        raise ValueDoesNotFit(definition.kind, pointer)


_NUMBERS = ("baseline", "target", "floor", "ceiling", "low", "high")
_WANTED: dict[KeyResultKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "increase": (("baseline", "target"), ()),
    "reduce": (("baseline", "target"), ()),
    "stay_above": (("target",), ("floor",)),
    "stay_below": (("target",), ("ceiling",)),
    "stay_within": (("low", "high"), ("floor", "ceiling")),
    "achieve": ((), ()),
}


def check_definition(definition: Definition) -> None:
    """Refuse a definition whose kind, numbers and unit do not make sense together."""
    needed, allowed = _WANTED[definition.kind]
    for name in _NUMBERS:
        number = getattr(definition, name)
        if name in needed and number is None:
            raise DefinitionMakesNoSense(f"A key result of kind {definition.kind} needs a {name}.", f"/{name}")
        if name not in (*needed, *allowed) and number is not None:
            raise DefinitionMakesNoSense(
                f"A key result of kind {definition.kind} has no {name}. Leave it out, or choose another kind.",
                f"/{name}",
            )
    _check_order(definition)
    _check_unit(definition)


def _check_order(definition: Definition) -> None:
    rising = {
        "increase": (("baseline", "target"),),
        "reduce": (("target", "baseline"),),
        "stay_above": (("floor", "target"),),
        "stay_below": (("target", "ceiling"),),
        "stay_within": (("floor", "low"), ("low", "high"), ("high", "ceiling")),
        "achieve": (),
    }
    for lower, higher in rising[definition.kind]:
        below, above = getattr(definition, lower), getattr(definition, higher)
        if below is not None and above is not None and not below < above:
            raise DefinitionMakesNoSense(
                f"For kind {definition.kind} the {lower} lies below the {higher}; here they are"
                f" {below:f} and {above:f}.",
                f"/{higher}" if higher == "target" else f"/{lower}",
            )


def _check_unit(definition: Definition) -> None:
    unit = definition.unit
    match unit.kind:
        case "number" | "percent" if unit.code is not None:
            raise DefinitionMakesNoSense(f"The unit {unit.kind} has no code. Leave it out.", "/unit/code")
        case "money" if unit.code not in CURRENCIES:
            raise DefinitionMakesNoSense("Money names its currency by an ISO 4217 code, as in EUR.", "/unit/code")
        case "custom" if unit.code is None:
            raise DefinitionMakesNoSense("A custom unit needs its word in 'code', as in customers.", "/unit/code")
        case _:
            pass


def _require_person(person_id: str, known: Known) -> None:
    if known.get(subjects.person(person_id), Person) is None:
        raise ReferenceUnknown("person", person_id, "/person_id")


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
            return KeyResult(bare(added), definition, recorded.effective_on, added.responsible_id, added.partner_ids)
        case KeyResultRedefined() as redefined, KeyResult():
            return replace(state, definition=bare(redefined), defined_on=recorded.effective_on)
        case ResponsibleAssigned(person_id=person_id), KeyResult():
            return replace(state, responsible_id=person_id)
        case KeyPartnerNamed(person_id=person_id), KeyResult():
            return replace(state, partner_ids=(*state.partner_ids, person_id))
        case _:
            return state
