"""The program `okr`: which commands there are. Each group has a file of its own, named after it."""

import typer

from services.cli import (
    align,
    audit,
    check_in,
    cycle,
    doctor,
    epoch,
    key_result,
    migration,
    objective,
    organisation,
    people,
    progress,
    projection,
    run,
    token,
    tree,
    units,
    up,
)
from services.cli.imports import command as imports
from services.cli.usage import Program

app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
    help="""
    The OKR ledger: every decision an immutable event, every figure explained.

    Start everything on this machine with `okr up --sample`, then try `okr tree`.
    Exit codes: 0 done, 1 refused or failed a check, 2 wrong usage, 3 cannot reach a service.
    """,
)
app.command()(up.up)
app.command()(run.run)
app.command()(migration.migrate)
app.command()(token.token)
app.command()(doctor.doctor)
app.add_typer(imports.app, name="import")
app.add_typer(organisation.app, name="organisation")
app.command()(units.units)
app.command()(units.unit)
app.command()(people.people)
app.command()(people.person)
app.add_typer(cycle.app, name="cycle")
app.add_typer(objective.app, name="objective")
app.add_typer(key_result.app, name="key-result")
app.add_typer(align.app, name="align")
app.add_typer(check_in.app, name="check-in")
app.command()(tree.tree)
app.command()(progress.progress)
app.command()(audit.audit)
app.add_typer(projection.app, name="projection")
app.add_typer(epoch.app, name="epoch")


def main() -> None:
    """Runs the program."""
    app()


if __name__ == "__main__":
    main()
