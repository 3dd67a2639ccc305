"""The folder of an embedded server: made, checked and held by one owner at a time."""

import asyncio
import errno
import fcntl
import os
import pwd
import shutil
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from services.chassis.embedded.child import Account
from services.chassis.embedded.failure import EmbeddedServerError, disk_full

_ORPHAN_SECONDS = 20.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Lock:
    """A folder held by this process, as *owner*, and by the *servers* that inherit the second descriptor."""

    owner: int
    servers: int

    def release(self) -> None:
        """Lets go of it here; servers that still run hold on until they end."""
        os.close(self.servers)
        os.close(self.owner)


def prepare(folder: Path, server: str, needs_bytes: int, account: Account | None = None) -> None:
    """
    Makes *folder* if need be, for *account* where *server* will run as somebody else.

    Raises EmbeddedServerError if it cannot be made, written or entered, or its disk has less than *needs_bytes* left.
    """
    try:
        _make(folder, account)
        if account is not None:
            refuse_unreachable(folder, server, account)
        _refuse_foreign(folder, server, account)
        if shutil.disk_usage(folder).free < needs_bytes:
            raise disk_full(server, folder)
    except OSError as error:
        raise _cannot_use(folder, server, error) from error


def refuse_unreachable(path: Path, server: str, account: Account) -> None:
    """Raises EmbeddedServerError if *account* may not enter every folder on the way to *path*."""
    for parent in reversed(path.resolve().parents):
        if not _may_enter(parent, account):
            raise EmbeddedServerError(
                f"{server} runs as the user {_name(account.user)}, because it refuses to run as root,"
                f" and that user cannot enter {parent} on the way to {path}.",
                f"Run `chmod o+x {parent}`, or choose a folder elsewhere with --data, or do not run as root.",
            )


async def lock(folder: Path, server: str) -> Lock:
    """
    The lock on *folder*, for one owner at a time.

    Waits a little for servers whose owner was killed, which are on their way out. Raises EmbeddedServerError if such
    servers stay, or, naming the process, if a living owner holds it.
    """
    owner = _open(folder / "owner")
    if not _taken(owner):
        holder = os.pread(owner, 32, 0).decode(errors="replace")
        os.close(owner)
        raise EmbeddedServerError(
            f"The {server} in {folder} is already in use, by process {holder or '(unknown)'}.",
            "Stop that one first, or choose another folder with --data.",
        )
    os.ftruncate(owner, 0)
    os.pwrite(owner, str(os.getpid()).encode(), 0)
    servers = _open(folder / "servers")
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while not _taken(servers):
        if time.monotonic() > deadline:
            os.close(servers)
            os.close(owner)
            raise EmbeddedServerError(
                f"A {server} whose owner is gone still runs in {folder}.",
                f"Find it with `fuser {folder / 'servers'}` and end it, or choose another folder with --data.",
            )
        await asyncio.sleep(_POLL_SECONDS)
    return Lock(owner, servers)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make(folder: Path, account: Account | None) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        if account is not None:
            path.chmod(0o711)  # whatever the umask: only what we made ourselves is opened for the other user
    if missing and account is not None:
        os.chown(folder, account.user, account.group)


def _refuse_foreign(folder: Path, server: str, account: Account | None) -> None:
    wanted = account.user if account else os.geteuid()
    owner = folder.stat().st_uid
    if owner != wanted:
        raise EmbeddedServerError(
            f"{folder} belongs to the user {_name(owner)}, and {server} runs as {_name(wanted)}.",
            "Choose another folder with --data, or start as the user who made this one.",
        )
    if account is None and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise EmbeddedServerError(f"{server} may not write in {folder}.", f"Run `chmod u+rwx {folder}`.")


def _may_enter(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.user:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.group:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _cannot_use(folder: Path, server: str, error: OSError) -> EmbeddedServerError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(server, folder)
    return EmbeddedServerError(
        f"The folder {folder} for {server} cannot be used: {error.strerror} ({error.filename}).",
        "Choose another folder with --data, or change its permissions.",
    )


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
