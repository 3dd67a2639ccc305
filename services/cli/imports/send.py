"""Sending planned commands: only those that the ledger does not know, in batches of bounded size."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from services.cli.client import Client, Reply
from services.cli.imports.planned import PlannedCommand
from services.cli.imports.remarks import AGAIN, Remark, manager_refused, parent_refused, refused, reported

_LOOKUP_LIMIT: Final = 1_000
_BATCH_COMMANDS: Final = 500
_BATCH_BYTES: Final = 1 << 20
# The ledger's details say first what is wrong and then what would be accepted.
_END_OF_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=\S)")
_MEND: Final = f"Mend what the message names{AGAIN}"
_OF_PEOPLE: Final = frozenset({"AddUnit", "AddPerson", "ChangeManager"})
_BY_HAND: Final = "Make the change with a command of its own (`okr objective`, `okr key-result`, `okr check-in`)."
_BY_HAND_OF_PEOPLE: Final = "Send ChangeManager or JoinUnit for what changed; a title or a name stays as it was added."

Progress = Callable[[int], object]
"""Told how many more commands are done with."""


@dataclass
class Sent:
    """
    What became of planned commands.

    ``taken`` are the ids of those that the ledger has, of now or of before; ``left_out`` the records, with their lines,
    that are not there because it refused them.
    """

    known: int = 0
    sent: int = 0
    events: int = 0
    remarks: list[Remark] = field(default_factory=list[Remark])
    taken: set[str] = field(default_factory=set[str])
    left_out: dict[str, int | None] = field(default_factory=dict[str, int | None])


def send(client: Client, commands: Sequence[PlannedCommand], progress: Progress) -> Sent:
    """Sends each command that the ledger does not know; a refusal is remarked on, and the others go on."""
    outcome = Sent()
    unknown = list(_unknown(client, commands, outcome, progress))
    for batch in _batches(unknown, outcome):
        replies = client.batch([line for _, line in batch])
        for (command, _), reply in zip(batch, replies, strict=True):
            _take(outcome, command, reply)
        progress(len(batch))
    return outcome


def _unknown(
    client: Client, commands: Sequence[PlannedCommand], outcome: Sent, progress: Progress
) -> Iterator[PlannedCommand]:
    changed: set[str] = set()
    for start in range(0, len(commands), _LOOKUP_LIMIT):
        asked = commands[start : start + _LOOKUP_LIMIT]
        known = client.known_replies([command.command_id for command in asked])
        for command in asked:
            if command.command_id not in known:
                yield command
                continue
            outcome.known += 1
            outcome.taken.add(command.command_id)
            # A command that was no import has no digest to compare with.
            if known[command.command_id] not in (None, command.digest) and command.record not in changed:
                changed.add(command.record)
                outcome.remarks.append(_changed(command))
        progress(len(known))


def _batches(commands: Sequence[PlannedCommand], outcome: Sent) -> Iterator[list[tuple[PlannedCommand, bytes]]]:
    """
    Batches of commands, to be answered one by one: what became of a batch decides what is in the next.

    Of a row that is left out nothing more is sent, nor what names it: what has its id, if anything, is something else.
    """
    batch: list[tuple[PlannedCommand, bytes]] = []
    size = 0
    created: set[str] = set()
    for command in commands:
        line = _line(command)
        full = len(batch) == _BATCH_COMMANDS or size + len(line) > _BATCH_BYTES
        if batch and (full or command.record in created or command.parent in created):
            yield batch
            batch, size = [], 0
            created.clear()
        if command.record in outcome.left_out:
            continue
        if command.parent in outcome.left_out:
            _leave_out(outcome, command)
            continue
        if command.creates_its_row:
            created.add(command.record)
        batch.append((command, line))
        size += len(line) + 1
    if batch:
        yield batch


def _leave_out(outcome: Sent, command: PlannedCommand) -> None:
    say = manager_refused if command.type == "ChangeManager" else parent_refused
    parent_line = outcome.left_out[command.parent]
    outcome.remarks.append(say(command.line, command.record, command.parent, parent_line))
    if command.creates_its_row:
        outcome.left_out[command.record] = command.line


def _line(command: PlannedCommand) -> bytes:
    return json.dumps(
        {"type": command.type, "command_id": command.command_id, "data": command.data},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def _take(outcome: Sent, command: PlannedCommand, reply: Reply) -> None:
    outcome.sent += 1
    if reply.refused:
        outcome.remarks += _refusal(command, reply)
        if command.creates_its_row:
            outcome.left_out[command.record] = command.line
        return
    outcome.taken.add(command.command_id)
    outcome.events += len(cast("list[object]", reply.body["events"]))


def _refusal(command: PlannedCommand, reply: Reply) -> Iterator[Remark]:
    problem = reply.body
    rule = str(problem.get("code") or str(problem.get("type", "")).rpartition("/")[2])
    errors = cast("list[dict[str, str]]", problem.get("errors") or [])
    if command.type == "PlanCycle" and rule == "id_taken":
        message = "The cycle is there already, with other days or another name; it is used as it is."
        yield reported(None, command.record, "cycle_exists", message)
    else:
        detail = str(problem.get("detail") or problem.get("title") or f"The ledger answered {reply.status}.")
        what, *fix = _END_OF_SENTENCE.split(detail, maxsplit=1)
        others = [error for error in errors if error.get("message") != detail]
        fix += [f"{error.get('pointer', '')}: {error.get('message', '')}" for error in others]
        yield refused(command.line, command.record, rule, f"{command.type}: {what}", " ".join(fix) or _MEND)


def _changed(command: PlannedCommand) -> Remark:
    return Remark(
        "changed",
        command.line,
        command.record,
        "row_changed",
        "The row differs from what was sent when it was imported; nothing was sent again.",
        _BY_HAND_OF_PEOPLE if command.type in _OF_PEOPLE else _BY_HAND,
    )
