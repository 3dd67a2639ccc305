"""Faults in the life of cycles, objectives, key results, alignments and people."""

from typing import Final

from tests.faults.seeded.fault import Fault

OKRS: Final[tuple[Fault, ...]] = (
    Fault(
        "a locked cycle takes a correction without an exception",
        "services/ledger/domain/lock.py",
        "ObjectiveGraded, KeyResultGraded, GradeCorrected)",
        "ObjectiveGraded, KeyResultGraded, GradeCorrected, CheckInCorrected)",
        "tests/unit/domain/test_lock.py::test_a_locked_cycle_takes_nothing_that_counts_and_says_how",
    ),
    Fault(
        "the other end of a link may be in a locked cycle",
        "services/ledger/domain/lock.py",
        '                yield of_objective(parent.id) if parent.kind == "objective" else of_key_result(parent.id)\n',
        "                yield of_objective(event.child_id)\n",
        "tests/unit/domain/test_lock.py::test_a_link_is_covered_at_either_end",
    ),
    Fault(
        "an exception is good twice",
        "services/ledger/domain/cycle.py",
        "replace(grant, used=True)",
        "replace(grant, used=False)",
        "tests/unit/domain/test_lock.py::test_an_exception_is_good_once",
    ),
    Fault(
        "whoever grants an exception uses it",
        "services/ledger/domain/exception.py",
        "    if grant.by.id in who:\n",
        "    if grant.by.id in who and grant.revoked:\n",
        "tests/unit/domain/test_lock.py::test_whoever_grants_does_not_use_it_nor_lets_a_service_do_so",
    ),
    Fault(
        "an exception never expires",
        "services/ledger/domain/exception.py",
        "    if context.now >= granted.expires_at:\n",
        "    if context.now < granted.expires_at - granted.expires_at.resolution * 10**15:\n",
        "tests/unit/domain/test_lock.py::test_an_exception_expires_after_a_week_unless_said_otherwise",
    ),
    Fault(
        "what follows in a reopened cycle is not marked",
        "services/ledger/domain/lock.py",
        "            if needs or cycle.reopened:\n",
        "            if needs:\n",
        "tests/unit/domain/test_cycle.py::test_what_follows_in_a_reopened_cycle_is_marked_for_ever",
    ),
    Fault(
        "a cycle closes with key results that have no grade",
        "services/ledger/domain/closing.py",
        "        if key_result is not None and not key_result.dropped and key_result.grade is None:\n",
        "        if key_result is not None and key_result.dropped and key_result.grade is None:\n",
        "tests/unit/domain/test_cycle.py::test_a_cycle_with_something_ungraded_closes_by_exception_alone_and_says_what",
    ),
    Fault(
        "what met its target is carried over",
        "services/ledger/domain/carry_over.py",
        "        if fed or progress_on(key_result_id, ends_on, known) < 1:\n",
        "        if fed or progress_on(key_result_id, ends_on, known) <= 1:\n",
        "tests/unit/domain/test_ending_and_carrying_over.py::test_an_objective_goes_on_with_what_it_has_not_reached",
    ),
    Fault(
        "a successor keeps its links within the old cycle",
        "services/ledger/domain/carry_over.py",
        "    containing = cycles.containing(cycle_id, known)\n",
        "    containing = [*cycles.containing(cycle_id, known), objective.created.cycle_id]\n",
        "tests/unit/domain/test_ending_and_carrying_over.py"
        "::test_a_successor_takes_over_the_links_into_containing_cycles",
    ),
    Fault(
        "a grade differs from what was proposed without a reason",
        "services/ledger/domain/grading.py",
        "    if proposed is not None and grade != proposed and not reason:\n",
        "    if proposed is not None and grade > 1 and not reason:\n",
        "tests/unit/domain/test_grading.py::test_to_differ_needs_a_reason_and_both_are_kept",
    ),
    Fault(
        "a withdrawn check-in is proposed as a grade",
        "services/ledger/domain/reported.py",
        "                yield CheckInVersion(first[event.check_in_id], sequence, day, None, withdrawn=True)\n",
        "                continue\n",
        "tests/unit/domain/test_grading.py::test_what_is_proposed_knows_corrections_withdrawals_and_redefinitions",
    ),
    Fault(
        "a declined link still claims its share",
        "services/ledger/domain/objective.py",
        'return self.linked.share if self.linked.effect == "contributes" and not self.declined else Decimal(0)',
        'return self.linked.share if self.linked.effect == "contributes" else Decimal(0)',
        "tests/unit/domain/test_alignment_over_time.py::test_a_declined_link_claims_nothing",
    ),
    Fault(
        "somebody else than the parent's owner accepts a link",
        "services/ledger/domain/alignment.py",
        "    if not _acts_for(owner, context, known):\n",
        '    if not _acts_for(owner, context, known) and owner.kind == "unit":\n',
        "tests/unit/domain/test_alignment_over_time.py::test_the_parents_owner_accepts_once",
    ),
    Fault(
        "somebody is erased who answers for something",
        "services/ledger/domain/leaving.py",
        "        if state is not None and state.responsible_id == person_id and not state.dropped\n",
        "        if state is not None and state.responsible_id == person_id and state.dropped\n",
        "tests/unit/domain/test_directory_over_time.py::test_nobody_is_erased_who_answers_for_something",
    ),
    Fault(
        "a unit is hung below itself",
        "services/ledger/domain/unit.py",
        "        if above == command.unit_id:\n",
        "        if above == command.unit_id and parent.closed:\n",
        "tests/unit/domain/test_directory_over_time.py::test_a_unit_never_hangs_below_itself_and_the_root_stays",
    ),
    Fault(
        "an objective that was abandoned counts above",
        "projections/progress/inputs.py",
        "    elif ended is not None:\n",
        '    elif ended == "carried_over":\n',
        "tests/integration/query/test_decisions.py::test_an_objective_that_was_abandoned_counts_nowhere_above",
    ),
    Fault(
        "a link counts before it was accepted",
        "projections/progress/inputs.py",
        '    elif acceptance == "awaited":\n',
        '    elif acceptance == "never":\n',
        "tests/integration/query/test_decisions.py::test_a_link_counts_from_when_it_was_accepted",
    ),
    Fault(
        "phased targets survive a redefinition",
        "projections/progress/folded/key_result.py",
        "            _phased(folding, recorded, event.key_result_id, event.phased_targets or ())\n",
        "            pass\n",
        "tests/integration/query/test_decisions.py::test_phased_targets_lapse_when_the_key_result_is_redefined",
    ),
    Fault(
        "another weight is not seen above",
        "projections/progress/folded/key_result.py",
        "        key_result.weight, key_result.weight_on = weight, recorded.effective_on\n"
        "        folding.weighed[key_result_id] = key_result\n"
        "        folding.graph.counts_otherwise(key_result)\n",
        "        key_result.weight, key_result.weight_on = weight, recorded.effective_on\n"
        "        folding.weighed[key_result_id] = key_result\n",
        "tests/integration/query/test_decisions.py::test_another_weight_is_seen_above_at_once",
    ),
    Fault(
        "a move leaves the old alignment behind",
        "projections/alignment/fold.py",
        "            yield _link(recorded, link.child_id, link.parent, None)\n"
        "            yield _link(recorded, link.child_id, link.to_parent, link)\n",
        "            yield _link(recorded, link.child_id, link.to_parent, link)\n",
        "tests/integration/query/test_decisions.py::test_a_move_ends_one_alignment_and_begins_the_other",
    ),
    Fault(
        "an exception that nobody needs is used up",
        "services/ledger/domain/lock.py",
        "    if not locked:\n        exceptions.refuse_needless(command)\n",
        "    if not locked:\n        pass\n",
        "tests/unit/domain/test_lock.py::test_an_exception_that_is_not_needed_is_refused_and_stays",
    ),
    Fault(
        "a check-in that was recorded late is punctual",
        "projections/programme_health/figures/punctuality.sql",
        "           WHEN r.recorded_on <= d.due_on + d.grace THEN 'punctual'\n",
        "           WHEN r.recorded_on IS NOT NULL THEN 'punctual'\n",
        "tests/integration/query/test_programme_health.py::test_a_figure_counts_what_its_list_names",
    ),
    Fault(
        "a group of two people is shown",
        "projections/programme_health/queries.py",
        "    suppressed = people is not None and people < chosen.smallest_group\n",
        "    suppressed = people is not None and people < 1\n",
        "tests/integration/query/test_programme_health.py::test_a_group_of_too_few_people_is_suppressed_and_not_listed",
    ),
    Fault(
        "who saw what is never forgotten",
        "projections/programme_health/apply.py",
        '    await connection.execute(_statement("expire_views", schema), [*newest], [*newest.values()])\n',
        "",
        "tests/integration/programme_health/test_programme_health.py"
        "::test_who_saw_what_is_forgotten_after_a_while_and_how_many_is_not",
    ),
    Fault(
        "what is left of a restricted node has its title",
        "services/query/visibility.py",
        '        "cycle_id",\n        "state",\n',
        '        "cycle_id",\n        "title",\n        "state",\n',
        "tests/integration/query/test_visibility.py::test_what_is_restricted_is_shown_to_nobody_else_at_any_address",
    ),
    Fault(
        "a search finds what is restricted",
        "services/query/frame.py",
        "                    asked = replace(asked, not_to_find=seen.hidden)\n",
        "                    asked = replace(asked)\n",
        "tests/integration/query/test_visibility.py::test_a_search_by_words_owner_or_actor_does_not_find_it",
    ),
    Fault(
        "an objective that was abandoned is unchanged in the audit",
        "projections/audit/state.py",
        '    ObjectiveAbandoned: ("status", "abandoned"),\n',
        "",
        "tests/unit/projections/audit/test_audit_fold.py::test_changes_equal_the_plain_recomputation",
    ),
    Fault(
        "who may not read it brings a restricted objective into the open",
        "services/ledger/domain/decide.py",
        "        restriction.refuse_strangers(command, context, known)\n",
        "        pass\n",
        "tests/unit/domain/test_restriction.py::test_who_may_not_read_it_changes_nothing_of_it",
    ),
)
