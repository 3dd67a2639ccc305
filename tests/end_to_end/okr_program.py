"""The program `okr` as a person runs it: a process of its own."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from services.cli.client import Client
from services.cli.connection import Connection
from services.cli.failures import Unreachable
from tests.waiting import wait_until

JsonObject = Mapping[str, object]
Environment = Mapping[str, str]

NOTHING: Final[Environment] = {}

OKR = Path(sys.executable).with_name("okr")
# The first start on a machine downloads Apache Kafka.
START_SECONDS = 110


@dataclass(frozen=True, slots=True)
class Ran:
    """How a call ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> JsonObject:
        """The one JSON document on stdout."""
        return cast("JsonObject", json.loads(self.out))

    def items(self, name: str = "items") -> list[JsonObject]:
        """A list in the document."""
        return cast("list[JsonObject]", self.document[name])


@dataclass(frozen=True, slots=True)
class Up:
    """A running `okr up`."""

    process: Process
    folder: Path
    connection: JsonObject

    async def okr(self, *arguments: str, code: int = 0, env: Environment = NOTHING) -> Ran:
        """A call of `okr … --json` against it, which has to end with *code*."""
        ran = await okr(*arguments, "--json", env={"OKR_DATA": str(self.folder), **env})
        assert ran.code == code, f"okr {' '.join(arguments)}: {ran.code}\n{ran.out}\n{ran.err}"
        return ran

    def ask(self, organisation: str, path: str) -> JsonObject:
        """The answer to a query, without a process of its own: for facts that are waited for."""
        named = Connection(str(self.connection["url"]), str(self.connection["token"]), organisation)
        with Client(named) as client:
            return client.get(path)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code after the signal."""
        self.process.send_signal(number)
        return await self.process.wait()


async def okr(*arguments: str, env: Environment = NOTHING) -> Ran:
    """What `okr` answers when called like this, with no variables of ours but those given."""
    process = await _start(arguments, env)
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def okr_up(folder: Path, *arguments: str) -> AsyncGenerator[Up]:
    """`okr up` on *folder*, ready; stopped at the end if it still runs."""
    process = await _start(("up", "--data", str(folder), "--port", "0", "--json", *arguments), {})
    try:
        file = folder / "connection.json"
        # One that a killed predecessor left is taken away at once, but not before the process begins.
        left = file.stat().st_mtime_ns if file.exists() else None

        async def is_ready() -> bool:
            assert process.returncode is None, (await process.communicate())[1].decode()
            return file.exists() and file.stat().st_mtime_ns != left

        await wait_until(is_ready, "okr up is ready", START_SECONDS)
        yield Up(process, folder, cast("JsonObject", json.loads(file.read_text())))
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def okr_run(target: str, told: Environment) -> AsyncGenerator[str]:
    """`okr run` of a service; its address, as soon as it is ready."""
    port = _free_port()
    process = await _start(("run", target), {**told, "OKR_HTTP_PORT": str(port), "OKR_OPERATIONS_PORT": str(port)})
    try:

        async def is_ready() -> bool:
            assert process.returncode is None, (await process.communicate())[1].decode()
            with Client(Connection(f"http://127.0.0.1:{port}", "none", None)) as client:
                try:
                    return cast("JsonObject", client.outside("/readyz"))["status"] == "ready"
                except Unreachable:
                    return False

        await wait_until(is_ready, f"okr run {target} is ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def descendants(pid: int) -> set[int]:
    """The processes below *pid*."""
    below = {int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return below.union(*map(descendants, below))


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is no corpse that waits for its parent."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def _start(arguments: tuple[str, ...], environment: Environment) -> Process:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OKR_")}
    return await asyncio.create_subprocess_exec(
        OKR, *arguments, stdout=PIPE, stderr=PIPE, env={**inherited, **environment}
    )
