"""What people were told, saw and did, and who has read a check-in."""

from datetime import timedelta

from okr_contracts.actor import Actor
from okr_contracts.commands import AcknowledgeCheckIn, Announce, RecordAction, RecordViews
from okr_contracts.events import ActionRecorded, Announced, CheckInAcknowledged, ViewsRecorded
from okr_contracts.fields import Audience, View
from services.ledger.domain.check_in import ReaderUnnamed
from services.ledger.domain.programme import MoreDeliveredThanSent, SeenInTheFuture
from services.ledger.domain.refusal import IdTaken, ReferenceUnknown, SubjectUnknown
from tests.given import NOON, given
from tests.unit.domain.acme import MEASURED, PEOPLE, check_in

TOLD = Announce(announcement_id="a1", kind="training", title="How to write one", sent=2, delivered=1)
SEEN = View(person_id="p-ben", seen_at=NOON - timedelta(hours=1), channel="mail")
DONE = RecordAction(announcement_id="a1", action_id="t1", person_id="p-ben", action="training_finished")
READ = AcknowledgeCheckIn(check_in_id="c1")


def test_something_is_announced_once():
    given(PEOPLE).when(TOLD).then(
        Announced(
            announcement_id="a1", kind="training", title="How to write one", audience=Audience(), sent=2, delivered=1
        )
    )
    given(PEOPLE, TOLD).when(TOLD).then_nothing_happened()
    given(PEOPLE, TOLD).when(TOLD.model_copy(update={"sent": 3})).then_refused(IdTaken, "a1", "/announcement_id")


def test_an_audience_exists_and_no_more_arrives_than_was_sent():
    nowhere = TOLD.model_copy(update={"audience": Audience(unit_ids=("u-sales", "u9"))})
    given(PEOPLE).when(nowhere).then_refused(ReferenceUnknown, "u9", "/audience/unit_ids/1")
    nobody = TOLD.model_copy(update={"audience": Audience(person_ids=("p9",))})
    given(PEOPLE).when(nobody).then_refused(ReferenceUnknown, "p9", "/audience/person_ids/0")
    given(PEOPLE).when(TOLD.model_copy(update={"delivered": 3})).then_refused(MoreDeliveredThanSent, "2", "/delivered")
    given(PEOPLE).when(TOLD.model_copy(update={"sent": None})).then_refused(MoreDeliveredThanSent, "0", "/delivered")


def test_every_batch_of_views_is_news():
    views = RecordViews(announcement_id="a1", views=(SEEN,))
    event = ViewsRecorded(announcement_id="a1", count=1, views=(SEEN,))
    given(PEOPLE, TOLD).when(views).then(event)
    given(PEOPLE, TOLD, views).when(views).then(event)
    given(PEOPLE).when(views).then_refused(SubjectUnknown, "a1")
    stranger = RecordViews(announcement_id="a1", views=(SEEN, SEEN.model_copy(update={"person_id": "p9"})))
    given(PEOPLE, TOLD).when(stranger).then_refused(ReferenceUnknown, "p9", "/views/1/person_id")
    early = RecordViews(announcement_id="a1", views=(SEEN.model_copy(update={"seen_at": NOON + timedelta(seconds=1)}),))
    given(PEOPLE, TOLD).when(early).then_refused(SeenInTheFuture, "to come", "/views/0/seen_at")


def test_an_action_is_recorded_once():
    given(PEOPLE, TOLD).when(DONE).then(
        ActionRecorded(announcement_id="a1", action_id="t1", person_id="p-ben", action="training_finished")
    )
    given(PEOPLE, TOLD, DONE).when(DONE).then_nothing_happened()
    given(PEOPLE, TOLD, DONE).when(DONE.model_copy(update={"person_id": "p-ada"})).then_refused(
        IdTaken, "t1", "/action_id"
    )
    given(PEOPLE, TOLD).when(DONE.model_copy(update={"person_id": "p9"})).then_refused(
        ReferenceUnknown, "p9", "/person_id"
    )


def test_whoever_sends_it_has_read_the_check_in_unless_somebody_is_named():
    reported = given(MEASURED, check_in("c1", 10))
    reported.when(READ).then(CheckInAcknowledged(check_in_id="c1", key_result_id="k1", person_id="p-ada"))
    given(reported.commands, READ).when(READ).then_nothing_happened()
    named = READ.model_copy(update={"person_id": "p-ben"})
    given(reported.commands, READ).when(named).then(
        CheckInAcknowledged(check_in_id="c1", key_result_id="k1", person_id="p-ben")
    )
    reported.by(Actor("service", "bot")).when(READ).then_refused(ReaderUnnamed, "names who", "/person_id")
    given(MEASURED).when(READ).then_refused(SubjectUnknown, "c1")
