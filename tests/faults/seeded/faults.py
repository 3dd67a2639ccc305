"""The list: at least four faults each in deciders, append, publisher, projector and formulas."""

from typing import Final

from tests.faults.seeded.fault import Fault

_DECIDERS: Final = (
    Fault(
        "a check-in is taken in a cycle that is not open",
        "services/ledger/domain/check_in.py",
        'if cycle.state != "open" and not context.imports:',
        'if cycle.state == "closed" and not context.imports:',
        "tests/unit/domain/test_check_in.py::test_a_planned_cycle_takes_no_check_ins",
    ),
    Fault(
        "the same check-in twice is recorded twice",
        "services/ledger/domain/check_in.py",
        "        if check_in.recorded == recorded and same_day:\n            return []\n",
        "        if check_in.recorded == recorded and same_day:\n            return [recorded]\n",
        "tests/unit/domain/test_check_in.py::test_the_same_check_in_twice_is_recorded_once",
    ),
    Fault(
        "more than the whole of a child is claimed by its parents",
        "services/ledger/domain/alignment.py",
        "        if command.share > left:\n",
        "        if command.share > 1 + left:\n",
        "tests/unit/domain/test_alignment.py::test_shares_beyond_one_are_refused_and_the_rest_is_named",
    ),
    Fault(
        "a circle through the key result's own objective is not seen",
        "services/ledger/domain/alignment.py",
        "                above.add(subjects.objective(key_result.added.objective_id))\n",
        "                above.add(subject)\n",
        "tests/unit/domain/test_alignment.py::test_a_circle_over_a_key_result_is_refused",
    ),
    Fault(
        "a target below the baseline is taken for an increase",
        "services/ledger/domain/key_result.py",
        '        "increase": (("baseline", "target"),),\n        "reduce": (("target", "baseline"),),\n',
        '        "increase": (),\n        "reduce": (("target", "baseline"),),\n',
        "tests/unit/domain/test_key_result.py::test_a_definition_that_makes_no_sense_is_refused",
    ),
    Fault(
        "a version that somebody else changed meanwhile is overwritten",
        "services/ledger/domain/decide.py",
        "        if current != expected_version:\n",
        "        if current < expected_version:\n",
        "tests/integration/ledger/test_append.py::test_a_repetition_keeps_its_reply_even_where_it_would_be_refused_now",
    ),
)
_FORMULAS: Final = (
    Fault(
        "numbers are rounded half up",
        "contracts/okr_rules/exact.py",
        "_ROUND: Final = Context(prec=90, rounding=ROUND_HALF_EVEN,",
        '_ROUND: Final = Context(prec=90, rounding="ROUND_HALF_UP",',
        "tests/unit/rules/test_exact.py::test_a_quotient_next_to_a_tie_falls_on_its_own_side",
    ),
    Fault(
        "a quotient is rounded twice",
        "contracts/okr_rules/exact.py",
        "_STICKY: Final = Context(prec=100, rounding=ROUND_05UP,",
        "_STICKY: Final = Context(prec=7, rounding=ROUND_HALF_EVEN,",
        "tests/unit/rules/test_exact.py::test_a_quotient_is_the_exact_one_rounded_once",
    ),
    Fault(
        "the share of a link does not count",
        "contracts/okr_rules/roll_up.py",
        "            weight = multiply(given.weight, given.share)\n            total",
        "            weight = given.weight\n            total",
        "tests/unit/rules/test_roll_up.py::test_a_child_weighs_its_links_weight_times_its_share",
    ),
    Fault(
        "what is beyond the target counts above",
        "contracts/okr_rules/progress.py",
        "    return min(max(raw, ZERO), ONE)\n",
        "    return max(raw, ZERO)\n",
        "tests/unit/rules/test_progress.py::test_what_counts_is_clamped_and_the_raw_number_is_shown_beside_it",
    ),
    Fault(
        "of two values of one day the earlier counts",
        "contracts/okr_rules/in_force.py",
        "        if latest is not None and (candidate.effective_on, candidate.first_sequence) < latest[1:3]:\n",
        "        if latest is not None and candidate.effective_on <= latest[1]:\n",
        "tests/unit/rules/test_in_force.py::test_a_correction_keeps_the_place_of_its_check_in_among_those_of_a_day",
    ),
    Fault(
        "the first day of a period does not count",
        "contracts/okr_rules/pace.py",
        "    return (day - days.starts_on).days + 1\n",
        "    return (day - days.starts_on).days\n",
        "tests/unit/rules/test_pace.py::test_the_day_itself_counts_and_so_do_the_first_and_the_last",
    ),
)

FAULTS: Final[tuple[Fault, ...]] = (*_DECIDERS, *_FORMULAS)
