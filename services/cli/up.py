"""`okr up`: everything on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli import options, output


def up(
    data: Annotated[
        Path, typer.Option("--data", envvar="OKR_DATA", help="Folder for all that is kept.", file_okay=False)
    ] = options.DATA,
    port: Annotated[
        int, typer.Option("--port", envvar="OKR_HTTP_PORT", min=0, max=65535, help="0: any free one.")
    ] = 8080,
    sample: Annotated[bool, typer.Option("--sample", help="With an organisation that does not exist.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Stop when everything has gone all the way through.")] = False,
    database_url: Annotated[
        str | None, typer.Option("--database-url", envvar="OKR_DATABASE_URL", help="Instead of an embedded PostgreSQL.")
    ] = None,
    kafka_bootstrap: Annotated[
        str | None, typer.Option("--kafka", envvar="OKR_KAFKA_BOOTSTRAP", help="Instead of an embedded Apache Kafka.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """
    Start everything on this machine: PostgreSQL, Apache Kafka, the database schema, all services.

    It runs until Ctrl-C. Where the services are, and a token, is written to DIR/connection.json for the other commands.
    With --once it stops by itself when every read model has reached the head of the ledger and agrees with it.

    Example: okr up --sample
    """
    with output.failures_shown(as_json):
        from services.cli.running import run
        from services.cli.servers import Place

        place = Place(data.absolute(), port, database_url or None, kafka_bootstrap or None)
        run(place, sample=sample, once=once, as_json=as_json)
