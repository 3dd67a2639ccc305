"""The folder for all that `okr up` keeps, held by one of them at a time."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from services.chassis.embedded import EmbeddedServerError, folder
from services.cli import connection
from services.cli.failures import Misused, Unreachable


@asynccontextmanager
async def held(data: Path) -> AsyncGenerator[None]:
    """
    Makes *data* if need be and holds it, so that what lies there is ours alone.

    A ``connection.json`` that a killed predecessor left is taken away: whoever sees one may rely on it.
    """
    try:
        _make(data)
        lock = await folder.lock(data, "okr-ledger")
    except EmbeddedServerError as error:
        raise Unreachable(error.what, error.fix) from error
    except OSError as error:
        raise Misused(
            f"The folder {data} cannot be used: {error.strerror}.", "Choose another one with --data, or mend it."
        ) from error
    try:
        connection.remove(data)
        yield
    finally:
        lock.release()


def _make(data: Path) -> None:
    missing = [path for path in (data, *data.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        # Whatever the umask: as root, PostgreSQL runs as somebody else, who has to pass through.
        path.chmod(0o711)
