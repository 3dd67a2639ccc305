"""The audit on a real database, against the plain recomputation."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from okr_contracts.commands import CorrectCheckIn, RecordCheckIn, ReviseObjective, WithdrawCheckIn
from okr_contracts.envelope import Recorded, encode_parts
from projections.audit import READ_MODEL
from projections.audit.fold import Change
from projections.audit.queries import AuditedEvent, Filter, events
from projections.verify import verify
from services.chassis import postgres
from services.query.freshness import snapshot
from tests.given import History
from tests.histories import HISTORIES, accepted
from tests.ledger_writer import as_json, of_organisation, project, write
from tests.plain_recomputation import recompute_changes

ALL = Filter()


async def written(url: str, history: History, organisation: str = "acme", batch: int = 1000) -> list[Recorded]:
    recorded = of_organisation(organisation, history.recorded)
    await write(url, recorded)
    await project(url, recorded, [READ_MODEL], batch)
    return recorded


async def audited(
    url: str, wanted: Filter = ALL, organisation: str = "acme", after: int = 0, up_to: int = 10**6, limit: int = 10**6
) -> list[AuditedEvent]:
    async with postgres.pool(url, "okr_query", size=1) as pool, snapshot(pool, organisation) as connection:
        return await events(connection, organisation, wanted, after, up_to, limit)


def checked_in() -> History:
    history = accepted([])
    history.accept(
        RecordCheckIn.model_validate({"check_in_id": "c", "key_result_id": "k1", "value": "42", "narrative": "So far"})
    )
    correction = {"check_in_id": "c", "value": "40", "effective_on": "2026-05-19", "reason": "counted twice"}
    history.accept(CorrectCheckIn.model_validate({**correction, "narrative": "So far, so good"}))
    return history


async def test_the_audit_is_complete_in_order_and_equal_to_the_plain_recomputation(database: str) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(HISTORIES)
    def each(history: History) -> None:
        histories.append(history)

    histories: list[History] = []
    each()
    for seen, history in enumerate(histories):
        recorded = await written(database, history, f"org-{seen}", batch=(1, 3, 1000)[seen % 3])
        plain = recompute_changes([as_json(event) for event in recorded])
        found = await audited(database, organisation=f"org-{seen}")
        assert [event.sequence for event in found] == [event.sequence for event in recorded]
        assert [(event.data, event.text) for event in found] == [encode_parts(event.event) for event in recorded]
        for event in found:
            assert event.changes == [Change(each.field, each.before, each.after) for each in plain[event.sequence]], (
                event
            )
    connection = await postgres.connect(database)
    try:
        # Which folds all of it in one go.
        assert (await verify(connection, READ_MODEL)).agrees
    finally:
        await connection.close()


async def test_a_check_in_is_kept_from_its_second_event_on(database: str) -> None:
    history = checked_in()
    recorded = of_organisation("acme", history.recorded)
    await write(database, recorded)
    connection = await postgres.connect(database)
    try:
        kept: list[bool] = []
        for event in recorded:
            await project(database, [event], [READ_MODEL])
            found = await connection.fetchval("SELECT count(*) FROM audit.subjects WHERE subject = 'check-ins/c'")
            kept.append(found == 1)
        assert kept[-2:] == [False, True]
    finally:
        await connection.close()


async def test_a_batch_is_applied_in_pieces_as_in_one(database: str) -> None:
    history = checked_in()
    whole = await written(database, history, "whole")
    pieces = of_organisation("pieces", history.recorded)
    await write(database, pieces)
    await project(database, pieces, [READ_MODEL], batch=1)
    assert [event.changes for event in await audited(database, organisation="whole")] == [
        event.changes for event in await audited(database, organisation="pieces")
    ]
    assert len(whole) == len(pieces)


async def test_a_correction_shows_before_and_after_of_each_changed_field(database: str) -> None:
    await written(database, checked_in())
    newest = (await audited(database, Filter(subject="check-ins/c")))[-1]
    assert newest.changes == [
        Change("effective_on", "2026-05-20", "2026-05-19"),
        Change("narrative", "So far", "So far, so good"),
        Change("value", "42", "40"),
    ]


async def test_a_withdrawn_check_in_has_nothing_left(database: str) -> None:
    history = checked_in()
    history.accept(WithdrawCheckIn(check_in_id="c", reason="wrong"))
    await written(database, history)
    newest = (await audited(database, Filter(subject="check-ins/c")))[-1]
    assert {change.field: change.after for change in newest.changes} == dict.fromkeys(
        ("effective_on", "key_result_id", "narrative", "value")
    )


async def test_the_audit_of_a_key_result_has_its_check_ins(database: str) -> None:
    recorded = await written(database, checked_in())
    found = await audited(database, Filter(subject="key-results/k1"))
    about = [event.sequence for event in recorded if "key-results/k1" in event.event.about]
    assert [event.sequence for event in found] == about
    assert {"KeyResultAdded", "CheckInRecorded", "CheckInCorrected"} == {recorded[each - 1].type for each in about}


async def test_filters_leave_out_what_does_not_fit(database: str) -> None:
    history = checked_in()
    history.accept(ReviseObjective(objective_id="o1", title="Ärger vermeiden", reason="Plainer words"))
    recorded = await written(database, history)
    last = len(recorded)

    async def sequences(wanted: Filter) -> Sequence[int]:
        return [event.sequence for event in await audited(database, wanted)]

    assert await sequences(Filter(type="CheckInCorrected")) == [last - 1]
    assert await sequences(Filter(words=["ÄRGER", "words"])) == [last]
    assert await sequences(Filter(words=["ärger", "nowhere"])) == []
    assert await sequences(Filter(words=["narrative"])) == []
    assert await sequences(Filter(actor_id="p-ada")) == [event.sequence for event in recorded]
    assert await sequences(Filter(actor_kind="service", actor_id="p-ada")) == []


async def test_an_event_on_behalf_of_somebody_is_found_by_either(database: str) -> None:
    history = checked_in()
    actor = history.recorded[-1].actor
    history.recorded[-1] = history.recorded[-1]._replace(
        actor=replace(actor, kind="service", id="sync", on_behalf_of="p-ben")
    )
    recorded = await written(database, history)
    for actor_id in ("sync", "p-ben"):
        found = await audited(database, Filter(actor_id=actor_id))
        assert [event.sequence for event in found] == [len(recorded)]


async def test_pages_follow_each_other_without_a_gap(database: str) -> None:
    recorded = await written(database, checked_in())
    pages: list[int] = []
    while found := await audited(database, after=pages[-1] if pages else 0, limit=3):
        pages += [event.sequence for event in found]
    assert pages == [event.sequence for event in recorded]
    up_to = [event.sequence for event in await audited(database, up_to=5)]
    assert up_to == [1, 2, 3, 4, 5]


async def test_the_audit_is_the_fold_of_the_ledger_and_a_changed_row_is_found(database: str) -> None:
    await written(database, checked_in())
    connection = await postgres.connect(database)
    try:
        assert (await verify(connection, READ_MODEL)).agrees
        await connection.execute("UPDATE audit.subjects SET fields = '{}' WHERE subject = 'check-ins/c'")
        (difference,) = (await verify(connection, READ_MODEL)).differences
        assert (difference.table, difference.unexpected, difference.missing) == ("subjects", 1, 1)
    finally:
        await connection.close()


async def test_words_that_are_erased_in_the_ledger_are_gone_from_the_audit(database: str) -> None:
    await written(database, checked_in())
    connection = await postgres.connect(database)
    try:
        # What the erasure role will do: nobody else may change an event.
        await connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER events_are_immutable")
        await connection.execute("UPDATE ledger.events SET text = NULL WHERE text IS NOT NULL")
        assert (await verify(connection, READ_MODEL)).agrees
    finally:
        await connection.close()
    newest = (await audited(database, Filter(subject="check-ins/c")))[-1]
    assert newest.text is None
    assert [change.field for change in newest.changes] == ["effective_on", "value"]
