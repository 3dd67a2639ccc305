"""
Apache Kafka as a child of this process: one KRaft node, its data in one folder.

Kept in the folder: `data/`, `server.properties` (written anew at each start), `kafka.log`, `java.log` (what Java itself
says), and who holds it.
"""

import asyncio
import os
import shutil
import signal
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from services.chassis.embedded import child, failure, folder, java, kafka_jars, ports
from services.chassis.embedded.failure import EmbeddedServerError
from services.chassis.kafka import answers

_NAME = "Apache Kafka"
_START_SECONDS = 90.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
_ATTEMPTS_FOR_A_FREE_PORT = 3
_NEEDS_BYTES = 200 << 20
_JVM = (
    "-Xms128m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)
_LOG4J = Path(__file__).with_name("kafka_log4j2.properties")
_PROPERTIES = Path(__file__).with_name("kafka_server.properties")


class EmbeddedKafka:
    """
    An Apache Kafka in *data*, on *port* of this machine (0: any free one, kept when this object is started again).

    Use it as an asynchronous context manager, or call `start` and `stop`, both from the main thread. What goes wrong is
    an EmbeddedServerError.
    """

    def __init__(self, data: Path, port: int = 0) -> None:
        self.folder = data.absolute()
        self.port = port
        self._fixed_port = port != 0
        self._child: child.Child | None = None
        self._lock: folder.Lock | None = None

    @property
    def log(self) -> Path:
        """Where the broker writes its log."""
        return self.folder / "kafka.log"

    @property
    def pid(self) -> int:
        """The process of the running broker."""
        return self._running().pid

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`."""
        return f"{ports.HOST}:{self.port}"

    async def start(self) -> None:
        """Starts the broker, first formatting its folder if need be; it answers clients when this returns."""
        if self._child is not None:
            raise RuntimeError("already started")
        command = _java(java.find(), await kafka_jars.find(), self.log)
        folder.prepare(self.folder, _NAME, _NEEDS_BYTES)
        self._lock = await folder.lock(self.folder, _NAME)
        try:
            await self._start(command, self._lock.servers)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stops the broker: what it acknowledged is on disk."""
        if self._child is not None:
            await self._child.stop(_STOP_SECONDS)
            self._child = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def wait_until_dead(self) -> None:
        """Returns never while the broker runs; raises EmbeddedServerError when it has ended by itself."""
        await self._running().wait_until_ended()
        raise self._failure()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _running(self) -> child.Child:
        if self._child is None:
            raise RuntimeError("not started")
        return self._child

    async def _start(self, command: Sequence[str], lock: int) -> None:
        for attempt in range(1, _ATTEMPTS_FOR_A_FREE_PORT + 1):
            port = ports.choose(self.port, _NAME)
            properties = self._write_properties(port, ports.choose(0, _NAME))
            for log in (self.log, self._java_log):  # of this start alone: what they say is taken for its reason
                if log.exists():
                    log.replace(log.with_suffix(".log.before"))
            await self._format(command, properties, lock)
            self._child = self._launch([*command, "kafka.Kafka", str(properties)], lock)
            if await self._wait_until_ready(port):
                self.port = port
                return
            self._child = None
            lost_the_port = "Address already in use" in failure.last_lines(self.log)
            if self._fixed_port or not lost_the_port or attempt == _ATTEMPTS_FOR_A_FREE_PORT:
                raise self._failure()

    def _write_properties(self, port: int, controller_port: int) -> Path:
        properties = self.folder / "server.properties"
        properties.write_text(
            _PROPERTIES.read_text().format(
                host=ports.HOST, port=port, controller_port=controller_port, data=_escaped(self.folder / "data")
            )
        )
        return properties

    async def _format(self, command: Sequence[str], properties: Path, lock: int) -> None:
        if (self.folder / "formatted").exists():
            return
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        formatting = self._launch(
            [*command, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", f"--config={properties}"], lock
        )
        try:
            await formatting.wait_until_ended()
        finally:
            await formatting.stop(0)
        if formatting.process.returncode:
            raise self._failure()
        (self.folder / "formatted").touch()

    def _launch(self, command: Sequence[str], lock: int) -> child.Child:
        return child.start(
            command,
            folder=self.folder,
            log=self._java_log,
            environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stop_signal=signal.SIGTERM,
            lock=lock,
        )

    async def _wait_until_ready(self, port: int) -> bool:
        """Whether Metadata is answered; the port opens well before."""
        running = self._running()
        deadline = time.monotonic() + _START_SECONDS
        while not running.ended():
            if await _answers(ports.HOST, port):
                return True
            if time.monotonic() > deadline:
                await running.stop(_STOP_SECONDS)
                raise EmbeddedServerError(
                    f"{_NAME} did not answer within {_START_SECONDS:.0f} s.", f"Its log is {self.log}."
                )
            await asyncio.sleep(_POLL_SECONDS)
        return False

    @property
    def _java_log(self) -> Path:
        return self.folder / "java.log"

    def _failure(self) -> EmbeddedServerError:
        said_by_broker = failure.last_lines(self.log)
        return failure.from_log(_NAME, self.log if said_by_broker else self._java_log, self.folder)


async def _answers(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False  # asked first, because the client logs every refusal
    writer.close()
    return await answers(f"{host}:{port}")


def _java(program: Path, jars: Sequence[Path], log: Path) -> list[str]:
    path = os.pathsep.join(map(str, jars))
    return [str(program), *_JVM, f"-Dlog4j2.configurationFile={_LOG4J}", f"-Dokr.log={log}", "-cp", path]


def _escaped(path: Path) -> str:
    """*path* as a value of a Java properties file."""
    return str(path).replace("\\", "\\\\")
