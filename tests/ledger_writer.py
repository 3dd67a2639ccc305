"""Writes decided events into a real ledger, and folds them into the real read models, without any process running."""

from collections.abc import Sequence
from itertools import groupby
from typing import cast

import asyncpg
from pydantic_core import from_json

from okr_contracts.envelope import ExactBytes, Recorded, encode
from projections.positions import Move, Position, advance, read_positions
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from services.chassis import postgres
from services.ledger.store import Addition, NewEvent, VaultEntry, append, read_heads


def of_organisation(organisation: str, events: Sequence[Recorded]) -> list[Recorded]:
    """The same events as those of another organisation."""
    return [event._replace(organisation=organisation) for event in events]


def as_json(recorded: Recorded, exact: ExactBytes | None = None) -> dict[str, object]:
    """The event in the shape of the query API, for the plain recomputation."""
    stored = exact or encode(recorded)
    entry = cast("dict[str, object]", from_json(stored.entry))
    entry["version"] = entry.pop("subject_version")
    del entry["commitments"]
    text = None if stored.text is None else from_json(stored.text)
    return {**entry, "source": None, "data": from_json(stored.data), "text": text}


async def write(url: str, events: Sequence[Recorded], vault: Sequence[VaultEntry] = ()) -> None:
    """Append *events*, dense and in order within each organisation, through the ledger's own function."""
    connection = await postgres.connect(url, "okr_ledger")
    try:
        for organisation, listed in groupby(events, lambda event: event.organisation):
            batch = list(listed)
            heads = await read_heads(connection, [organisation])
            head = heads[organisation].sequence if organisation in heads else 0
            assert [event.sequence for event in batch] == list(range(head + 1, head + len(batch) + 1))
            addition = Addition(organisation, head, batch[-1].epoch, batch[-1].recorded_at)
            addition.events += [NewEvent(event, encode(event)) for event in batch]
            addition.vault += vault
            assert await append(connection, [addition]) == {organisation: "appended"}
    finally:
        await connection.close()


async def project(
    url: str, events: Sequence[Recorded], models: Sequence[ReadModel] = READ_MODELS, batch: int = 1000
) -> None:
    """Fold *events* into *models* and move their positions, each *batch* in a transaction, as the projector does."""
    connection = await postgres.connect(url, "okr_projector")
    try:
        for model in models:
            for start in range(0, len(events), batch):
                await apply_and_advance(connection, model, events[start : start + batch])
    finally:
        await connection.close()


async def write_and_project(url: str, events: Sequence[Recorded], vault: Sequence[VaultEntry] = ()) -> None:
    """Both, one after the other."""
    await write(url, events, vault)
    await project(url, events)


async def apply_and_advance(connection: asyncpg.Connection, model: ReadModel, events: Sequence[Recorded]) -> None:
    """Fold *events* and move the positions, in one transaction."""
    newest = {event.organisation: event for event in events}
    async with connection.transaction():
        starts = await read_positions(connection, model.name, list(newest))
        await model.apply(connection, model.name, events)
        await advance(
            connection,
            model.name,
            [
                Move(organisation, starts[organisation], Position(last.epoch, last.sequence), last.recorded_at)
                for organisation, last in newest.items()
            ],
        )
