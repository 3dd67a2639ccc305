import os
import signal
import socket
from contextlib import closing
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.chassis import kafka
from services.chassis.embedded import EmbeddedKafka, EmbeddedServerError
from services.chassis.kafka import Topic
from tests.integration.embedded.held import hold, runs, wait_until_gone


async def produce(bootstrap: str, *values: bytes) -> None:
    await kafka.make_topics(bootstrap, [Topic("kept", 1)])
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait("kept", value, partition=0)


async def consume(bootstrap: str, count: int) -> list[bytes | None]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        consumer.assign([TopicPartition("kept", 0)])
        await consumer.seek_to_beginning()
        return [(await consumer.getone()).value for _ in range(count)]


async def test_records_are_there_after_a_restart_and_after_a_kill(folder: Path) -> None:
    server = EmbeddedKafka(folder / "kafka")
    async with server:
        port = server.port
        await produce(server.bootstrap, b"1")
        first = server.pid
    assert not runs(first), "nothing is left behind"
    async with server:
        assert server.port == port, "clients find it again"
        await produce(server.bootstrap, b"2")
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(EmbeddedServerError, match="Apache Kafka stopped"):
            await server.wait_until_dead()
        await server.stop()
        await server.start()
        assert server.port == port
        assert await consume(server.bootstrap, 2) == [b"1", b"2"]


async def test_a_killed_owner_leaves_no_orphan_and_loses_nothing(folder: Path) -> None:
    holder = await hold(folder, "kafka")
    await produce(holder.found["bootstrap"], b"1")
    await holder.kill()
    await wait_until_gone(holder.found["kafka"], seconds=15)
    async with EmbeddedKafka(folder / "kafka") as server:
        assert await consume(server.bootstrap, 1) == [b"1"]


async def test_what_stands_in_the_way_is_named(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(EmbeddedServerError, match=f"cannot have port {port}"):
            await EmbeddedKafka(folder / "kafka", port).start()
    async with EmbeddedKafka(folder / "kafka"):
        with pytest.raises(EmbeddedServerError, match=f"already in use, by process {os.getpid()}"):
            await EmbeddedKafka(folder / "kafka").start()
