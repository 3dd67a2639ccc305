"""The recomputation of explanations agrees with what is right, and finds each number that is a millionth off."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_rules import (
    CitedInput,
    Definition,
    DefinitionVersion,
    Kind,
    Override,
    Pace,
    RollUp,
    Value,
    ValueInForce,
    explain_fed_key_result,
    explain_key_result,
    explain_objective,
)
from tests.plain_recomputation import explanations
from tests.plain_recomputation.explanations import differences, read
from tests.unit.rules.given_numbers import decimals
from tests.unit.rules.test_explanation import cited_inputs, definitions, overrides, paces

Answer = dict[str, Any]
Place = tuple[str | int, ...]

GOLDEN = Path(__file__).with_name("explained.json")
"""What the query service answers to ``?explain=all``; an integration test holds that it still does."""
PAGE = Path(__file__).parents[3] / "docs" / "rules" / "explanation.md"
EVERYTHING = cast("Answer", read(GOLDEN.read_bytes()))
EVERY_LEVEL = cast("list[Answer]", EVERYTHING["explanations"])
PAGE_EXAMPLES = [json.loads(block.split("```")[0]) for block in PAGE.read_text("utf-8").split("```json\n")[1:]]
NUMBERS = ("raw", "progress", "measured", "expected", "computed")
A_MILLIONTH = Decimal("0.000001")


def explained_alone(level: Answer) -> Answer:
    """The answer to ``?explain=true`` whose head says what its explanation says."""
    head = {name: level[name] for name in ("kind", "id", "raw", "progress", "measured", "expected", "status")}
    return {**head, "no_inputs": level.get("no_inputs", False), "stale": False, "explanation": level}


def at(answer: Any, place: Place) -> Any:
    for step in place:
        answer = answer[step]
    return answer


def harmed(place: Place, change: Callable[[Any], Any] | object, answer: Answer = EVERYTHING) -> Answer:
    """The answer with what is at *place* changed, or replaced."""
    changed = copy.deepcopy(answer)
    *way, last = place
    before = at(changed, tuple(way))[last]
    at(changed, tuple(way))[last] = change(before) if callable(change) else change
    return changed


def more(number: str, by: Decimal = A_MILLIONTH) -> str:
    return f"{Decimal(number) + by:f}"


def numbers_of(level: Answer) -> list[str]:
    return [name for name in NUMBERS if level.get(name) is not None]


def levels_with_numbers() -> Iterator[tuple[str, int, str]]:
    for number, level in enumerate(EVERY_LEVEL):
        yield from ((level["id"], number, name) for name in numbers_of(level))


def inputs_with_numbers() -> Iterator[tuple[str, Place]]:
    for number, level in enumerate(EVERY_LEVEL):
        for index, each in enumerate(level.get("inputs", ())):
            for name in ("progress", "measured", "expected"):
                yield f"{level['id']}-{each['id']}-{name}", ("explanations", number, "inputs", index, name)


LEVELS = list(levels_with_numbers())
INPUTS = list(inputs_with_numbers())


def level_of(node_id: str) -> int:
    return [level["id"] for level in EVERY_LEVEL].index(node_id)


def without_the_first(right: list[Any]) -> list[Any]:
    return right[1:]


def with_the_first_event(right: list[Any]) -> list[Any]:
    return [1, *right]


def the_first_alone(right: list[Any]) -> list[Any]:
    return right[:1]


def with_the_last_twice(right: list[Any]) -> list[Any]:
    return [*right, right[-1]]


def in_another_order(right: list[Any]) -> list[Any]:
    return [right[0], *reversed(right[1:])]


def with_a_stranger(right: list[Any]) -> list[Any]:
    return [*right, {**right[1], "id": "k-x"}]


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(explanations.__file__).read_text("utf-8"))
    imports = [each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom)]
    named = [alias.name for each in imports if isinstance(each, ast.Import) for alias in each.names]
    named += [each.module or "." for each in imports if isinstance(each, ast.ImportFrom)]
    assert "fractions" in named
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_the_golden_answer_follows_level_by_level_and_as_a_whole() -> None:
    assert differences(EVERYTHING, date(2026, 5, 20)) == []
    for level in EVERY_LEVEL:
        assert differences(explained_alone(level)) == []


def test_the_golden_answer_has_every_kind_every_roll_up_and_an_override() -> None:
    kinds = {level["definition"]["kind"] for level in EVERY_LEVEL if level["kind"] == "key_result"}
    assert kinds == set(get_args(Kind))
    assert {level["roll_up"] for level in EVERY_LEVEL if level["kind"] == "objective"} == set(get_args(RollUp))
    assert {level.get("source") for level in EVERY_LEVEL} == {None, "check_ins", "children"}
    assert [level["id"] for level in EVERY_LEVEL if level.get("override")] == ["care"]
    assert [level["id"] for level in EVERY_LEVEL if level["phased_targets"]] == ["k-phased"]


def test_the_examples_of_the_page_follow() -> None:
    assert len(PAGE_EXAMPLES) == 2
    for level in PAGE_EXAMPLES:
        assert differences(explained_alone(level)) == []


@pytest.mark.parametrize("by", [A_MILLIONTH, -A_MILLIONTH])
@pytest.mark.parametrize(("number", "name"), [each[1:] for each in LEVELS], ids=[f"{i}-{n}" for i, _, n in LEVELS])
def test_a_number_that_is_a_millionth_off_is_found_in_its_own_explanation(number: int, name: str, by: Decimal) -> None:
    """The head says the same wrong number, so that nothing but the computation can tell."""
    level = harmed((name,), lambda right: more(right, by), EVERY_LEVEL[number])
    assert f"{level['kind']} {level['id']}: {name} is {level[name]}, computed again {EVERY_LEVEL[number][name]}" in (
        differences(explained_alone(level))
    ) or ("from 0 to 1" in str(differences(explained_alone(level))))


@pytest.mark.parametrize("place", [place for _, place in INPUTS], ids=[name for name, _ in INPUTS])
def test_a_number_of_an_input_that_is_not_that_of_its_own_level_is_found(place: Place) -> None:
    """Also of one that does not count, so that no mean tells."""
    assert differences(harmed(place, more))


@pytest.mark.parametrize("name", ["progress", "measured", "expected"])
def test_a_head_that_says_another_number_than_is_explained_is_found(name: str) -> None:
    assert differences(harmed((name,), more)) == [
        f"the answer: {name} is {more(EVERYTHING[name])}, explained is {EVERYTHING[name]}"
    ]


@pytest.mark.parametrize("number", range(len(EVERY_LEVEL)), ids=[level["id"] for level in EVERY_LEVEL])
def test_a_wrong_word_is_found(number: int) -> None:
    right = EVERY_LEVEL[number]["status"]
    for wrong in {"not_measured", "on_track", "at_risk", "off_track"} - {right}:
        level = {**EVERY_LEVEL[number], "status": wrong}
        (found,) = differences(explained_alone(level))
        assert found.endswith(f": status is {wrong}, computed again {right}")


@pytest.mark.parametrize(
    ("node", "place", "wrong", "words"),
    [
        ("top", ("rule_version",), 2, "rule version 2"),
        ("top", ("no_inputs",), True, "no_inputs is True, computed again False"),
        ("top", ("no_inputs",), 0, "no_inputs is 0, computed again False"),
        ("top", ("period", "on"), "2026-05-21", "asked about 2026-05-20"),
        ("top", ("period", "ends_on"), "20261231", "ends_on is no day"),
        ("top", ("thresholds", "committed_at_risk"), "0.5", "computed again at_risk"),
        ("top", ("roll_up",), "all", "no such roll-up"),
        ("top", ("inputs", 0, "weight"), "-0.5", "has weight -0.5"),
        ("top", ("inputs", 0, "share"), "0.5", "and share 0.5"),
        ("top", ("inputs", 0, "counts"), False, "inputs/0/why_not"),
        ("top", ("inputs", 0, "why_not"), "not_in_roll_up", "inputs/0/why_not"),
        ("top", ("inputs", 0, "why_not"), "shy", "inputs/0/why_not"),
        ("top", ("inputs", 0, "progress"), Decimal("0.123457"), "progress is no decimal"),
        ("top", ("inputs", 0, "progress"), "1.2e-1", "progress is no decimal"),
        ("top", ("inputs", 0, "sequences"), [3, 2], "not whole numbers in order"),
        ("care", ("override",), None, "progress is 0.123457, computed again 0.500000"),
        ("care", ("override", "progress"), "1.1", "not from 0 to 1"),
        ("care", ("sequences",), [], "what is shown cites"),
        ("k-achieved", ("value", "value"), "1", "no value of achieve"),
        ("k-phased", ("value",), None, "raw is 0.212500, computed again None"),
        ("k-phased", ("value", "effective_on"), "2026-05-21", "after 2026-05-20"),
        ("k-phased", ("phased_targets",), [], "expected is 0.243011, computed again 0.523256"),
        ("k-phased", ("definition", "kind"), "more", "no such kind"),
        ("k-phased", ("definition", "target"), "0", "cannot be computed again"),
        ("k-phased", ("sequences",), without_the_first, "what is shown cites"),
        ("k-phased", ("sequences",), with_the_first_event, "what is shown cites"),
    ],
)
def test_what_does_not_follow_is_said_in_words(node: str, place: Place, wrong: object, words: str) -> None:
    found = differences(harmed(("explanations", level_of(node), *place), wrong), date(2026, 5, 20))
    assert any(words in each for each in found), found


@pytest.mark.parametrize(
    ("place", "wrong", "words"),
    [
        (("explanations", 1, "ambition"), "aspirational", "of its input key_result k-top ambition is committed"),
        (("explanations", 1, "period", "ends_on"), "2026-12-30", "on its own level on 2026-12-30"),
        (("explanations", 1, "period", "on"), "2026-05-19", "another day than objective top"),
        (("explanations", 0, "inputs", 1, "sequences"), [1], "its own level rests on"),
        (("explanations",), the_first_alone, "has no level below it"),
        (("explanations",), with_the_last_twice, "a level is there twice"),
        (("explanations",), in_another_order, "has no level below it"),
        (("explanations",), with_a_stranger, "key_result k-x: is nobody's input"),
        (("explanations",), [], "nothing is explained"),
        (("stale",), True, "stale is true"),
        (("no_inputs",), True, "no_inputs is True"),
    ],
)
def test_levels_that_do_not_fit_together_are_found(place: Place, wrong: object, words: str) -> None:
    found = differences(harmed(place, wrong))
    assert any(words in each for each in found), found


def test_an_empty_objective_counts_nowhere_and_a_full_one_is_not_left_out_as_empty() -> None:
    inputs = [each["id"] for each in EVERY_LEVEL[0]["inputs"]]
    for child, reason in (("empty", None), ("sales", "no_inputs")):
        said = {"why_not": reason, "counts": reason is None}
        place = ("explanations", 0, "inputs", inputs.index(child))
        found = differences(harmed(place, lambda right, said=said: {**right, **said}))
        assert any(f"of its input objective {child} why_not is {reason}" in each for each in found), found


@pytest.mark.parametrize("name", sorted({name for level in EVERY_LEVEL for name in level} - {"unit"}))
def test_a_level_that_lacks_a_field_is_found(name: str) -> None:
    for level in EVERY_LEVEL:
        # Days and values have all that they are computed from; phased targets are read for two kinds alone.
        if name in level and (name != "phased_targets" or level.get("definition", {}).get("kind") == "increase"):
            without = {key: each for key, each in level.items() if key != name}
            assert differences({**explained_alone(level), "explanation": without})


def test_an_event_that_was_not_known_yet_is_found() -> None:
    newest = max(sequence for level in EVERY_LEVEL for sequence in level["sequences"])
    assert differences(EVERYTHING, known_at=newest) == []
    assert any("reach beyond" in each for each in differences(EVERYTHING, known_at=newest - 1))


def test_of_a_redacted_node_what_is_left_follows() -> None:
    hidden: Sequence[str] = ("definition", "value", "override", "raw", "source", "phased_targets")
    for level in EVERY_LEVEL:
        left = {name: None if name in hidden else each for name, each in level.items()} | {"redacted": True}
        assert differences(explained_alone(left)) == []
        for name in ("definition", "value", "override"):
            if level.get(name) is not None:
                assert differences(explained_alone({**left, name: level[name]}))
        if level["kind"] == "objective":
            assert differences(explained_alone({**left, "computed": more(level["computed"])}))


@pytest.mark.parametrize(("answer", "code", "words"), [(EVERYTHING, 0, "everything follows"), ({}, 1, "nothing is")])
def test_an_outsider_runs_the_file_alone(answer: Answer, code: int, words: str) -> None:
    command = [sys.executable, "-I", "-S", explanations.__file__]
    told = subprocess.run(command, input=json.dumps(answer).encode(), capture_output=True, check=False)
    assert (told.returncode, told.stderr) == (code, b"")
    assert words in told.stdout.decode()


def _as_the_ledger_holds_it(given_input: CitedInput) -> CitedInput:
    """A key result of the objective itself has the share 1."""
    if given_input.input.kind == "objective":
        return given_input
    return CitedInput(given_input.input._replace(share=Decimal(1)), given_input.expected, given_input.sequences)


held_inputs = st.lists(cited_inputs.map(_as_the_ledger_holds_it), max_size=6)
held_paces = paces.filter(lambda pace: len({step.on for step in pace.phased}) == len(pace.phased))
"""A phased target is the only one of its day."""


def _written(level: object) -> Answer:
    return explained_alone(json.loads(json.dumps(level)))


@given(definitions(), decimals(), st.booleans(), st.booleans(), held_paces)
def test_both_computations_of_a_key_result_agree(
    definition: Definition, number: Decimal, flag: bool, measured: bool, pace: Pace
) -> None:
    reported: Value = flag if definition.kind == "achieve" else number
    first = date(2025, 12, 1)
    value = ValueInForce(reported, first, 8, 9) if measured else None
    version = DefinitionVersion(7, first, definition, "number")
    assert differences(_written(explain_key_result("k", version, value, pace))) == []


@given(st.sampled_from(get_args(RollUp)), held_inputs, held_paces, overrides)
def test_both_computations_of_an_objective_agree(
    rule: RollUp, inputs: list[CitedInput], pace: Pace, override: Override | None
) -> None:
    assert differences(_written(explain_objective("o", rule, inputs, pace, override=override))) == []


@given(definitions(), held_inputs, held_paces)
def test_both_computations_of_a_fed_key_result_agree(
    definition: Definition, inputs: list[CitedInput], pace: Pace
) -> None:
    version = DefinitionVersion(7, date(2025, 12, 1), definition, "number")
    assert differences(_written(explain_fed_key_result("k", version, inputs, pace))) == []
