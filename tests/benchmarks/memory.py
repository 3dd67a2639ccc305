"""
The memory of each service, a process of its own, with a million events in the ledger.

All events are real: 80,000 of 64 organisations, which the publisher publishes and the projector applies while this
watches, and copies of them under other names, which lie in the ledger published and applied. Then commands come in for
every key result of the 64, so that the ledger's cache has what it would have, and every kind of query is answered, also
of organisations that the query service has not seen before. What is judged is the highest resident set.
"""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from projections.read_models import READ_MODELS
from services.chassis.kafka import EVENTS_TOPIC
from tests.benchmarks.histories import KEY_RESULTS_AN_OBJECTIVE, TEAM_OBJECTIVES, histories, write_in_turn
from tests.benchmarks.row import Row
from tests.benchmarks.servers import kafka_server, ledger_database, postgres_server
from tests.benchmarks.services import Running, resident_megabytes, services
from tests.pipeline import wait_until_applied

EVENTS: Final = 1_000_000
ORGANISATIONS: Final = 64
EVENTS_EACH: Final = 1_250
AT_MOST: Final = 110.0
_COPIES: Final = EVENTS // EVENTS_EACH - ORGANISATIONS
_BATCHES_EACH: Final = 4

# The name of an organisation stands in its entries and in the data of its first event.
_COPY = """
INSERT INTO ledger.events (organisation, sequence, epoch, entry, data, text, data_secret, text_secret)
SELECT
  named.name, e.sequence, e.epoch,
  convert_to(replace(convert_from(e.entry, 'UTF8'), '"' || e.organisation || '"', '"' || named.name || '"'), 'UTF8'),
  CASE WHEN e.sequence > 1 THEN e.data ELSE
    convert_to(replace(convert_from(e.data, 'UTF8'), '"' || e.organisation || '"', '"' || named.name || '"'), 'UTF8')
  END,
  e.text, e.data_secret, e.text_secret
FROM generate_series(0, $1::integer - 1) AS number
CROSS JOIN LATERAL (SELECT 'copy-' || lpad(number::text, 4, '0') AS name) AS named
JOIN ledger.events AS e ON e.organisation = 'org-' || lpad((number % $2::integer)::text, 4, '0')
"""
_COPY_SUBJECTS = """
INSERT INTO ledger.event_subjects (organisation, subject, sequence)
SELECT 'copy-' || lpad(number::text, 4, '0'), s.subject, s.sequence
FROM generate_series(0, $1::integer - 1) AS number
JOIN ledger.event_subjects AS s ON s.organisation = 'org-' || lpad((number % $2::integer)::text, 4, '0')
"""
_COPY_HEADS = """
INSERT INTO ledger.heads (organisation, epoch, sequence, recorded_at)
SELECT 'copy-' || lpad(number::text, 4, '0'), h.epoch, h.sequence, h.recorded_at
FROM generate_series(0, $1::integer - 1) AS number
JOIN ledger.heads AS h ON h.organisation = 'org-' || lpad((number % $2::integer)::text, 4, '0')
"""
_PUBLISHED = """
INSERT INTO ledger.published (topic, organisation, epoch, sequence)
SELECT $1, h.organisation, h.epoch, h.sequence FROM ledger.heads AS h WHERE h.organisation LIKE 'copy-%'
"""
_APPLIED = """
INSERT INTO projections.positions (projection, organisation, epoch, sequence, recorded_at)
SELECT $1, h.organisation, h.epoch, h.sequence, h.recorded_at FROM ledger.heads AS h
WHERE h.organisation LIKE 'copy-%'
"""


async def measure() -> list[Row]:
    """A row for each service."""
    async with postgres_server() as server, ledger_database(server) as url, kafka_server() as bootstrap:
        await write_in_turn(url, histories(ORGANISATIONS, EVENTS_EACH))
        events = await _copy(url)
        with tempfile.TemporaryDirectory() as folder:
            async with services(Path(folder), url, bootstrap) as running:
                for model in READ_MODELS:
                    await wait_until_applied(url, 300, model.name)
                commands = await _command(running)
                queries = await _ask(running)
                for model in READ_MODELS:
                    await wait_until_applied(url, 60, model.name)
                resident = {name: resident_megabytes(pid) for name, pid in running.pids().items()}
    settings = {"events": events, "streamed": ORGANISATIONS * EVENTS_EACH, "commands": commands, "queries": queries}
    return [
        Row(
            row=f"memory of the {name} at 1 M events",
            value=highest,
            unit="MB",
            floor=None,
            ratio=None,
            aim=f"<= {AT_MOST:g} MB at its highest",
            met=highest <= AT_MOST,
            raw={"resident_in_the_end": [now]},
            settings=settings,
        )
        for name, (now, highest) in resident.items()
    ]


async def _copy(url: str) -> int:
    """Fills the ledger up to a million events; how many there are."""
    connection = await asyncpg.connect(url, command_timeout=None)
    try:
        for statement in (_COPY, _COPY_SUBJECTS, _COPY_HEADS):
            await connection.execute(statement, _COPIES, ORGANISATIONS)
        await connection.execute(_PUBLISHED, EVENTS_TOPIC)
        for model in READ_MODELS:
            await connection.execute(_APPLIED, model.name)
        await connection.execute("ANALYZE")
        return int(await connection.fetchval("SELECT count(*) FROM ledger.events"))
    finally:
        await connection.close()


async def _command(running: Running) -> int:
    """Check-ins for every key result, in batches; how many."""
    sent = 0
    async with running.client("ledger") as client:
        for number in range(_BATCHES_EACH * ORGANISATIONS):
            organisation = f"org-{number % ORGANISATIONS:04d}"
            lines = [_check_in(number, place) for place in range(TEAM_OBJECTIVES * KEY_RESULTS_AN_OBJECTIVE)]
            answer = await client.post(
                f"/v1/organisations/{organisation}/commands",
                content="\n".join(lines) + "\n",
                headers={"content-type": "application/x-ndjson"},
            )
            answer.raise_for_status()
            assert all(json.loads(line)["status"] < 300 for line in answer.text.splitlines()), answer.text[:500]
            sent += len(lines)
    return sent


def _check_in(number: int, place: int) -> str:
    check_in = f"m{number}-{place}"
    data = {"check_in_id": check_in, "key_result_id": f"k{place}", "value": "42.5", "effective_on": "2026-06-01"}
    return json.dumps({"type": "RecordCheckIn", "command_id": check_in, "data": data})


async def _ask(running: Running) -> int:
    """Queries of every kind; how many."""
    asked = 0
    paths = (
        "objectives",
        "tree",
        "objectives/o1/progress?explain=all",
        "key-results/k1",
        "key-results/k1/check-ins",
        "alignment/report",
        "programme-health",
        "alignment/objectives/o9/ancestors",
        "people",
        "audit?limit=500",
        "events?limit=500",
        "positions",
    )
    async with running.client("query") as client:
        for organisation in [f"org-{number:04d}" for number in range(ORGANISATIONS)]:
            asked += await _each(client, organisation, paths)
        for organisation in [f"copy-{number:04d}" for number in range(0, _COPIES, 4)]:
            asked += await _each(client, organisation, ("events?limit=500", "positions"))
    return asked


async def _each(client: httpx.AsyncClient, organisation: str, paths: Sequence[str]) -> int:
    answers = await asyncio.gather(*(client.get(f"/v1/organisations/{organisation}/{path}") for path in paths))
    for answer in answers:
        answer.raise_for_status()
    return len(answers)
