"""What an import means to send."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from okr_contracts.commands import COMMANDS
from services.cli.imports.figures import figures
from services.cli.imports.remarks import Remark


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
        return self.line is not None and self.type in ("CreateObjective", "AddKeyResult", "AddPerson")


@dataclass(frozen=True)
class Plan:
    """
    What an import would do, in order, and what has to be said about it.

    ``about`` is what the report says beside the import's name; ``assumptions`` are what commands assume, in words, and
    how many of them do.
    """

    import_name: str
    about: Mapping[str, str]
    rows: int
    commands: Sequence[PlannedCommand]
    remarks: Sequence[Remark]
    assumptions: Callable[[Sequence[PlannedCommand]], Mapping[str, int]]

    @property
    def figures(self) -> Mapping[str, int]:
        """How many of each there will be if the ledger takes everything."""
        return figures((command.figure for command in self.commands), self.remarks)


def fault_of_fields(command: str, body: Mapping[str, object]) -> str:
    """What the ledger would refuse about the fields alone, or the empty string."""
    try:
        COMMANDS[command].model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return ""
