"""What the ledger accepts, the rules can read: otherwise an accepted event would stop a read model."""

from decimal import Decimal
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from okr_contracts.events import KeyResultRedefined
from okr_contracts.fields import MeasureUnit
from okr_rules import Definition, DefinitionDoesNotFit, Kind
from services.ledger.domain.key_result import DefinitionMakesNoSense, check_definition

NEEDED: dict[Kind, set[str]] = {
    "increase": {"baseline", "target"},
    "reduce": {"baseline", "target"},
    "stay_above": {"target", "floor"},
    "stay_below": {"target", "ceiling"},
    "stay_within": {"low", "high", "floor", "ceiling"},
    "achieve": set(),
}
kinds: st.SearchStrategy[Kind] = st.sampled_from(get_args(Kind))
some_number = st.one_of(st.none(), st.integers(0, 4).map(Decimal))


@given(kinds, some_number, some_number, some_number, some_number, some_number, some_number, st.booleans())
def test_the_ledger_and_the_rules_agree_on_what_a_definition_is(
    kind: Kind,
    baseline: Decimal | None,
    target: Decimal | None,
    floor: Decimal | None,
    ceiling: Decimal | None,
    low: Decimal | None,
    high: Decimal | None,
    only_what_is_of_use: bool,
):
    def used(name: str, number: Decimal | None) -> Decimal | None:
        return None if only_what_is_of_use and name not in NEEDED[kind] else number

    event = KeyResultRedefined(
        key_result_id="k",
        kind=kind,
        unit=MeasureUnit(),
        baseline=used("baseline", baseline),
        target=used("target", target),
        floor=used("floor", floor),
        ceiling=used("ceiling", ceiling),
        low=used("low", low),
        high=used("high", high),
    )
    try:
        check_definition(event)
        accepted = True
    except DefinitionMakesNoSense:
        accepted = False
    try:
        Definition(kind, event.baseline, event.target, event.floor, event.ceiling, event.low, event.high)
        readable = True
    except DefinitionDoesNotFit:
        readable = False
    assert readable or not accepted
    if only_what_is_of_use:
        assert accepted == readable
