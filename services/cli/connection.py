"""Where the services are and who asks: ``DIR/connection.json``, written by `okr up` and read by all other commands."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, cast

from services.cli.address import segment
from services.cli.failures import Misused, Unreachable

FILE: Final = "connection.json"


@dataclass(frozen=True, slots=True)
class ConnectionFile:
    """The content of ``connection.json``; *organisation* is None where no sample was loaded."""

    url: str
    token: str
    organisation: str | None
    database_url: str
    kafka_bootstrap: str

    def write(self, folder: Path) -> Path:
        """Writes it for this user alone, whole or not at all; returns the file."""
        path, draft = folder / FILE, folder / f".{FILE}.{os.getpid()}"
        with suppress(FileNotFoundError):
            draft.unlink()
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(asdict(self), indent=2) + "\n")
        draft.replace(path)
        return path


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to send requests, as whom, about which organisation."""

    url: str
    token: str
    organisation: str | None

    @property
    def base(self) -> str:
        """The path of the organisation. Raises Misused where none is named."""
        if not self.organisation:
            raise Misused("No organisation is named.", "Name it with --organisation or OKR_ORGANISATION.")
        return f"/v1/organisations/{segment(self.organisation)}"


def remove(folder: Path) -> None:
    """Takes the file away: nobody serves any more."""
    (folder / FILE).unlink(missing_ok=True)


def written(folder: Path) -> ConnectionFile | None:
    """What the `okr up` of *folder* wrote, None where none runs. Raises Misused where it cannot be read."""
    path = folder / FILE
    try:
        content = cast("dict[str, str]", json.loads(path.read_text()))
        return ConnectionFile(
            content["url"],
            content["token"],
            content.get("organisation"),
            content["database_url"],
            content["kafka_bootstrap"],
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise Misused(
            f"{path} is not readable: it belongs to whoever started `okr up`.", "Use --url, --token."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Misused(f"{path} is damaged.", "Start `okr up` again: it writes the file anew.") from error


def find(url: str | None, token: str | None, organisation: str | None, folder: Path) -> Connection:
    """The connection that flags and environment name, what they leave open taken from the file."""
    file = None if url and token and organisation else written(folder)
    url, token = url or (file and file.url), token or (file and file.token)
    if not url:
        raise Unreachable(
            f"No service is known: {folder / FILE} is not there.",
            "Start one with `okr up`, or name one with --url or OKR_URL.",
        )
    if not token:
        raise Misused("No token is named.", "Name one with --token or OKR_TOKEN; `okr token` makes one.")
    return Connection(url.rstrip("/"), token, organisation or (file and file.organisation) or None)


def database(named: str | None, folder: Path) -> str:
    """The database's address: as named, or that of the `okr up` of *folder*."""
    file = None if named else written(folder)
    if named or file:
        return named or (file.database_url if file else "")
    raise Unreachable(
        f"No database is known: {folder / FILE} is not there.",
        "Start one with `okr up`, or name one with --database-url or OKR_DATABASE_URL.",
    )
