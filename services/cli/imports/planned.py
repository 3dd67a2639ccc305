"""A command that an import means to send."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from okr_contracts.commands import COMMANDS


@dataclass(frozen=True, slots=True)
class PlannedCommand:
    """
    A command with its JSON body, and the row that it comes from.

    ``digest`` is the fingerprint of that row, ``line`` its first line, None where it stands for no single row.
    ``figure`` is what the report counts the command as, ``parent`` the row that has to be there before it, if any.
    """

    command_id: str
    type: str
    data: Mapping[str, object]
    line: int | None
    record: str
    digest: str
    figure: str
    parent: str = ""

    @property
    def creates_its_row(self) -> bool:
        """Whether the row is not there without it."""
        return self.type in ("CreateObjective", "AddKeyResult")


def fault_of_fields(command: str, body: Mapping[str, object]) -> str:
    """What the ledger would refuse about the fields alone, or the empty string."""
    try:
        COMMANDS[command].model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return ""
