"""Publisher and projector as processes: told by settings, they say how they are and what they counted."""

import asyncio

import httpx
import pytest

from services.chassis import settings
from services.chassis.embedded.ports import choose
from services.projector import main as projector
from services.projector.settings import ProjectorSettings
from services.publisher import main as publisher
from services.publisher.settings import PublisherSettings
from tests.ledger_writer import write
from tests.pipeline import history, running, wait_until_applied
from tests.waiting import wait_until


async def test_both_run_as_their_settings_say(database: str, kafka_bootstrap: str):
    ports = choose(0, "publisher"), choose(0, "projector")
    await write(database, history("acme", 3))
    shared = {"database_url": database, "kafka_bootstrap": kafka_bootstrap, "instance_id": "here"}
    publishing = publisher.run(settings.read(PublisherSettings, **shared, operations_port=ports[0]))
    projecting = projector.run(
        settings.read(ProjectorSettings, **shared, operations_port=ports[1], projections=("audit",))
    )
    async with running(publishing), running(projecting), httpx.AsyncClient() as client:

        async def ready() -> bool:
            try:
                answers = await asyncio.gather(*(client.get(f"http://127.0.0.1:{port}/readyz") for port in ports))
            except httpx.TransportError:
                return False
            return [answer.status_code for answer in answers] == [200, 200]

        await wait_until(ready, "both are ready")
        await wait_until_applied(database, projection="audit")
        counted = [(await client.get(f"http://127.0.0.1:{port}/metrics")).text for port in ports]
    assert "okr_publisher_published_events_total" in counted[0]
    assert 'okr_projector_applied_events_total{projection="audit"}' in counted[1]


def test_a_read_model_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"there is no read model weather: .* progress, alignment, audit"):
        projector.chosen(["progress", "weather"])
