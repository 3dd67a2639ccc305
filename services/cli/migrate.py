"""The database schema: which SQL files make it, and in which order."""

from importlib.resources import files
from pathlib import Path

import asyncpg

from projections.read_models import READ_MODELS
from services.chassis import migrations, postgres
from services.chassis.migrations import Step

_LEDGER = Path(str(files("services.ledger"))) / "sql"
_PROJECTIONS = Path(str(files("projections"))) / "migrations"


def steps() -> list[Step]:
    """Every step, in order: the ledger, the positions, each read model, and the functions, which are repeatable."""
    return [
        *migrations.steps(_LEDGER / "migrations", "ledger"),
        *migrations.steps(_PROJECTIONS, "projections"),
        *(
            Step(f"{model.name}/{path.stem}", path.read_text(encoding="utf-8"))
            for model in READ_MODELS
            for path in (model.tables, *model.added)
        ),
        *migrations.steps(_LEDGER, "ledger/functions", repeatable=True),
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
