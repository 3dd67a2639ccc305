"""A command that an import means to send."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlannedCommand:
    """
    A command with its JSON body, and the row that it comes from.

    ``digest`` is the fingerprint of that row, ``line`` its first line, None where it stands for no single row.
    ``figure`` is what the report counts the command as.
    """

    command_id: str
    type: str
    data: Mapping[str, object]
    line: int | None
    record: str
    digest: str
    figure: str
