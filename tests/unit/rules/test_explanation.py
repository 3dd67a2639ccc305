import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_rules import (
    RULE_VERSION,
    CitedInput,
    Definition,
    DefinitionVersion,
    ExplanationUnreadable,
    Input,
    Json,
    Override,
    Pace,
    PhasedTarget,
    Recomputed,
    RollUp,
    Thresholds,
    UnknownRuleVersion,
    Value,
    ValueInForce,
    WhyNot,
    differences,
    explain_fed_key_result,
    explain_key_result,
    explain_objective,
    period,
    recompute,
)
from tests.unit.rules.given_numbers import decimals, shares, shown, weights

D = Decimal
PAGE = Path(__file__).parents[3] / "docs" / "rules" / "explanation.md"
PACE = Pace(
    period(date(2026, 2, 14), date(2026, 1, 1), date(2026, 3, 31), date(2026, 1, 1)), "aspirational", Thresholds()
)
DEFINED = DefinitionVersion(5, date(2026, 1, 1), Definition("increase", baseline=D(20), target=D("80.50")), "percent")
MEASURED = ValueInForce(D(50), date(2026, 2, 10), 17, 21)
KEY_RESULT = explain_key_result("k1", DEFINED, MEASURED, PACE)
INPUTS = [
    CitedInput(Input("key_result", "k1", D("0.495868"), D(1), D(2)), D("0.5"), (5, 17, 21)),
    CitedInput(Input("key_result", "k2", D("0.000000"), D(0)), D("0.5"), (6,)),
    CitedInput(Input("key_result", "k3", D("1.000000"), D(1), why_not="dropped"), D("0.5"), (7, 30)),
    CitedInput(Input("objective", "o2", D("0.800000"), D(1), D(1), D("0.5")), D("0.25"), (12, 40)),
]
OBJECTIVE = explain_objective("o1", "key_results", INPUTS, PACE, sequences=(4,))


def travelled(explanation: dict[str, Json]) -> dict[str, Json]:
    return json.loads(json.dumps(explanation))


def test_a_key_result_is_explained_by_its_definition_and_the_value_in_force():
    assert KEY_RESULT == {
        "rule_version": 1,
        "kind": "key_result",
        "id": "k1",
        "ambition": "aspirational",
        "thresholds": {
            "aspirational_on_track": "0.7",
            "aspirational_at_risk": "0.4",
            "committed_on_track": "0.9",
            "committed_at_risk": "0.7",
            "stale_after_days": 3,
        },
        "period": {"on": "2026-02-14", "starts_on": "2026-01-01", "ends_on": "2026-03-31"},
        "phased_targets": [],
        "source": "check_ins",
        "definition": {
            "kind": "increase",
            "unit": "percent",
            "baseline": "20",
            "target": "80.50",
            "floor": None,
            "ceiling": None,
            "low": None,
            "high": None,
            "effective_on": "2026-01-01",
            "sequence": 5,
        },
        "value": {"value": "50", "effective_on": "2026-02-10", "first_sequence": 17, "sequence": 21},
        "raw": "0.495868",
        "progress": "0.495868",
        "measured": "1.000000",
        "expected": "0.500000",
        "status": "on_track",
        "sequences": [5, 17, 21],
    }


def test_an_objective_is_explained_by_all_its_inputs_and_why_some_do_not_count():
    assert [OBJECTIVE[name] for name in ("progress", "measured", "expected", "status", "no_inputs", "sequences")] == [
        "0.330579",
        "0.666667",
        "0.500000",
        "at_risk",
        False,
        [4, 5, 6, 7, 12, 17, 21, 30, 40],
    ]
    inputs = OBJECTIVE["inputs"]
    assert isinstance(inputs, list)
    assert inputs[3] == {
        "kind": "objective",
        "id": "o2",
        "progress": "0.800000",
        "measured": "1",
        "expected": "0.25",
        "weight": "1",
        "share": "0.5",
        "counts": False,
        "why_not": "not_in_roll_up",
        "sequences": [12, 40],
    }


def test_an_override_stands_beside_the_computed_number():
    overridden = explain_objective("o1", "key_results", INPUTS, PACE, override=Override(D("0.9"), 50))
    assert overridden["override"] == {"progress": "0.9", "sequence": 50}
    assert (overridden["progress"], overridden["computed"]) == ("0.900000", "0.330579")
    assert recompute(travelled(overridden)) == Recomputed(
        None, "0.900000", "1.000000", "0.500000", "on_track", computed="0.330579", no_inputs=False
    )


def test_a_key_result_fed_by_children_is_explained_by_them():
    fed = explain_fed_key_result("k9", DEFINED, INPUTS[3:], PACE)
    assert (fed["source"], fed["progress"], fed["sequences"]) == ("children", "0.800000", [5, 12, 40])
    assert recompute(travelled(fed)) == Recomputed(
        None, "0.800000", "1.000000", "0.500000", "on_track", computed="0.800000", no_inputs=False
    )
    assert differences(travelled(fed)) == ()


def test_nothing_that_counts_reads_0_not_measured():
    empty = explain_objective("o1", "both", [], PACE)
    assert (empty["progress"], empty["measured"], empty["no_inputs"]) == ("0.000000", "0.000000", True)
    assert recompute(travelled(empty)) == Recomputed(
        None, "0.000000", "0.000000", "0.500000", "not_measured", computed="0.000000", no_inputs=True
    )


@pytest.mark.parametrize(
    ("name", "claimed"),
    [("progress", "0.5"), ("raw", None), ("measured", "0.000000"), ("expected", "0.4"), ("status", "at_risk")],
)
def test_a_number_that_does_not_follow_is_named(name: str, claimed: Json):
    assert differences(travelled(KEY_RESULT)) == ()
    assert differences({**travelled(KEY_RESULT), name: claimed}) == (name,)


@pytest.mark.parametrize(("name", "claimed"), [("computed", "0.5"), ("no_inputs", True), ("raw", "0.330579")])
def test_a_figure_of_an_objective_that_does_not_follow_is_named(name: str, claimed: Json):
    assert differences(travelled(OBJECTIVE)) == ()
    assert differences({**travelled(OBJECTIVE), name: claimed}) == (name,)


def test_an_input_left_out_without_reason_is_named():
    inputs = json.loads(json.dumps(OBJECTIVE["inputs"]))
    inputs[1].update(counts=False, why_not="weight_zero")
    assert differences({**OBJECTIVE, "inputs": inputs}) == ("inputs/1/why_not",)
    inputs[1].update(counts=False, why_not=None)
    assert differences({**OBJECTIVE, "inputs": inputs}) == ("inputs/1/why_not",)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("rule_version", "1"),
        ("kind", "person"),
        ("source", None),
        ("ambition", "bold"),
        ("period", []),
        ("period", {"on": "2026-02-30", "starts_on": "2026-01-01", "ends_on": "2026-03-31"}),
        ("period", {"on": "20260214", "starts_on": "2026-01-01", "ends_on": "2026-03-31"}),
        ("phased_targets", [1]),
        ("phased_targets", None),
        ("definition", {}),
        ("value", {"value": True}),
        ("value", {"value": "1e3"}),
        ("value", {"value": "NaN"}),
        ("value", {"value": "٣"}),
        ("thresholds", None),
    ],
)
def test_what_cannot_be_read_is_refused_and_never_guessed(name: str, wrong: Json):
    with pytest.raises(ExplanationUnreadable):
        recompute({**KEY_RESULT, name: wrong})
    with pytest.raises(ExplanationUnreadable):
        recompute({key: each for key, each in KEY_RESULT.items() if key != name})


@pytest.mark.parametrize(("name", "wrong"), [("weight", "-1"), ("share", "0"), ("share", "1.1"), ("why_not", "shy")])
def test_an_input_that_no_ledger_holds_is_refused(name: str, wrong: str):
    inputs = json.loads(json.dumps(OBJECTIVE["inputs"]))
    inputs[0][name] = wrong
    with pytest.raises(ExplanationUnreadable):
        recompute({**OBJECTIVE, "inputs": inputs})


def test_a_definition_that_measures_nothing_is_refused():
    definition = json.loads(json.dumps(KEY_RESULT["definition"]))
    definition["target"] = definition["baseline"]
    with pytest.raises(ExplanationUnreadable):
        recompute({**KEY_RESULT, "definition": definition})


def test_rules_that_this_release_does_not_have_are_said():
    with pytest.raises(UnknownRuleVersion, match="rule version 2"):
        recompute({**KEY_RESULT, "rule_version": RULE_VERSION + 1})


def test_every_reason_of_an_input_can_be_read_again():
    for reason in get_args(WhyNot):
        inputs = [CitedInput(Input("key_result", "k", D(1), D(1), D(1), D(1), reason), D(1), ())]
        explained = explain_objective("o", "both", inputs, PACE)
        assert recompute(travelled(explained)).progress == "0.000000" or reason in ("not_in_roll_up", "weight_zero")


def test_the_examples_of_the_page_hold():
    examples = [block.split("```")[0] for block in PAGE.read_text().split("```json\n")[1:]]
    assert len(examples) >= 2
    for example in examples:
        assert differences(json.loads(example)) == ()


paces = st.builds(
    Pace,
    st.builds(
        period,
        st.dates(date(2025, 12, 1), date(2026, 5, 1)),
        st.just(date(2026, 1, 1)),
        st.just(date(2026, 3, 31)),
        st.dates(date(2025, 12, 1), date(2026, 4, 30)),
    ),
    st.sampled_from(["aspirational", "committed"]),
    st.just(Thresholds()),
    st.lists(st.builds(PhasedTarget, st.dates(date(2025, 12, 20), date(2026, 4, 10)), decimals()), max_size=3).map(
        tuple
    ),
)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    floor, low, high, ceiling = sorted(draw(st.lists(decimals(), min_size=4, max_size=4, unique=True)))
    return draw(
        st.sampled_from(
            [
                Definition("increase", baseline=low, target=high),
                Definition("reduce", baseline=high, target=low),
                Definition("stay_above", target=low, floor=floor),
                Definition("stay_below", target=high),
                Definition("stay_within", low=low, high=high, floor=floor, ceiling=ceiling),
                Definition("achieve"),
            ]
        )
    )


@given(definitions(), decimals(), st.booleans(), st.booleans(), paces)
def test_every_key_result_can_be_computed_again(
    definition: Definition, number: Decimal, flag: bool, measured: bool, pace: Pace
):
    reported: Value = flag if definition.kind == "achieve" else number
    value = ValueInForce(reported, date(2026, 1, 2), 8, 9) if measured else None
    version = DefinitionVersion(7, date(2026, 1, 1), definition, "number")
    assert differences(travelled(explain_key_result("k", version, value, pace))) == ()


reasons: st.SearchStrategy[WhyNot | None] = st.one_of(st.none(), st.sampled_from(get_args(WhyNot)[:8]))
cited_inputs = st.builds(
    CitedInput,
    st.builds(
        Input,
        st.sampled_from(["key_result", "objective"]),
        st.just("x"),
        shown(),
        shown(),
        st.one_of(st.just(D(0)), weights()),
        shares(),
        reasons,
    ),
    shown(),
    st.lists(st.integers(1, 100), max_size=3).map(tuple),
)
overrides = st.one_of(st.none(), st.builds(Override, shares(), st.integers(1, 100)))


@given(st.sampled_from(get_args(RollUp)), st.lists(cited_inputs, max_size=6), paces, overrides)
def test_every_objective_can_be_computed_again(
    rule: RollUp, inputs: list[CitedInput], pace: Pace, override: Override | None
):
    assert differences(travelled(explain_objective("o", rule, inputs, pace, override=override))) == ()


@given(definitions(), st.lists(cited_inputs, max_size=6), paces)
def test_every_fed_key_result_can_be_computed_again(definition: Definition, inputs: list[CitedInput], pace: Pace):
    version = DefinitionVersion(7, date(2026, 1, 1), definition, "number")
    assert differences(travelled(explain_fed_key_result("k", version, inputs, pace))) == ()


anything: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["1", "-0", "0.5", "objective"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(sorted(KEY_RESULT)), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from([KEY_RESULT, OBJECTIVE]), st.data(), anything)
def test_any_json_is_either_read_or_refused(explanation: dict[str, Json], data: st.DataObject, wrong: Json):
    spoilt = travelled(explanation)
    target = spoilt
    while True:
        name = data.draw(st.sampled_from(sorted(target)))
        inner = target[name]
        if name == "inputs" and isinstance(inner, list):
            inner = inner[0]
        if not isinstance(inner, dict) or data.draw(st.booleans()):
            break
        target = inner
    target[name] = wrong
    with suppress(ExplanationUnreadable):
        differences(spoilt)
