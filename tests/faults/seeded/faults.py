"""The list: at least four faults each in deciders, append, publisher, projector and formulas; and in OKR rules."""

from typing import Final

from tests.faults.seeded.fault import Fault
from tests.faults.seeded.faults_of_okrs import OKRS

_DECIDERS: Final = (
    Fault(
        "a check-in is taken in a cycle that is not open",
        "services/ledger/domain/check_in.py",
        'if cycle.state == "planned" and not context.imports:',
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
        "    if linked.share > left:\n",
        "    if linked.share > 1 + left:\n",
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
        "services/ledger/domain/definition.py",
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
        "_ROUND_SHORT: Final = Context(prec=27, rounding=ROUND_HALF_EVEN,",
        '_ROUND_SHORT: Final = Context(prec=27, rounding="ROUND_HALF_UP",',
        "tests/unit/rules/test_exact.py::test_a_quotient_next_to_a_tie_falls_on_its_own_side",
    ),
    Fault(
        "long numbers are rounded half up",
        "contracts/okr_rules/exact.py",
        "_ROUND: Final = Context(prec=90, rounding=ROUND_HALF_EVEN,",
        '_ROUND: Final = Context(prec=90, rounding="ROUND_HALF_UP",',
        "tests/unit/rules/test_exact.py::test_a_quotient_next_to_a_tie_falls_on_its_own_side",
    ),
    Fault(
        "a quotient is rounded twice",
        "contracts/okr_rules/exact.py",
        "_STICKY_SHORT: Final = Context(prec=36, rounding=ROUND_05UP,",
        "_STICKY_SHORT: Final = Context(prec=7, rounding=ROUND_HALF_EVEN,",
        "tests/unit/rules/test_exact.py::test_a_quotient_is_the_exact_one_rounded_once",
    ),
    Fault(
        "a long quotient is rounded twice",
        "contracts/okr_rules/exact.py",
        "_STICKY: Final = Context(prec=100, rounding=ROUND_05UP,",
        "_STICKY: Final = Context(prec=100, rounding=ROUND_HALF_EVEN,",
        "tests/unit/rules/test_exact.py::test_a_quotient_next_to_a_tie_falls_on_its_own_side",
    ),
    Fault(
        "the share of a link does not count",
        "contracts/okr_rules/roll_up.py",
        "    return Term(multiply(given.weight, given.share), given.progress, given.measured)\n",
        "    return Term(given.weight, given.progress, given.measured)\n",
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
    Fault(
        "a phased target beyond the last day bends the line",
        "contracts/okr_rules/pace.py",
        " if days.starts_on <= step.on <= days.ends_on]\n",
        " if days.starts_on <= step.on]\n",
        "tests/unit/rules/test_pace.py::test_a_phased_target_that_other_days_of_the_cycle_left_outside_is_not_read",
    ),
    Fault(
        "an explanation agrees with a wrong formula, which made it",
        "contracts/okr_rules/progress.py",
        "    return _between(ceiling, value, target)\n",
        "    return _between(target, value, ceiling)\n",
        "tests/integration/query/test_explanations.py::test_every_number_follows_from_the_answer_alone",
    ),
)

_APPEND: Final = (
    Fault(
        "a group is appended although the head has moved",
        "services/ledger/sql/append_groups.sql",
        "       AND h.sequence = wanted.expected\n",
        "",
        "tests/integration/ledger/test_append.py::test_several_processes_append_each_acknowledged_command_once",
    ),
    Fault(
        "a command that is known is applied again",
        "services/ledger/sql/append_groups.sql",
        "ANY (refused_by_reply || refused_by_subject)\n",
        "ANY (refused_by_subject)\n",
        "tests/integration/ledger/test_append.py::test_the_same_command_again_gets_the_same_reply",
    ),
    Fault(
        "a clock that was set back sets the ledger back",
        "services/ledger/group.py",
        "    recorded_at = max(now, head.recorded_at)\n",
        "    recorded_at = now\n",
        "tests/integration/ledger/test_append.py::test_time_never_runs_backwards",
    ),
    Fault(
        "the same command id with another content gets the other's reply",
        "services/ledger/lane.py",
        "                if request.content_hash(stored.content_salt) != stored.content_hash:\n",
        "                if len(stored.content_hash) != len(request.content_hash(stored.content_salt)):\n",
        "tests/integration/ledger/test_append.py::test_a_command_id_with_other_content_or_another_actor_is_refused",
    ),
    Fault(
        "a ledger that was restored into another epoch is not read anew",
        "services/ledger/lane.py",
        "            if head.sequence < cached.sequence or (cached.sequence and head.epoch != cached.epoch):\n",
        "            if head.sequence < cached.sequence:\n",
        "tests/integration/ledger/test_append.py::test_a_restore_whose_next_epoch_has_gone_further_is_noticed",
    ),
)
_PUBLISHER: Final = (
    Fault(
        "what Kafka refused is taken for published",
        "services/publisher/publish.py",
        '        self._faults.reached("publish.before_send")\n',
        '        reached.update({row["organisation"]: row for row in inside})\n',
        "tests/integration/publisher/test_publishing.py"
        "::test_an_event_too_large_for_the_topic_holds_up_its_own_organisation_only",
    ),
    Fault(
        "events go out newest first",
        "services/publisher/publish.py",
        "traceparent = rows[place]\n",
        "traceparent = rows[-1 - place]\n",
        "tests/integration/publisher/test_publishing.py::test_every_event_arrives_once_in_order_and_byte_for_byte",
    ),
    Fault(
        "the first event after the published position is left out",
        "services/publisher/sql/read.sql",
        "found.sequence > asked.after\n",
        "found.sequence > asked.after + 1\n",
        "tests/integration/publisher/test_publishing.py::test_every_event_arrives_once_in_order_and_byte_for_byte",
    ),
    Fault(
        "a publisher moves the position although its lease is somebody else's",
        "services/publisher/sql/advance.sql",
        "  WHERE l.topic = $1 AND l.partition = $2 AND l.epoch = $3 AND l.holder = $4\n",
        "  WHERE l.topic = $1 AND l.partition = $2\n",
        "tests/integration/publisher/test_publishing.py"
        "::test_a_publisher_whose_lease_went_to_another_does_not_move_the_position",
    ),
    Fault(
        "a head whose transaction ended after the look that it began before is never looked at",
        "services/ledger/sql/heads_changed_since.sql",
        "   WHERE h.changed >= pg_snapshot_xmin(since)::text::bigint\n",
        "   WHERE h.changed >= pg_snapshot_xmax(since)::text::bigint\n",
        "tests/integration/publisher/test_behind.py"
        "::test_a_transaction_that_began_before_a_look_and_ended_after_it_is_not_missed",
    ),
)
_PROJECTOR: Final = (
    Fault(
        "a gap is jumped over",
        "services/projector/gate.py",
        "        elif one.sequence == position.sequence + 1:\n",
        "        elif one.sequence > position.sequence:\n",
        "tests/unit/projector/test_gate.py::test_a_gap_stops_its_organisation_and_no_other",
    ),
    Fault(
        "an event that came twice is applied twice",
        "services/projector/gate.py",
        "        elif one.sequence == position.sequence + 1:\n",
        "        elif one.sequence in (position.sequence, position.sequence + 1):\n",
        "tests/unit/projector/test_gate.py::test_what_was_applied_or_came_twice_is_seen",
    ),
    Fault(
        "a process that was frozen moves a position that another one has moved",
        "projections/sql/advance.sql",
        "    AND p.epoch = w.from_epoch AND p.sequence = w.from_sequence\n",
        "",
        "tests/integration/projector/test_positions_and_verification.py::test_all_moves_or_none",
    ),
    Fault(
        "a batch that the client skipped is not missed",
        "services/projector/subscription.py",
        "            if part[0].offset > expected and",
        "            if part[0].offset < expected and",
        "tests/unit/projector/test_continuity.py::test_a_skipped_batch_is_fetched_again",
    ),
    Fault(
        "a lost tail is never looked for",
        "services/projector/projection.py",
        "            late = stands_still or one.head_age_seconds >= _TAIL_AGE_SECONDS\n",
        "            late = one.head_age_seconds < 0\n",
        "tests/integration/projector/test_projecting.py::test_a_lost_tail_is_read_from_the_ledger",
    ),
    Fault(
        "events that a restore lost are taken from Kafka",
        "projections/sql/advance.sql",
        "      w.epoch = h.epoch\n",
        "      w.epoch <= h.epoch\n",
        "tests/integration/projector/test_positions_and_verification.py"
        "::test_after_a_restore_no_position_moves_to_an_event_that_was_lost",
    ),
    Fault(
        "memory counts although the rows went another way",
        "projections/progress/apply.py",
        "graph.left_at == (first.epoch, first.sequence - 1) else",
        "graph.left_at else",
        "tests/integration/progress/test_progress_memory.py::test_what_another_process_applied_in_between_is_known",
    ),
)

FAULTS: Final[tuple[Fault, ...]] = (*_DECIDERS, *_APPEND, *_PUBLISHER, *_PROJECTOR, *_FORMULAS, *OKRS)
