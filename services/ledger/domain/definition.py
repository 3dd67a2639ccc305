"""What a key result may measure: kind, numbers, unit and phased targets that make sense together."""

from datetime import timedelta

from okr_contracts.events import KeyResultAdded, KeyResultRedefined
from okr_contracts.fields import KeyResultKind, PhasedTargets, ReportedValue
from services.ledger.domain.currency import CURRENCIES
from services.ledger.domain.cycle import Cycle
from services.ledger.domain.refusal import Refusal


class DefinitionMakesNoSense(Refusal):
    """Kind, numbers and unit of a key result do not go together."""

    code = "definition_makes_no_sense"


class ValueDoesNotFit(Refusal):
    """A value is not of the sort that the key result's kind measures."""

    code = "value_does_not_fit"

    def __init__(self, kind: KeyResultKind, pointer: str) -> None:
        wanted = "true or false" if kind == "achieve" else "a decimal in its unit"
        super().__init__(f"The key result is of kind {kind}: its value is {wanted}.", pointer)


Definition = KeyResultAdded | KeyResultRedefined
"""What both a key result's addition and its redefinitions say about how it is measured."""


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


def check_phased_targets(phased: PhasedTargets, definition: Definition, cycle: Cycle) -> None:
    """Refuse days out of order or outside the cycle, and kinds whose progress does not run from a baseline."""
    if not phased:
        return
    if definition.kind not in ("increase", "reduce"):
        raise DefinitionMakesNoSense(
            f"A key result of kind {definition.kind} has no phased targets; only increase and reduce have a way to go.",
            "/phased_targets",
        )
    planned = cycle.planned
    before = planned.starts_on - timedelta(days=1)
    for place, each in enumerate(phased):
        if not before < each.on <= planned.ends_on:
            raise DefinitionMakesNoSense(
                f"Phased targets stand in the order of their days, each once, within the cycle: {planned.starts_on} to"
                f" {planned.ends_on}.",
                f"/phased_targets/{place}/on",
            )
        before = each.on


def check_value(definition: Definition, value: ReportedValue, pointer: str) -> None:
    """Refuse a value of the wrong sort: true or false for ``achieve``, a decimal for every other kind."""
    if isinstance(value, bool) != (definition.kind == "achieve"):
        raise ValueDoesNotFit(definition.kind, pointer)
