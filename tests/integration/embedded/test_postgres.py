import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from services.chassis import postgres
from services.chassis.embedded import EmbeddedPostgres, EmbeddedServerError
from tests.integration.embedded.held import hold, runs, wait_until_gone

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
not_as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


async def execute(url: str, *statements: str) -> None:
    connection = await postgres.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def numbers(url: str) -> list[int]:
    connection = await postgres.connect(url)
    try:
        return [row["n"] for row in await connection.fetch("SELECT n FROM numbers ORDER BY n")]
    finally:
        await connection.close()


async def test_what_was_committed_is_there_after_a_restart(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres")
    async with server:
        port = server.port
        await execute(server.url(), "CREATE TABLE numbers (n integer)", "INSERT INTO numbers VALUES (1)")
        first = server.pid
    assert not runs(first), "nothing is left behind"
    async with server:
        assert server.port == port, "clients find it again"
        assert await numbers(server.url()) == [1]


async def test_two_run_side_by_side(folder: Path) -> None:
    async with EmbeddedPostgres(folder / "one") as one, EmbeddedPostgres(folder / "two") as two:
        await execute(one.url(), "CREATE TABLE numbers (n integer)")
        await execute(two.url(), "CREATE TABLE numbers (n integer)")


async def test_a_killed_owner_leaves_no_orphan_and_loses_nothing(folder: Path) -> None:
    holder = await hold(folder, "postgres")
    await execute(holder.found["url"], "CREATE TABLE numbers (n integer)", "INSERT INTO numbers VALUES (1)")
    await holder.kill()
    await wait_until_gone(holder.found["postgres"], seconds=10)
    async with EmbeddedPostgres(folder / "postgres") as server:
        assert await numbers(server.url()) == [1]


async def test_a_start_right_after_the_owner_was_killed_waits_for_its_server_to_go(folder: Path) -> None:
    holder = await hold(folder, "postgres")
    await execute(holder.found["url"], "CREATE TABLE numbers (n integer)", "INSERT INTO numbers VALUES (1)")
    await holder.kill()
    async with EmbeddedPostgres(folder / "postgres") as server:
        assert await numbers(server.url()) == [1]


async def test_a_killed_server_starts_again_with_everything(folder: Path) -> None:
    async with EmbeddedPostgres(folder / "postgres") as server:
        await execute(server.url(), "CREATE TABLE numbers (n integer)", "INSERT INTO numbers VALUES (1)")
        port = server.port
        os.killpg(server.pid, signal.SIGKILL)
        with pytest.raises(EmbeddedServerError, match="PostgreSQL stopped"):
            await server.wait_until_dead()
        await server.stop()
        assert (server.folder / "data" / "postmaster.pid").exists(), "it had no time to tidy up"
        await server.start()
        assert server.port == port
        assert await numbers(server.url()) == [1]


async def test_the_number_of_a_stranger_in_the_pid_file_does_not_stop_the_start(folder: Path) -> None:
    async with EmbeddedPostgres(folder / "postgres") as server:
        await execute(server.url(), "CREATE TABLE numbers (n integer)")
    note = server.folder / "data" / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        note.write_text(f"{stranger.pid}\n{server.folder / 'data'}\n")
        async with server:
            assert await numbers(server.url()) == []
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_cluster_that_was_half_made_is_made_anew(folder: Path) -> None:
    async with EmbeddedPostgres(folder / "postgres") as server:
        pass
    (server.folder / "data").rename(server.folder / "data.new")
    async with server:
        await execute(server.url(), "CREATE TABLE numbers (n integer)")


async def test_a_second_owner_is_told_who_has_the_folder(folder: Path) -> None:
    async with EmbeddedPostgres(folder / "postgres"):
        with pytest.raises(EmbeddedServerError, match=f"already in use, by process {os.getpid()}") as refused:
            await EmbeddedPostgres(folder / "postgres").start()
        assert "--data" in refused.value.fix


async def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(EmbeddedServerError, match=f"cannot have port {port}"):
            await EmbeddedPostgres(folder / "postgres", port).start()
    async with EmbeddedPostgres(folder / "postgres", port) as server:
        assert server.port == port, "the folder was let go of"


@as_root
async def test_a_folder_that_the_unprivileged_user_cannot_enter_is_named_with_the_chmod(folder: Path) -> None:
    locked = folder / "locked"
    locked.mkdir(mode=0o700)
    with pytest.raises(EmbeddedServerError, match="cannot enter") as refused:
        await EmbeddedPostgres(locked / "okr" / "postgres").start()
    assert f"chmod o+x {locked}" in refused.value.fix


@as_root
async def test_a_folder_of_another_user_is_named_with_its_owner(folder: Path) -> None:
    foreign = folder / "postgres"
    foreign.mkdir()
    os.chown(foreign, 2, 2)
    with pytest.raises(EmbeddedServerError, match=r"belongs to the user \w+, and PostgreSQL runs as"):
        await EmbeddedPostgres(foreign).start()


@not_as_root
async def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(EmbeddedServerError, match="Permission denied"):
        await EmbeddedPostgres(Path("/okr-of-nobody/postgres")).start()


async def test_a_file_in_place_of_the_folder_is_named(folder: Path) -> None:
    (folder / "postgres").write_text("")
    with pytest.raises(EmbeddedServerError, match=f"{folder / 'postgres'}"):
        await EmbeddedPostgres(folder / "postgres").start()


@pytest.fixture
def small_disk(folder: Path) -> Generator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=711", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("checked_first", [True, False], ids=["seen before the start", "seen by initdb"])
async def test_a_full_disk_is_named(small_disk: Path, checked_first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not checked_first:
        monkeypatch.setattr("services.chassis.embedded.postgres._NEEDS_BYTES", 0)
    with pytest.raises(EmbeddedServerError, match=r"the disk of .* is full"):
        await EmbeddedPostgres(small_disk / "postgres").start()


async def test_it_starts_from_the_main_thread_only(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="main thread"):
        await asyncio.to_thread(asyncio.run, EmbeddedPostgres(folder / "postgres").start())


async def test_neither_statements_nor_values_reach_its_log(folder: Path) -> None:
    async with EmbeddedPostgres(folder / "postgres") as server:
        await execute(server.url(), "CREATE TABLE people (name text PRIMARY KEY)", "INSERT INTO people VALUES ('Ada')")
        for wrong in ("INSERT INTO people VALUES ('Ada')", "SELECT 1/0 AS grace"):
            with pytest.raises(Exception, match=r"duplicate|division"):
                await execute(server.url(), wrong)
        said = server.log.read_text()
    assert "division by zero" in said
    assert "Ada" not in said
    assert "grace" not in said
