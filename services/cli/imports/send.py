"""Sending planned commands: only those that the ledger does not know, in batches of bounded size."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from services.cli.client import Client, Reply
from services.cli.imports.planned import PlannedCommand
from services.cli.imports.remarks import Remark, refused, reported

_LOOKUP_LIMIT: Final = 1_000
_BATCH_COMMANDS: Final = 500
_BATCH_BYTES: Final = 1 << 20

Progress = Callable[[int], object]
"""Told how many more commands are done with."""


@dataclass
class Sent:
    """What became of planned commands."""

    known: int = 0
    sent: int = 0
    events: int = 0
    remarks: list[Remark] = field(default_factory=list[Remark])


def send(client: Client, commands: Sequence[PlannedCommand], progress: Progress) -> Sent:
    """Sends each command that the ledger does not know; a refusal is remarked on, and the others go on."""
    outcome = Sent()
    unknown = list(_unknown(client, commands, outcome, progress))
    for batch in _batches(unknown):
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
            # A command that was no import has no digest to compare with.
            if known[command.command_id] not in (None, command.digest) and command.record not in changed:
                changed.add(command.record)
                outcome.remarks.append(_changed(command))
        progress(len(known))


def _batches(commands: Sequence[PlannedCommand]) -> Iterator[list[tuple[PlannedCommand, bytes]]]:
    batch: list[tuple[PlannedCommand, bytes]] = []
    size = 0
    for command in commands:
        line = _line(command)
        if batch and (len(batch) == _BATCH_COMMANDS or size + len(line) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((command, line))
        size += len(line) + 1
    if batch:
        yield batch


def _line(command: PlannedCommand) -> bytes:
    return json.dumps(
        {"type": command.type, "command_id": command.command_id, "data": command.data},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def _take(outcome: Sent, command: PlannedCommand, reply: Reply) -> None:
    outcome.sent += 1
    if reply.refused:
        outcome.remarks.append(_refusal(command, reply))
        return
    outcome.events += len(cast("list[object]", reply.body["events"]))


def _refusal(command: PlannedCommand, reply: Reply) -> Remark:
    problem = reply.body
    rule = str(problem.get("code") or str(problem.get("type", "")).rpartition("/")[2])
    detail = str(problem.get("detail") or problem.get("title") or f"The ledger answered {reply.status}.")
    errors = cast("list[dict[str, str]]", problem.get("errors") or [])
    others = [error for error in errors if error.get("message") != detail]
    fields = " ".join(f"{error.get('pointer', '')}: {error.get('message', '')}" for error in others)
    if command.type == "PlanCycle" and rule == "id_taken":
        message = "The cycle is there already, with other days or another name; it is used as it is."
        return reported(None, command.record, "cycle_exists", message)
    return refused(command.line, command.record, rule, f"{command.type}: {detail}", fields)


def _changed(command: PlannedCommand) -> Remark:
    return Remark(
        "changed",
        command.line,
        command.record,
        "row_changed",
        "The row differs from what was sent when it was imported; nothing was sent again.",
        "Make the change with a command of its own (`okr objective`, `okr key-result`, `okr check-in`).",
    )
