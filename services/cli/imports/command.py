"""`okr import`: rows that others wrote, through the same commands as anybody's."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from zoneinfo import ZoneInfo

import typer

from services.cli import options, output
from services.cli.failures import Misused, Refused

if TYPE_CHECKING:
    from services.cli.client import Client
    from services.cli.imports.planned import Plan
    from services.cli.imports.send import Sent

app = typer.Typer(no_args_is_help=True, help="Import what others wrote; safe to repeat.")

ID_PATTERN = r"[A-Za-z0-9_-]{1,64}"
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")]


@app.callback()
def group() -> None:
    """Import what others wrote; safe to repeat: what the ledger knows is not sent again."""


@app.command()
def okrs(
    file: Annotated[Path, typer.Argument(help="CSV: id, kind, parent, owner, title, result.", dir_okay=False)],
    cycle: Annotated[str, typer.Option("--cycle", help="Id of the cycle that the rows belong to.")],
    starts: options.Starts,
    ends: options.Ends,
    name: Annotated[str, typer.Option("--name", help="Name that ids derive from; the cycle's id if left out.")] = "",
    owners: Annotated[
        Path | None, typer.Option("--owners", help="CSV: role, same_as, person_id.", dir_okay=False)
    ] = None,
    dry_run: DryRun = False,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Import objectives and key results of one cycle.

    Every row that cannot be taken is reported with its line, the rule and the fix; the rest goes on, and the exit code
    is 1. Importing the same file again adds nothing.

    Example: okr import okrs okrs.csv --cycle 2026-q1 --starts 2026-01-01 --ends 2026-03-31 --dry-run
    """
    with output.failures_shown(as_json):
        from services.cli.imports.okrs import Options, plan
        from services.cli.imports.owners import NOBODY, read_owners

        mapped = read_owners(_content(owners)) if owners else NOBODY
        first, last = starts.date(), ends.date()
        if last < first:
            raise Misused("The cycle ends before it starts.", "Give --starts and --ends the first and the last day.")
        _check_ids({"--cycle": cycle, "--name": name or cycle})
        content = _content(file)

        def planned(today: date) -> "Plan":
            return plan(content, Options(cycle, first, last, today, name, mapped))

        _import(planned, (url, token, organisation, data), dry_run, as_json)


@app.command()
def people(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: id, title, manager, departments, perhaps name and email.", dir_okay=False),
    ],
    name: Annotated[str, typer.Option("--name", help="Name that ids derive from.")] = "people",
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on", formats=["%Y-%m-%d"], metavar="DAY", help="The day that the file tells of, today if left out."
        ),
    ] = None,
    dry_run: DryRun = False,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Import people, their departments and their managers.

    Departments are separated by ";", the first one is the primary one. A manager who is not in the file is reported,
    and the person taken without. Every row that cannot be taken is reported with its line, the rule and the fix; the
    rest goes on, and the exit code is 1. Importing the same file again adds nothing.

    Example: okr import people people.csv --dry-run
    """
    with output.failures_shown(as_json):
        from services.cli.imports.people import Options, plan

        _check_ids({"--name": name})
        content = _content(file)

        def planned(today: date) -> "Plan":
            day = on.date() if on else today
            if day > today:
                raise Misused(f"--on {day} is to come.", f"Give --on a day up to today, {today}.")
            return plan(content, Options(name, day))

        _import(planned, (url, token, organisation, data), dry_run, as_json)


@app.command()
def history(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: committed_at, cycle, objective, key_result, actor, field, old, new.", dir_okay=False),
    ],
    name: Annotated[str, typer.Option("--name", help="Name that ids derive from.")] = "history",
    owner: Annotated[str, typer.Option("--owner", help="Name of the unit that owns the objectives.")] = "Team",
    dry_run: DryRun = False,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Import a history of scores: what was written down about key results, by whom and when.

    A row is created, assignee, priority, mid, projected, final, title or removed. Cycles are calendar quarters and are
    left open. A score that was written down outside its quarter is dated into it, and says that this is assumed. Every
    row that cannot be taken is reported with its line, the rule and the fix; the rest goes on, and the exit code is 1.
    Importing the same file again adds nothing.

    Example: okr import history scores.csv --name scores --owner "Team North" --dry-run
    """
    with output.failures_shown(as_json):
        from services.cli.imports.history import Options, plan

        _check_ids({"--name": name})
        if not owner.strip():
            raise Misused("--owner is empty.", "Name the unit that owns the objectives.")
        content = _content(file)

        def planned(today: date) -> "Plan":
            return plan(content, Options(name, owner.strip(), today))

        _import(planned, (url, token, organisation, data), dry_run, as_json)


def _import(
    planned: "Callable[[date], Plan]",
    named: tuple[str | None, str | None, str | None, Path],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Sends what is *planned* for today to the organisation that is *named*, unless it is a dry run; and reports."""
    from services.cli import connection
    from services.cli.client import Client
    from services.cli.imports.report import Report
    from services.cli.imports.send import Sent

    if dry_run:
        plan, sent = planned(datetime.now(UTC).date()), Sent()
    else:
        with Client(connection.find(*named)) as client:
            plan = planned(_today(client))
            sent = _send(client, plan)
    report = Report(plan, sent, dry_run)
    if as_json:
        output.to_programs(report.document())
    else:
        output.to_people(report.for_people())
    if report.refused:
        raise typer.Exit(Refused.exit_code)


def _send(client: "Client", plan: "Plan") -> "Sent":
    from rich.console import Console
    from rich.progress import Progress

    from services.cli.imports.send import send

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Importing", total=len(plan.commands))
        return send(client, plan.commands, lambda done: bar.advance(task, done))


def _today(client: "Client") -> date:
    """Today where the organisation is; its time zone stands in its first event."""
    from services.cli.client import NotThere

    organisation = client.connection.organisation
    try:
        first = client.get("events/1")
    except NotThere as error:
        raise Refused(
            f"There is no organisation {organisation} yet.",
            f"Register it: okr organisation register {organisation} --name NAME.",
        ) from error
    zone = str(cast("dict[str, object]", first["data"]).get("time_zone") or "UTC")
    return datetime.now(ZoneInfo(zone)).date()


def _check_ids(named: Mapping[str, str]) -> None:
    import re

    for option, given in named.items():
        if not re.fullmatch(ID_PATTERN, given):
            raise Misused(f"{option} is no id.", "An id has up to 64 letters, digits, “_” and “-”.")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error
