"""How each kind of fault is done, and undone."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError

from okr_contracts.cloud_events import TOPIC
from services.chassis.kafka import events_topic, make_topics
from tests.faults.parts import PARTITIONS, Parts, until_ready
from tests.faults.plan import Fault
from tests.faults.supervised import Server

_STEP_SECONDS = 10.0
_SLOW_SECONDS = {"postgres": 0.03, "kafka": 0.1}
_A_SESSION = """
SELECT pid FROM pg_stat_activity
WHERE application_name LIKE 'okr %' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1
"""


class Strikes:
    """Does faults to *parts*; *cut_requests* cuts some requests of clients."""

    def __init__(self, parts: Parts, random: Random, cut_requests: Callable[[], Awaitable[None]]) -> None:
        self._parts = parts
        self._random = random
        self._cut_requests = cut_requests

    @asynccontextmanager
    async def strike(self, fault: Fault) -> AsyncGenerator[str]:
        """Inside, the fault is done; after it, undone. Gives what there is to say about it, or nothing."""
        match fault.kind:
            case "killed" | "stopped politely" | "frozen" | "frozen past its lease":
                async with self._service(fault) as said:
                    yield said
            case "killed at a step":
                yield await self._at_step(fault)
            case "session ended" | "session killed":
                yield await self._session(killed=fault.kind == "session killed")
            case "connections cut":
                yield f"{self._parts.proxies[fault.part].cut()} connections"
            case "requests cut":
                await self._cut_requests()
                yield ""
            case "slow":
                self._parts.proxies[fault.part].delay_seconds = _SLOW_SECONDS[fault.part]
                try:
                    yield ""
                finally:
                    self._parts.proxies[fault.part].delay_seconds = 0
            case _:
                async with self._server(fault) as said:
                    yield said

    @asynccontextmanager
    async def _service(self, fault: Fault) -> AsyncGenerator[str]:
        service = self._parts.services[fault.part]
        starts = service.starts
        match fault.kind:
            case "killed":
                service.send(signal.SIGKILL)
                yield ""
            case "stopped politely":
                service.send(signal.SIGTERM)
                yield ""
            case _:
                pid = service.pid
                service.send(signal.SIGSTOP)
                try:
                    yield ""
                finally:
                    if pid is not None and pid == service.pid:
                        service.send(signal.SIGCONT)
                return
        await service.started_after(starts)
        await until_ready(service)

    async def _at_step(self, fault: Fault) -> str:
        if fault.part == "publisher":
            service = await self._parts.most_leases()
        else:
            of_target = [each for each in self._parts.services.values() if each.target == fault.part]
            service = self._random.choice(of_target)
        starts = service.starts
        reached = await service.die_at(fault.step, fault.times, _STEP_SECONDS)
        await service.started_after(starts + 1)
        return service.name if reached else f"{service.name} did not come to the step"

    async def _session(self, *, killed: bool) -> str:
        connection = await self._connect()
        try:
            pid = await connection.fetchval(_A_SESSION)
            if pid is None:
                return "nobody was connected"
            if killed:
                # PostgreSQL ends every session then, and recovers as after a crash.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            else:
                await connection.execute("SELECT pg_terminate_backend($1)", pid)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as away:
            # Another fault came first.
            return type(away).__name__
        finally:
            connection.terminate()
        return ""

    async def _connect(self) -> asyncpg.Connection:
        while True:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                return await asyncpg.connect(self._parts.database_url, timeout=5)
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def _server(self, fault: Fault) -> AsyncGenerator[str]:
        server = self._parts.servers[fault.part]
        match fault.kind:
            case "server killed":
                killing = asyncio.create_task(server.kill())
                yield ""
                await killing
            case "server frozen":
                frozen = server.processes()
                server.send(signal.SIGSTOP, frozen)
                try:
                    yield f"{len(frozen)} processes"
                finally:
                    server.send(signal.SIGCONT, frozen)
            case "disk full":
                async with self._full(fault.part, server) as said:
                    yield said
            case "records deleted":
                yield await self._persistently(self._delete_records)
            case "topic made anew":
                yield await self._persistently(self._make_anew)
            case "tail lost":
                server.before_start = self._lose_tail
                killing = asyncio.create_task(server.kill())
                yield ""
                await killing
            case _:
                raise ValueError(fault.kind)

    @asynccontextmanager
    async def _full(self, part: str, server: Server) -> AsyncGenerator[str]:
        disk = self._parts.disks[part]
        free = await asyncio.to_thread(disk.fill)
        try:
            yield f"{free >> 20} MB filled"
        finally:
            disk.empty()
        # It may have ended for want of room, and is started again; if it did not, it answers all the time.
        async with asyncio.timeout(90):
            await server.up.wait()

    async def _persistently(self, act: Callable[[AIOKafkaAdminClient], Awaitable[str]]) -> str:
        """What an operator does who tries again while the broker is away."""
        while True:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._parts.listener.bootstrap, request_timeout_ms=5000)
            try:
                async with asyncio.timeout(20):
                    await admin.start()
                    return await act(admin)
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(0.2)
            finally:
                with suppress(KafkaError, OSError):
                    await admin.close()

    async def _delete_records(self, admin: AIOKafkaAdminClient) -> str:
        """All records that are there now: also those that nobody has read yet."""
        (described,) = await admin.describe_topics([TOPIC])
        partitions = [TopicPartition(TOPIC, each["partition"]) for each in described["partitions"]]
        taken = await admin.delete_records({each: RecordsToDelete(before_offset=-1) for each in partitions})
        self._parts.listener.records_taken_away()
        return f"{sum(taken.values())} records of all times"

    async def _make_anew(self, admin: AIOKafkaAdminClient) -> str:
        self._parts.listener.topic_made_anew()
        await admin.delete_topics([TOPIC])
        # The publisher may be quicker than we are to make it again.
        await make_topics(self._parts.listener.bootstrap, [events_topic(PARTITIONS, 1)])
        self._parts.listener.topic_made_anew()
        return ""

    def _lose_tail(self) -> None:
        """The broker is dead: take the last batches of each partition off the disk, as a power cut would."""
        data = self._parts.kafka.server.folder / "data"
        # By number: what was deleted a moment ago still lies beside them, under longer names.
        for partition in range(PARTITIONS):
            segment = max((data / f"{TOPIC}-{partition}").glob("*.log"), default=None)
            if segment is None:
                continue
            batches = _batches(segment)
            lost = self._random.randint(0, min(5, len(batches)))
            if lost:
                offset, at = batches[-lost]
                os.truncate(segment, at)
                self._parts.listener.tail_lost(partition, offset)


def _batches(segment: Path) -> list[tuple[int, int]]:
    """The batches of a segment of the broker's log: the first offset of each, and where in the file it begins."""
    content = segment.read_bytes()
    found: list[tuple[int, int]] = []
    at = 0
    while at + 12 <= len(content):
        length = int.from_bytes(content[at + 8 : at + 12])
        if not length or at + 12 + length > len(content):
            break
        found.append((int.from_bytes(content[at : at + 8]), at))
        at += 12 + length
    return found
