"""How far the read models are, as the services tell it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from rich.console import RenderableType


def items(positions: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    """The read models in an answer of ``…/positions``."""
    return cast("Sequence[Mapping[str, object]]", positions["items"])


def listed(positions: Mapping[str, object]) -> "RenderableType":
    """Each read model's position, lag, and where it is parked."""
    from services.cli.output import table

    columns = ("read model", "sequence", "lag in events", "lag in seconds", "parked")
    names = ("projection", "sequence", "lag_events", "lag_seconds", "parked")
    rows = ([item.get(name) for name in names] for item in items(positions))
    return table(f"Read models (head {positions['head']})", columns, rows)
