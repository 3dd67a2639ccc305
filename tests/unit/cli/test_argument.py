import pytest

from services.cli.argument import argument

HEAD: dict[str, object] = {
    "rule_version": 1,
    "ambition": "aspirational",
    "thresholds": {},
    "period": {"on": "2026-02-14", "starts_on": "2026-01-01", "ends_on": "2026-03-31"},
    "phased_targets": [],
    "measured": "1.000000",
    "expected": "0.500000",
    "status": "on_track",
}
PACE = "on track: 0.5 expected by 2026-02-14 (2026-01-01 to 2026-03-31), measured 1, aspirational"


def key_result(definition: dict[str, object], value: dict[str, object] | None, raw: str | None, progress: str):
    limits = dict.fromkeys(("baseline", "target", "floor", "ceiling", "low", "high"))
    return {
        **HEAD,
        "kind": "key_result",
        "id": "k1",
        "source": "check_ins",
        "definition": {**limits, "unit": "percent", "effective_on": "2026-01-01", "sequence": 5, **definition},
        "value": value,
        "raw": raw,
        "progress": progress,
    }


def reported(value: object, sequence: int = 17) -> dict[str, object]:
    return {"value": value, "effective_on": "2026-02-10", "first_sequence": 17, "sequence": sequence}


FROM = "from the check-in of 2026-02-10 (event 17); defined in event 5"


@pytest.mark.parametrize(
    ("definition", "value", "raw", "progress", "line"),
    [
        (
            {"kind": "increase", "baseline": "20", "target": "80.50"},
            reported("50"),
            "0.495868",
            "0.495868",
            f"0.495868 = (50 − 20) ÷ (80.5 − 20), {FROM}",
        ),
        (
            {"kind": "reduce", "baseline": "12", "target": "4"},
            reported("9"),
            "0.375000",
            "0.375000",
            f"0.375 = (12 − 9) ÷ (12 − 4), {FROM}",
        ),
        (
            {"kind": "increase", "baseline": "0", "target": "10"},
            reported("12"),
            "1.200000",
            "1.000000",
            f"(12 − 0) ÷ (10 − 0) = 1.2, counted as 1, {FROM}",
        ),
        (
            {"kind": "stay_above", "target": "10", "floor": "5"},
            reported("11"),
            "1.000000",
            "1.000000",
            f"1 = 11 against floor 5, target 10, {FROM}",
        ),
        ({"kind": "achieve"}, reported(True), "1.000000", "1.000000", f"1 = achieved, {FROM}"),
    ],
)
def test_a_key_result_argues_from_its_check_in(
    definition: dict[str, object], value: dict[str, object], raw: str, progress: str, line: str
):
    assert argument(key_result(definition, value, raw, progress)) == [line, PACE]


def test_a_corrected_check_in_names_both_events():
    corrected = key_result({"kind": "increase", "baseline": "0", "target": "10"}, reported("5", 21), "0.5", "0.500000")
    assert "check-in of 2026-02-10 (event 17, corrected in event 21)" in argument(corrected)[0]


def test_a_key_result_without_a_value_says_so():
    silent = key_result({"kind": "increase", "baseline": "0", "target": "10"}, None, None, "0.000000")
    assert argument(silent)[0] == "0, for no check-in has a value yet; defined in event 5"


def an_input(
    name: str, progress: str, weight: str = "1", share: str = "1", why_not: str | None = None
) -> dict[str, object]:
    return {
        "kind": "key_result",
        "id": name,
        "progress": progress,
        "weight": weight,
        "share": share,
        "counts": why_not is None,
        "why_not": why_not,
        "sequences": [5, 17],
    }


def objective(inputs: list[dict[str, object]], computed: str, override: dict[str, object] | None = None):
    progress = computed if override is None else override["progress"]
    return {
        **HEAD,
        "kind": "objective",
        "id": "o1",
        "inputs": inputs,
        "computed": computed,
        "override": override,
        "progress": progress,
    }


def test_an_objective_argues_from_its_inputs():
    inputs = [an_input("k1", "0.500000"), an_input("k2", "0.380000", weight="4", share="0.5")]
    assert argument(objective(inputs, "0.420000")) == [
        "0.42 = (1 × 0.5 + 2 × 0.38) ÷ 3",
        "       0.5  key_result k1, from events 5, 17",
        "      0.38  key_result k2, weight 4 × share 0.5, from events 5, 17",
        PACE,
    ]


def test_what_does_not_count_is_shown_with_the_reason():
    lines = argument(objective([an_input("k1", "0.9", why_not="weight_is_0")], "0.000000"))
    assert lines[:2] == [
        "0, for nothing counts here",
        "       0.9  key_result k1, not counted: weight is 0, from events 5, 17",
    ]


def test_an_override_is_shown_beside_the_computed_number():
    lines = argument(objective([an_input("k1", "0.5")], "0.500000", {"progress": "0.8", "sequence": 30}))
    assert lines[0] == "0.8, an override (event 30); computed: 0.5 = (1 × 0.5) ÷ 1"
