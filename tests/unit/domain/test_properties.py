"""What holds for every decider, over random histories."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings

from okr_contracts.commands import COMMANDS as ALL_COMMANDS
from okr_contracts.commands import Command
from okr_contracts.envelope import decode, encode
from okr_contracts.events import AlignmentLinked, AlignmentUnlinked, KeyResultAdded
from services.ledger.domain.decide import DECIDERS
from services.ledger.domain.known import Folded
from services.ledger.domain.refusal import Refusal
from tests.given import History
from tests.histories import COMMANDS, HISTORIES

_few = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def test_every_command_has_a_decider():
    assert {command.__name__ for command in DECIDERS} == set(ALL_COMMANDS)


@_few
@given(HISTORIES, COMMANDS)
def test_the_same_command_again_adds_nothing_or_is_refused(history: History, command: Command):
    try:
        history.accept(command)
    except Refusal:
        return
    try:
        again = history.decide(command)
    except Refusal:
        return
    assert again.events == []


@_few
@given(HISTORIES)
def test_what_was_accepted_survives_its_bytes_and_an_erased_text(history: History):
    for recorded in history.recorded:
        exact = encode(recorded)
        assert decode(exact.entry, exact.data, exact.text) == recorded
        assert decode(exact.entry, exact.data, None).event.subject == recorded.event.subject


@_few
@given(HISTORIES)
def test_versions_count_the_events_of_each_subject(history: History):
    for subject in {recorded.subject for recorded in history.recorded}:
        versions = [recorded.version for recorded in history.recorded if recorded.subject == subject]
        assert versions == list(range(1, len(versions) + 1))
        assert history.folded.get(subject, Folded()).version == len(versions)


@_few
@given(HISTORIES)
def test_alignment_never_makes_a_circle_and_never_claims_more_than_the_whole(history: History):
    above: dict[str, set[str]] = {}
    links: dict[str, AlignmentLinked] = {}
    for recorded in history.recorded:
        match recorded.event:
            case KeyResultAdded() as added:
                above.setdefault(f"k:{added.key_result_id}", set()).add(f"o:{added.objective_id}")
            case AlignmentLinked() as linked:
                links[linked.subject] = linked
            case AlignmentUnlinked() as unlinked:
                del links[unlinked.subject]
            case _:
                pass
    for linked in links.values():
        above.setdefault(f"o:{linked.child_id}", set()).add(f"{linked.parent.kind[0]}:{linked.parent.id}")
    for start, directly_above in above.items():
        reached: set[str] = set()
        level = set(directly_above)
        while level:
            assert start not in level
            reached |= level
            level = {further for node in level for further in above.get(node, set())} - reached
    for child in {linked.child_id for linked in links.values()}:
        claimed = [each.share for each in links.values() if each.child_id == child and each.effect == "contributes"]
        assert sum(claimed) <= 1


@_few
@given(HISTORIES)
def test_nothing_is_dated_in_the_future(history: History):
    for recorded in history.recorded:
        assert recorded.effective_on <= (recorded.recorded_at + timedelta(hours=2)).date()
