import signal
import stat
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.okr_program import descendants, is_running, okr, okr_up
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def folder(server_folder: Path, request: pytest.FixtureRequest) -> Path:
    return server_folder / request.node.name


async def test_up_once_shows_a_sample_that_agrees_with_the_ledger_and_adds_nothing_the_second_time(folder: Path):
    up = ("up", "--data", str(folder), "--port", "0", "--once", "--sample", "--json")
    first, second = await okr(*up), await okr(*up)
    assert (first.code, second.code) == (0, 0), first.err + second.err
    for shown in (first.document, second.document):
        assert shown["agrees"] is True
        assert shown["organisation"] == "meadowlark"
    nodes = first.items("tree")
    assert sum(node["kind"] == "objective" for node in nodes) == 12
    assert sum(node["kind"] == "key_result" for node in nodes) == 30
    assert first.document["alignment"]
    assert first.items("audit")
    assert second.document["positions"] == first.document["positions"]
    assert not (folder / "connection.json").exists()


async def test_a_signal_stops_everything_and_leaves_no_process_and_no_file_behind(folder: Path):
    async with okr_up(folder) as up:
        file = folder / "connection.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert up.connection.keys() == {"url", "token", "organisation", "database_url", "kafka_bootstrap"}
        assert up.connection["organisation"] is None
        servers = descendants(up.process.pid)
        assert len(servers) > 2
        assert await up.stop() == 0
        assert not file.exists()
        assert not [pid for pid in servers if is_running(pid)]


async def test_what_holds_no_data_is_told_without_a_token(folder: Path):
    async with okr_up(folder) as up, httpx.AsyncClient(base_url=str(up.connection["url"])) as stranger:
        page = await stranger.get("/", follow_redirects=True)
        assert (page.status_code, page.url.path) == (200, "/docs")
        described = await stranger.get("/openapi.json")
        assert described.json()["openapi"] == "3.1.0"
        for path in ("/schemas/events/CheckInRecorded.v1.json", "/schemas/commands/RecordCheckIn.json"):
            assert (await stranger.get(path)).json()["type"] == "object"
        assert (await stranger.get("/v1/organisations/meadowlark/tree")).status_code == 401


async def test_a_killed_one_leaves_no_process_and_its_successor_takes_the_same_token_and_has_the_same_events(
    folder: Path,
):
    async with okr_up(folder, "--sample") as up:
        servers = descendants(up.process.pid)
        before = (await up.okr("projection", "list")).items()
        await up.stop(signal.SIGKILL)

        async def all_gone() -> bool:
            return not any(map(is_running, servers))

        await wait_until(all_gone, "the servers end with their parent")
        token = str(up.connection["token"])
    async with okr_up(folder, "--sample") as again:
        organisations = (await again.okr("projection", "list", env={"OKR_TOKEN": token})).items()
        assert [each["head"] for each in organisations] == [each["head"] for each in before]
        listed = (await again.okr("cycle", "list", env={"OKR_TOKEN": token})).items()
        assert [cycle["id"] for cycle in listed] == ["quarter", "year"]


async def test_a_mistyped_setting_stops_the_start_with_the_nearest_name(folder: Path):
    ran = await okr("up", "--data", str(folder), env={"OKR_DATABSE_URL": "x"})
    assert ran.code == 2
    assert "OKR_DATABASE_URL" in ran.err


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    ran = await okr("up", "--data", str(tmp_path / "file" / "data"), "--port", "0")
    assert ran.code in (2, 3)
    assert str(tmp_path / "file") in ran.err
    assert "Traceback" not in ran.err


async def test_commands_are_taken_while_kafka_is_down_and_readyz_and_metrics_say_so(folder: Path):
    async with okr_up(folder, "--kafka", "127.0.0.1:1") as up:
        token = {"Authorization": f"Bearer {up.connection['token']}"}
        async with httpx.AsyncClient(base_url=str(up.connection["url"]), headers=token) as here:
            taken = await here.post("/v1/organisations", json={"organisation": "acme", "name": "Acme"})
            ready, metrics = await here.get("/readyz"), (await here.get("/metrics")).text
        assert taken.status_code == 201
        assert (ready.status_code, ready.json()) == (
            200,
            {
                "status": "degraded",
                "checks": {"database": "ok", "kafka": "no broker answers"},
                "parts": {
                    "ledger": "ready",
                    "publisher": "not ready: kafka",
                    "projector": "not ready: kafka",
                    "query": "ready",
                },
            },
        )
        assert 'okr_dependency_up{dependency="kafka"} 0.0' in metrics
        told = await up.okr("doctor", code=1)
        wrong = {str(each["what"]) for each in told.items("findings") if each["verdict"] == "wrong"}
        assert {"Apache Kafka 127.0.0.1:1", "publishing", "readiness"} <= wrong
