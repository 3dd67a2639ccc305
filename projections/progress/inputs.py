"""What a node reports, and how it enters the mean of a node above; shared by the fold and by answers as of a day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from okr_rules import (
    Definition,
    DefinitionVersion,
    Input,
    Kind,
    Node,
    Result,
    RollUp,
    Value,
    WhyNot,
    key_result_progress,
    roll_up,
)

LAST_DAY: Final = date.max
"""By this day everything known is effective: events are never dated in the future."""

LAST_SEQUENCE: Final = 2**63 - 1
"""What is known at this sequence is everything."""


Ended: TypeAlias = Literal["abandoned", "carried_over"]
Acceptance: TypeAlias = Literal["awaited", "accepted", "declined"]


class Numbers(NamedTuple):
    """The numbers of one node, decimals of 6 places."""

    raw: Decimal | None
    """Not clamped; only of key results with a value in force."""
    progress: Decimal
    """What is shown and counts above."""
    measured: Decimal
    computed: Decimal
    """The number without an override."""
    no_inputs: bool
    """Nothing counts here: the node leaves the mean of its parents."""


# Half of what Numbers(…) costs.
_new: Final = tuple[object, ...].__new__


def of_value(definition: Definition, value: Value | None) -> Numbers:
    """The numbers of a key result with check-ins at the value in force. Raises ValueDoesNotFit."""
    raw, progress, measured = key_result_progress(definition, value)
    return _new(Numbers, (raw, progress, measured, progress, False))


def of_inputs(rule: RollUp, inputs: Mapping[Node, Input], override: Decimal | None) -> Numbers:
    """The numbers of an objective, or of a key result that is fed by objectives. Raises OverrideOutOfRange."""
    return rolled_up(roll_up(rule, inputs.values(), override))


def rolled_up(result: Result) -> Numbers:
    """A result of a roll-up as the numbers of a node."""
    return _new(Numbers, (None, *result))


def key_result_input(key_result_id: str, numbers: Numbers, weight: Decimal, *, dropped: bool) -> Input:
    """A key result in the mean of its own objective; its share is 1."""
    why: WhyNot | None = "dropped" if dropped else "no_inputs" if numbers.no_inputs else None
    return Input("key_result", key_result_id, numbers.progress, numbers.measured, weight, why_not=why)


def child_input(
    objective_id: str,
    numbers: Numbers,
    weight: Decimal,
    share: Decimal,
    *,
    contributes: bool,
    ended: Ended | None,
    acceptance: Acceptance | None,
    counts_yet: bool,
) -> Input:
    """
    An objective in the mean of what it is aligned with.

    *acceptance* is None where nobody has to accept the link.
    *counts_yet* is false while it lives in another cycle than its parent and its own has not opened.
    """
    why: WhyNot | None = None
    if not contributes:
        why = "supports"
    elif ended is not None:
        why = ended
    elif acceptance == "declined":
        why = "declined"
    elif acceptance == "awaited":
        why = "not_accepted"
    elif not counts_yet:
        why = "cycle_not_open"
    elif numbers.no_inputs:
        why = "no_inputs"
    return Input("objective", objective_id, numbers.progress, numbers.measured, weight, share, why)


def written(value: Value | None) -> str | None:
    """A reported value as the read model keeps it: plain notation, ``true`` or ``false``."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f")


def read(value: str | None) -> Value | None:
    """The reported value that ``written`` wrote."""
    match value:
        case None:
            return None
        case "true":
            return True
        case "false":
            return False
        case _:
            return Decimal(value)


def definition_version(row: tuple[object, ...]) -> DefinitionVersion:
    """
    A row of the table of definitions, without its organisation and key result.

    In the order of its columns: effective_on, sequence, kind, unit_kind, unit_code, baseline, target, floor, ceiling,
    low, high, restated_value.
    """
    on, sequence, kind, unit_kind, unit_code, *numbers, restated = row
    assert isinstance(on, date)
    assert isinstance(sequence, int)
    baseline, target, floor, ceiling, low, high = (_decimal(number) for number in numbers)
    return DefinitionVersion(
        sequence,
        on,
        Definition(cast("Kind", kind), baseline, target, floor, ceiling, low, high),
        f"{unit_kind}/{unit_code}" if unit_code else str(unit_kind),
        read(None if restated is None else str(restated)),
    )


def _decimal(number: object) -> Decimal | None:
    return None if number is None else Decimal(str(number))
