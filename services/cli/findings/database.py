"""What the database says: whether it can be trusted with a ledger, its schema, its roles, and how far all have come."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg

from projections.read_models import READ_MODELS
from services.chassis import migrations, postgres
from services.chassis.kafka import EVENTS_TOPIC
from services.chassis.schema import OLDEST_SERVER
from services.cli.findings.finding import Finding
from services.cli.migrate import steps
from services.cli.migration import database_failure

_SQL: Final = Path(__file__).parent / "sql"
_SERVER: Final = (_SQL / "server.sql").read_text()
_RIGHTS: Final = (_SQL / "rights.sql").read_text()
_PUBLISHING: Final = (_SQL / "publishing.sql").read_text()
_READ_MODELS: Final = (_SQL / "read_models.sql").read_text()
_SECONDS: Final = 10.0
_TRIED: Final = 18
# The time of an event is that of the ledger's machine, the term of a lease that of the database's.
_CLOCKS_NOTE_SECONDS: Final = 1.0
_CLOCKS_WRONG_SECONDS: Final = 5.0
_LATE_SECONDS: Final = 60.0
_FULL: Final = 0.8
# Steps that wait until no process of the release before runs, by the names of their files.
_AFTER: Final = re.compile(r"/\d+_after_")


async def of_database(url: str) -> AsyncIterator[Finding]:
    """All findings about the database at *url*, as far as one leads to the next."""
    what = f"database {_place(url)}"
    try:
        connection = await postgres.connect(url, application="okr doctor", command_seconds=_SECONDS)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        failure = database_failure(error if not isinstance(error, asyncpg.InterfaceError) else ValueError(str(error)))
        yield Finding(what, "wrong", failure.what, failure.fix)
        return
    try:
        yield Finding(what, "ok", "answers")
        for finding in await _server(connection):
            yield finding
        schema = await _schema(connection)
        yield schema
        if schema.verdict != "wrong":
            usable: set[str] = set()
            for row in await connection.fetch(_RIGHTS):
                finding = _role(row)
                if finding.verdict != "wrong":
                    usable.add(row["role_name"])
                yield finding
            if "okr_publisher" in usable:
                yield await _publishing(connection)
            if "okr_projector" in usable:
                for finding in await _read_models(connection):
                    yield finding
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        yield Finding(what, "wrong", f"could not be looked at any further: {type(error).__name__}", "Look at its log.")
    finally:
        connection.terminate()


async def _server(connection: asyncpg.Connection) -> list[Finding]:
    asked = datetime.now(UTC)
    row = await connection.fetchrow(_SERVER)
    answered = datetime.now(UTC)
    assert row is not None
    return [_version(row), *_trust(row), _clock(row["its_time"], asked, answered), _connections(row)]


def _version(row: asyncpg.Record) -> Finding:
    what, version = "PostgreSQL", f"version {row['version']}, {row['size_bytes'] >> 20} MB in this database"
    major = row["version_number"] // 10_000
    if major < OLDEST_SERVER:
        return Finding(what, "wrong", version, f"No service starts with it. Use version {_TRIED}.")
    if major < _TRIED:
        return Finding(what, "note", version, f"This release was tried with version {_TRIED}.")
    return Finding(what, "ok", version)


def _trust(row: asyncpg.Record) -> Iterator[Finding]:
    """Whether a commit survives a power cut: every acknowledgement rests on it."""
    off = [name for name in ("fsync", "full_page_writes") if not row[name]]
    if row["synchronous_commit"] == "off":
        off.append("synchronous_commit")
    if off:
        yield Finding(
            "durability",
            "wrong",
            f"{', '.join(off)} off: a crash may lose commands that were acknowledged",
            f"Set {' and '.join(f'{name} = on' for name in off)} in the server's configuration.",
        )
    else:
        yield Finding("durability", "ok", f"a commit is on disk, synchronous_commit = {row['synchronous_commit']}")
    if row["encoding"] != "UTF8":
        yield Finding("encoding", "wrong", row["encoding"], "Make a database with ENCODING 'UTF8', and migrate that.")
    if row["in_recovery"]:
        yield Finding("writable", "wrong", "it is a standby: nothing can be written", "Name the primary.")


def _clock(its_time: datetime, asked: datetime, answered: datetime) -> Finding:
    # It answered at some time in between: only what lies outside is a difference.
    apart = max((asked - its_time).total_seconds(), (its_time - answered).total_seconds(), 0.0)
    found = f"{apart:.1f} s apart from this machine's"
    fix = "Let both machines take the time from the network (NTP)."
    if apart > _CLOCKS_WRONG_SECONDS:
        return Finding("clock of the database", "wrong", found, fix)
    if apart > _CLOCKS_NOTE_SECONDS:
        return Finding("clock of the database", "note", found, fix)
    return Finding("clock of the database", "ok", found)


def _connections(row: asyncpg.Record) -> Finding:
    used, most = row["connections"], row["most_connections"]
    found = f"{used} of {most} in use"
    if used > most * _FULL:
        return Finding("connections", "note", found, "Raise max_connections, or lower OKR_QUERY_CONNECTIONS.")
    return Finding("connections", "ok", found)


async def _schema(connection: asyncpg.Connection) -> Finding:
    what = "schema"
    try:
        applied = await migrations.applied(connection)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return Finding(what, "wrong", "it has no tables of ours", "Run `okr migrate`.")
    except asyncpg.InsufficientPrivilegeError:
        return Finding(what, "note", "this role may not see which migrations were applied", "Ask as the owner.")
    known = {step.name: step for step in steps()}
    missing = [name for name in known if name not in applied]
    changed = [name for name, step in known.items() if applied.get(name, step.checksum) != step.checksum]
    newer = sorted(applied.keys() - known.keys())
    if written_otherwise := [name for name in changed if not known[name].repeatable]:
        return Finding(
            what,
            "wrong",
            f"{_named(written_otherwise)} applied with another content than this release has",
            "Use the release that made it, or another database.",
        )
    if newer:
        return Finding(
            what,
            "wrong" if missing else "note",
            f"made by a newer release: {_named(newer)} not known here",
            "Run the newer release; a database does not go back.",
        )
    if missing and not changed and all(_AFTER.search(name) for name in missing):
        fix = "Run `okr migrate --after` once every service runs this release."
        return Finding(what, "note", f"{_named(missing)} to be applied after the deployment", fix)
    if missing or changed:
        return Finding(what, "wrong", f"{_named(missing + changed)} to be applied", "Run `okr migrate`.")
    return Finding(what, "ok", f"as this release expects it, {len(known)} steps applied")


def _named(names: list[str]) -> str:
    return f"{', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"


def _role(row: asyncpg.Record) -> Finding:
    role = row["role_name"]
    what = f"role {role}"
    if not row["there"]:
        return Finding(what, "wrong", "is not there", "Run `okr migrate`: a restored database brings no roles with it.")
    if not row["ours"]:
        return Finding(
            what, "wrong", "the login role may not act as it", f"GRANT {role} TO the role that OKR_DATABASE_URL names."
        )
    if missing := list[str](row["missing"]):
        return Finding(
            what, "wrong", f"lacks {_named(missing)}", " ".join(f"GRANT {each} TO {role};" for each in missing)
        )
    if row["sees_all"]:
        return Finding(
            what,
            "wrong",
            "is a superuser, or bypasses row level security: one organisation could see another",
            f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS;",
        )
    return Finding(what, "ok", "has what it needs")


async def _publishing(connection: asyncpg.Connection) -> Finding:
    await connection.execute("SET ROLE okr_publisher")
    row = await connection.fetchrow(_PUBLISHING, EVENTS_TOPIC)
    await connection.execute("RESET ROLE")
    assert row is not None
    waiting = f"{row['events']} events wait since {row['oldest_seconds']:.0f} s"
    if not row["publishers"]:
        if row["events"]:
            return Finding("publishing", "wrong", f"no publisher runs, {waiting}", "Start `okr run publisher`.")
        return Finding("publishing", "note", "no publisher runs, and nothing waits", "Start `okr run publisher`.")
    if row["oldest_seconds"] > _LATE_SECONDS:
        return Finding("publishing", "wrong", waiting, "See whether Kafka answers; the publisher's log says more.")
    return Finding("publishing", "ok", waiting if row["events"] else "everything is on the topic")


async def _read_models(connection: asyncpg.Connection) -> list[Finding]:
    await connection.execute("SET ROLE okr_projector")
    rows = await connection.fetch(_READ_MODELS, [model.name for model in READ_MODELS])
    await connection.execute("RESET ROLE")
    return [_read_model(row) for row in rows]


def _read_model(row: asyncpg.Record) -> Finding:
    name = row["projection"]
    what = f"read model {name}"
    if row["parked"]:
        return Finding(
            what,
            "wrong",
            f"{row['parked']} organisations are parked: {row['parked_first']}",
            f"Mend the cause, then `okr projection resume {name}`.",
        )
    behind = f"{row['behind']} of {row['organisations']} organisations are {row['lag_events']} events behind"
    if row["lag_seconds"] > _LATE_SECONDS:
        return Finding(
            what,
            "wrong",
            f"{behind}, since {row['lag_seconds']:.0f} s",
            "See whether `okr run projector` runs, and its log.",
        )
    if row["behind"]:
        return Finding(what, "ok", behind)
    return Finding(what, "ok", f"at the head in all organisations ({row['organisations']})")


def _place(url: str) -> str:
    try:
        return postgres.place(url)
    except ValueError:
        return "address"
