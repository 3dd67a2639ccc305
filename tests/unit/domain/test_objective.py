"""When an objective is created, and how its words and its progress rule change."""

from decimal import Decimal

from okr_contracts.commands import CreateObjective, LiftOverride, OverrideProgress, ReviseObjective, SetRollUp
from okr_contracts.events import ObjectiveCreated, ObjectiveRevised, OverrideLifted, ProgressOverridden, RollUpSet
from okr_contracts.fields import Owner
from services.ledger.domain.refusal import IdTaken, ReasonMissing, ReferenceUnknown, SubjectUnknown
from tests.given import given
from tests.unit.domain.acme import CYCLES, O1, OPENED, PEOPLE

CREATED = ObjectiveCreated(
    objective_id="o1",
    cycle_id="q2",
    owner=Owner(kind="unit", id="u-sales"),
    title="Win",
    ambition="aspirational",
    roll_up="key_results",
    top_level=False,
    labels=(),
)
override = OverrideProgress(objective_id="o1", progress=Decimal("0.4"), reason="the audit says so")
lift = LiftOverride(objective_id="o1", reason="measured again")


def changed(**fields: object) -> CreateObjective:
    return CreateObjective.model_validate({**O1.model_dump(), **fields})


def test_an_objective_is_created_in_a_planned_and_in_an_open_cycle():
    given(CYCLES).when(O1).then(CREATED)
    given(OPENED).when(O1).then(CREATED)


def test_the_same_objective_twice_is_one_even_after_its_words_changed():
    revised = ReviseObjective(objective_id="o1", title="Win more")
    given(OPENED, O1, revised).when(O1).then_nothing_happened()
    given(OPENED, O1).when(changed(title="Win more")).then_refused(IdTaken, "o1", "/objective_id")


def test_cycle_and_owner_exist():
    given(PEOPLE).when(O1).then_refused(ReferenceUnknown, "q2", "/cycle_id")
    given(OPENED).when(changed(owner={"kind": "unit", "id": "u9"})).then_refused(ReferenceUnknown, "u9", "/owner/id")
    given(OPENED).when(changed(owner={"kind": "person", "id": "p9"})).then_refused(ReferenceUnknown, "p9", "/owner/id")


def test_a_person_can_own_an_objective():
    owner = Owner(kind="person", id="p-ben")
    given(OPENED).when(changed(owner=owner)).then(CREATED.model_copy(update={"owner": owner}))


def test_a_revision_keeps_the_words_that_it_leaves_out():
    described = changed(description="because")
    given(OPENED, described).when(ReviseObjective(objective_id="o1", title="Win more")).then(
        ObjectiveRevised(objective_id="o1", title="Win more", description="because")
    )
    given(OPENED, described).when(ReviseObjective(objective_id="o1", description=None)).then(
        ObjectiveRevised(objective_id="o1", title="Win", description=None)
    )
    given(OPENED, O1).when(ReviseObjective(objective_id="o1", title="Win")).then_nothing_happened()
    given(OPENED).when(ReviseObjective(objective_id="o1", title="Win")).then_refused(SubjectUnknown, "o1")


def test_the_roll_up_changes_freely_before_the_cycle_opens_and_with_a_reason_after():
    bare = SetRollUp(objective_id="o1", roll_up="both")
    given(CYCLES, O1).when(bare).then(RollUpSet(objective_id="o1", roll_up="both"))
    given(OPENED, O1).when(bare).then_refused(ReasonMissing, "open", "/reason")
    given(OPENED, O1).when(SetRollUp(objective_id="o1", roll_up="key_results")).then_nothing_happened()
    given(OPENED).when(bare).then_refused(SubjectUnknown, "o1")


def test_an_override_has_a_reason_and_lasts_until_it_is_lifted():
    given(OPENED, O1).when(override).then(
        ProgressOverridden(objective_id="o1", progress=Decimal("0.4"), reason="the audit says so")
    )
    given(OPENED, O1, override).when(override).then_nothing_happened()
    given(OPENED, O1).when(OverrideProgress(objective_id="o1", progress=Decimal(1))).then_refused(
        ReasonMissing, "reason"
    )
    given(OPENED, O1, override).when(lift).then(OverrideLifted(objective_id="o1", reason="measured again"))
    given(OPENED, O1, override).when(LiftOverride(objective_id="o1")).then_refused(ReasonMissing, "reason", "/reason")
    given(OPENED, O1).when(lift).then_nothing_happened()
    given(OPENED).when(override).then_refused(SubjectUnknown, "o1")
