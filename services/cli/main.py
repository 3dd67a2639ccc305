"""The program `okr`: which commands there are. Each group has a file of its own, named after it."""

import os

import typer

from services.cli import (
    access,
    align,
    audit,
    changes,
    check_in,
    cycle,
    difference,
    doctor,
    epoch,
    health,
    key_result,
    migration,
    objective,
    organisation,
    output,
    people,
    progress,
    projection,
    run,
    token,
    tree,
    units,
    up,
    usage,
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


@app.callback()
def known_settings(context: typer.Context) -> None:
    """Refuses a mistyped OKR_ name, whatever the command: it would be ignored. `okr doctor` has it as a finding."""
    if context.invoked_subcommand == "doctor" or not any(name.upper().startswith("OKR_") for name in os.environ):
        return
    from services.cli import environment

    with output.failures_shown(usage.as_json(context)):
        environment.refuse_unknown()


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
changes.add_all()
app.add_typer(changes.unit, name="chart")
app.add_typer(changes.staff, name="staff")
app.add_typer(cycle.app, name="cycle")
app.add_typer(objective.app, name="objective")
app.add_typer(key_result.app, name="key-result")
app.add_typer(align.app, name="align")
app.add_typer(check_in.app, name="check-in")
app.add_typer(changes.programme, name="programme")
app.command()(tree.tree)
app.command()(progress.progress)
app.command()(difference.difference)
app.command()(audit.audit)
app.command()(access.access)
app.command()(health.health)
app.add_typer(projection.app, name="projection")
app.add_typer(epoch.app, name="epoch")


def main() -> None:
    """Runs the program."""
    app()


if __name__ == "__main__":
    main()
