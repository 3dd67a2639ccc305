"""How far each read model has come."""

from okr_contracts.fields import write_instant
from projections.positions import Progress, list_positions
from projections.read_models import READ_MODELS
from services.query.answers import Asked, Connection, JsonObject


async def positions(connection: Connection, asked: Asked) -> JsonObject:
    """The head of the ledger, and each read model's distance from it."""
    listed = await list_positions(connection, [model.name for model in READ_MODELS], asked.organisation)
    return {"head": asked.known_at, "items": [_item(each) for each in listed]}


def _item(each: Progress) -> JsonObject:
    parked = each.parked
    return {
        "projection": each.projection,
        "sequence": each.sequence,
        "lag_events": each.lag_events,
        # A measured time, and the one number here that is not exact.
        "lag_seconds": round(each.lag_seconds, 3),
        "parked": None
        if parked is None
        else {
            "sequence": parked.sequence,
            "type": parked.event_type,
            "error": parked.error,
            "parked_at": write_instant(parked.parked_at),
        },
    }
