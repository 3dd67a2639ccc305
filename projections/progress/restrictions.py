"""Which objectives only some may read, and who."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from projections.progress.statements import statement
from projections.read_model import Connection


@dataclass(frozen=True, slots=True)
class Restriction:
    """
    An objective that is restricted, with its key results.

    ``readers`` are those that the restriction names, ``owner`` the objective's, each as ``person/<id>`` or
    ``unit/<id>``; ``people`` are responsible for, or partners of, its key results.
    """

    objective_id: str
    key_result_ids: Sequence[str]
    readers: Sequence[str]
    owner: str
    people: frozenset[str]


async def restrictions(
    connection: Connection,
    organisation: str,
    today: date,
    schema: str,
    newer: Mapping[str, Sequence[str]] | None = None,
) -> list[Restriction]:
    """
    The restrictions in force today, as known now; none costs one look at an index.

    *newer* are readers by objective, of events that the read model has not applied yet.
    """
    ahead = newer or {}
    rows = await connection.fetch(statement("restrictions", schema), organisation, today, list(ahead))
    known = [
        Restriction(
            objective_id := row["objective_id"],
            row["key_result_ids"],
            ahead.get(objective_id) or cast("list[str]", json.loads(row["readers"])),
            row["owner"],
            frozenset(row["people"]),
        )
        for row in rows
    ]
    created_since = ahead.keys() - {each.objective_id for each in known}
    return known + [Restriction(each, (), ahead[each], "", frozenset()) for each in sorted(created_since)]
