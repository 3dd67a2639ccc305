"""The database schema: which SQL files make it, and in which order."""

from collections.abc import Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path

import asyncpg

from projections.generations import of_each_generation, registration
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from services.chassis import migrations, postgres
from services.chassis.migrations import Step

_LEDGER = Path(str(files("services.ledger"))) / "sql"
_PROJECTIONS = Path(str(files("projections"))) / "migrations"


def steps(read_models: Sequence[ReadModel] = READ_MODELS) -> list[Step]:
    """Every step, in order: the ledger, the positions, each read model, and the functions, which are repeatable."""
    return [
        *migrations.steps(_LEDGER / "migrations", "ledger"),
        *migrations.steps(_PROJECTIONS, "projections"),
        *(step for model in read_models for step in _steps_of(model)),
        *migrations.steps(_LEDGER, "ledger/functions", repeatable=True),
    ]


def _steps_of(model: ReadModel) -> list[Step]:
    added = [(path.stem, path.read_text(encoding="utf-8")) for path in model.added]
    return [
        Step(f"{model.name}/{model.tables.stem}", model.tables.read_text(encoding="utf-8")),
        *(
            Step(f"{model.name}/{name}", sql, written_for=partial(of_each_generation, model, sql))
            for name, sql in added
        ),
        Step(f"{model.name}/first_generation", registration(model)),
    ]


async def migrate_database(url: str, *, after: bool = False) -> list[str]:
    """
    Bring the database at *url* to the form that this release expects; the names of the steps that were applied.

    *url* is that of a role which may create roles and schemas. With *after*, also by the steps that no process of the
    release before can live with. Raises MigrationChanged where a step that was applied has another content now,
    UpgradeUnfinished where an earlier upgrade was not ended, and what asyncpg raises where the database refuses.
    """
    await postgres.wait_for_database(url)
    connection: asyncpg.Connection = await postgres.connect(url, application="okr migrate", command_seconds=None)
    try:
        return await migrations.migrate(connection, steps(), after=after)
    finally:
        await connection.close()
