"""A command through all services, each a process of its own, as a collector of traces sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from services.chassis import tokens
from services.chassis.settings import TokenSettings, read
from services.ledger.policies import ROLES
from tests.end_to_end.collector import Collector, Seen, collecting
from tests.end_to_end.okr_program import okr_run
from tests.servers import fresh_database
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)

PROJECTIONS = {"project progress", "project alignment", "project audit", "project programme_health"}
SECRETS = ("Sales of Ada Lovelace", "Bearer", "eyJ")


class Services:
    """All four services, whose spans go to *collector*."""

    def __init__(self, collector: Collector, ledger: httpx.AsyncClient, query: httpx.AsyncClient) -> None:
        self.collector = collector
        self.ledger = ledger
        self.query = query

    async def add_unit(self, name: str, trace: str, flags: str = "01") -> httpx.Response:
        """The command, sent by a caller with a *trace* of its own, and answered when every read model has it."""
        return await self.ledger.post(
            "/v1/organisations/traced/commands/AddUnit",
            json={"name": name},
            headers={"traceparent": f"00-{trace}-{CALLER}-{flags}", "Prefer": "wait=30"},
        )

    async def whole(self, trace: str, *names: str) -> list[Seen]:
        """The spans of *trace*, once those with *names* have come in."""

        async def is_there() -> bool:
            return {span.name for span in self.collector.of(trace)}.issuperset(names)

        await wait_until(is_there, f"{names} of {trace} came in")
        return self.collector.of(trace)


CALLER = "00f067aa0ba902b7"


def a_trace() -> str:
    return uuid4().hex


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(
    server_folder: Path, postgres_url: str, migrated_template: str, kafka_bootstrap: str
) -> AsyncGenerator[Services]:
    key = server_folder / "traces-key.pem"
    tokens.key_at(key)
    token = tokens.issue_token(read(TokenSettings, token_key_file=key), "op", "*", ROLES, kind="service")
    async with AsyncExitStack() as stack:
        collector = await stack.enter_async_context(collecting())
        told = {
            "OKR_DATABASE_URL": await stack.enter_async_context(fresh_database(postgres_url, migrated_template)),
            "OKR_KAFKA_BOOTSTRAP": kafka_bootstrap,
            "OKR_TOKEN_KEY_FILE": str(key),
            "OKR_LOG_FORMAT": "json",
            "OKR_PROJECTION_CHECK_SECONDS": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        targets = ("ledger", "publisher", "projector", "query")
        started = await asyncio.gather(*(stack.enter_async_context(okr_run(target, told)) for target in targets))
        addresses = dict(zip(targets, started, strict=True))
        headers = {"Authorization": f"Bearer {token}"}
        ledger, query = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=addresses[name], headers=headers, timeout=60))
            for name in ("ledger", "query")
        ]
        registered = await ledger.post(
            "/v1/organisations",
            json={"organisation": "traced", "name": "Traced"},
            headers={"Prefer": "wait=60"},
        )
        assert registered.status_code == 201, registered.text
        yield Services(collector, ledger, query)


async def test_one_command_is_one_trace_through_all_services(services: Services):
    trace = a_trace()
    added = await services.add_unit("Sales of Ada Lovelace", trace)
    assert added.status_code == 201, added.text
    seen = await services.query.get(
        "/v1/organisations/traced/units",
        headers={"traceparent": f"00-{trace}-{CALLER}-01", "Okr-Min-Sequence": added.headers["okr-sequence"]},
    )
    assert seen.status_code == 200
    route = "/v1/organisations/{organisation}"
    spans = await services.whole(
        trace, "send okr.events.v1", *PROJECTIONS, f"GET {route}/units", f"POST {route}/commands/{{command}}"
    )
    print(services.collector.shown(trace))

    by_name = {span.name: span for span in spans}
    command = by_name["AddUnit"]
    parents = {span.name: next((each.name for each in spans if each.id == span.parent), span.parent) for span in spans}
    assert parents == {
        f"POST {route}/commands/{{command}}": CALLER,
        "AddUnit": f"POST {route}/commands/{{command}}",
        "wait in the queue": "AddUnit",
        "decide": "AddUnit",
        "append": "AddUnit",
        "wait for the read models": f"POST {route}/commands/{{command}}",
        "send okr.events.v1": "AddUnit",
        **dict.fromkeys(PROJECTIONS, "AddUnit"),
        f"GET {route}/units": CALLER,
        "wait until it is fresh": f"GET {route}/units",
        "ask /units": f"GET {route}/units",
    }
    assert {span.service for span in spans} == {"okr-ledger", "okr-publisher", "okr-projector", "okr-query"}
    assert command.attributes["okr.sequence"] == int(added.headers["okr-sequence"])
    kinds = {span.name: span.kind for span in spans if span.kind != "internal"}
    assert kinds == {
        f"POST {route}/commands/{{command}}": "server",
        f"GET {route}/units": "server",
        "send okr.events.v1": "producer",
        **dict.fromkeys(PROJECTIONS, "consumer"),
    }


async def test_what_is_done_for_many_is_a_trace_of_its_own_linked_both_ways(services: Services):
    traces = [a_trace() for _ in range(8)]
    answers = await asyncio.gather(*(services.add_unit(f"Unit {n}", trace) for n, trace in enumerate(traces)))
    assert {answer.status_code for answer in answers} == {201}
    for trace in traces:
        spans = await services.whole(trace, "AddUnit", "append", "send okr.events.v1", *PROJECTIONS)
        (command,) = [span for span in spans if span.name == "AddUnit"]
        for part in (span for span in spans if span.parent == command.id and span.links):
            whole = await the_whole(services.collector, part)
            assert whole.parent is None
            assert (command.trace, command.id) in whole.links
            assert whole.trace not in traces


async def the_whole(collector: Collector, part: Seen) -> Seen:
    (link,) = part.links

    def found() -> list[Seen]:
        return [span for span in collector.spans if (span.trace, span.id) == link]

    async def is_there() -> bool:
        return bool(found())

    await wait_until(is_there, f"what {part.name} is a part of came in")
    return found()[0]


async def test_a_refusal_is_no_failure_and_an_unsampled_trace_makes_no_span(services: Services):
    refused, unsampled = a_trace(), a_trace()
    assert (await services.add_unit("", refused)).status_code == 422
    path = "/v1/organisations/traced/commands/OpenCycle"
    headers = {"traceparent": f"00-{refused}-{CALLER}-01"}
    assert (await services.ledger.post(path, json={"cycle_id": "nowhere"}, headers=headers)).status_code == 404
    assert (await services.add_unit("Quiet", unsampled, "00")).status_code == 201
    later = a_trace()
    assert (await services.add_unit("Loud", later)).status_code == 201
    await services.whole(later, "send okr.events.v1", *PROJECTIONS)
    spans = await services.whole(refused, "OpenCycle")
    assert [span.attributes["okr.refusal"] for span in spans if span.name == "OpenCycle"] == ["subject_unknown"]
    assert not any(span.failed for span in spans)
    assert services.collector.of(unsampled) == []


async def test_nothing_that_people_wrote_and_no_token_is_in_a_span(services: Services):
    assert (await services.add_unit("Sales of Ada Lovelace", a_trace())).status_code == 201
    told = repr(services.collector.spans)
    assert "AddUnit" in told
    assert [secret for secret in SECRETS if secret in told] == []


async def test_the_lines_of_a_batch_share_the_span_of_their_request(services: Services):
    trace = a_trace()
    lines = "".join(f'{{"type": "AddUnit", "data": {{"name": "Line {n}"}}}}\n' for n in range(300))
    answer = await services.ledger.post(
        "/v1/organisations/traced/commands",
        content=lines,
        headers={"traceparent": f"00-{trace}-{CALLER}-01", "Content-Type": "application/x-ndjson", "Prefer": "wait=30"},
    )
    assert answer.status_code == 200
    request = "POST /v1/organisations/{organisation}/commands"
    spans = await services.whole(trace, request, "send okr.events.v1", *PROJECTIONS)
    (whole,) = [span for span in spans if span.name == request]
    assert {span.parent for span in spans if span is not whole} == {whole.id}
    assert len(spans) < 60, "spans by group and batch, not by line"
