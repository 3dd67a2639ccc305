"""
From a command to events: what holds for every command, and which file has the rest.

``decide`` is pure. It raises Refusal where a rule is broken, and NotLoaded where it needs subjects that were not read
yet: read them, and decide again.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from okr_contracts import subjects
from okr_contracts.actor import Actor
from okr_contracts.commands import Command, CorrectCheckIn, RecordCheckIn, RegisterOrganisation
from okr_contracts.envelope import Recorded
from okr_contracts.events import Event
from okr_contracts.events.event import ImportedFrom
from okr_contracts.fields import Settings
from services.ledger.domain import (
    alignment,
    carry_over,
    check_in,
    closing,
    collected,
    cycle,
    grading,
    granting,
    key_result,
    leaving,
    lock,
    objective,
    organisation,
    person,
    programme,
    restriction,
    unit,
)
from services.ledger.domain.known import Context, Deciders, Folded, Known
from services.ledger.domain.organisation import Organisation
from services.ledger.domain.refusal import Refusal, VersionIsAnother
from services.ledger.policies import PASS_RESTRICTIONS, roles_for

Evolve = Callable[[Any, Recorded], object]

DECIDERS: Final[Deciders] = {
    **organisation.DECIDERS,
    **unit.DECIDERS,
    **person.DECIDERS,
    **leaving.DECIDERS,
    **cycle.DECIDERS,
    **closing.DECIDERS,
    **granting.DECIDERS,
    **objective.DECIDERS,
    **carry_over.DECIDERS,
    **grading.DECIDERS,
    **key_result.DECIDERS,
    **alignment.DECIDERS,
    **check_in.DECIDERS,
    **programme.DECIDERS,
}

EVOLVE: Final[dict[str, Evolve]] = {
    "organisations": organisation.evolve,
    "units": unit.evolve,
    "people": person.evolve,
    "cycles": cycle.evolve,
    "objectives": objective.evolve,
    "key-results": key_result.evolve,
    "alignments": alignment.evolve,
    "check-ins": check_in.evolve,
    "announcements": programme.evolve,
    **{name.rstrip("/"): collected.evolve for name in subjects.COLLECTIONS},
}


class OrganisationUnknown(Refusal):
    """The organisation has no ledger."""

    code = "organisation_unknown"

    def __init__(self, organisation_id: str) -> None:
        super().__init__(f"There is no organisation {organisation_id}. Register it first with RegisterOrganisation.")


class NotBackDatable(Refusal):
    """The command names another day than today, and may not."""

    code = "not_back_datable"

    def __init__(self, command: str, today: date) -> None:
        super().__init__(
            f"{command} takes effect today, {today}. Leave 'effective_on' out; only check-ins, corrections and the"
            " directory may be dated back.",
            "/effective_on",
        )


class InTheFuture(Refusal):
    """The command is dated in the future."""

    code = "in_the_future"

    def __init__(self, today: date) -> None:
        super().__init__(f"Nothing is recorded for a day to come. Name a day up to today, {today}.", "/effective_on")


class RoleMissing(Refusal):
    """The sender has none of the roles that the command needs."""

    code = "role_missing"

    def __init__(self, command: type[Command]) -> None:
        needed = ", ".join(sorted(roles_for(command)))
        super().__init__(
            f"{command.__name__} needs one of the roles {needed}, in your token or assigned to you."
            " Ask somebody who has it."
        )


class ImportRoleMissing(Refusal):
    """The command claims to come from another system, and its sender has not the import role."""

    code = "import_role_missing"

    def __init__(self, pointer: str) -> None:
        super().__init__(
            "Only a service with the role 'import' says where a record comes from. Leave the field out.", pointer
        )


class Decision(NamedTuple):
    """The events that answer a command, and the day that they are effective on; no events mean "already so"."""

    events: list[Event]
    effective_on: date


def decide(
    command: Command,
    known: Known,
    *,
    organisation_id: str,
    now: datetime,
    actor: Actor,
    may_send: bool = True,
    may_import: bool = False,
    reads_all: bool = False,
    expected_version: int | None = None,
) -> Decision:
    """
    Answer *command*, whose ids are filled in.

    *may_send* says whether the roles of the sender's token allow it, *reads_all* whether they pass restrictions; if
    not, those that were assigned to them may.
    Raises Refusal or NotLoaded.
    """
    known.require((subjects.organisation(organisation_id), *command.names))
    context = _context(command, known, organisation_id, now, actor, may_import)
    registered = known.get(subjects.organisation(organisation_id), Organisation)
    if not may_send and not _is_assigned(actor, roles_for(type(command)), registered):
        raise RoleMissing(type(command))
    if not reads_all and not _is_assigned(actor, PASS_RESTRICTIONS, registered):
        restriction.refuse_strangers(command, context, known)
    organisation.refuse_when_closed(command, registered)
    _check_day(command, context)
    if expected_version is not None:
        current = known.version(command.subject)
        if current != expected_version:
            raise VersionIsAnother(command.subject, expected_version, current)
    events = DECIDERS[type(command)](command, context, known)
    if not events:
        return Decision([], context.today)
    events = lock.checked(command, events, context, known)
    common = _common_fields(command)
    return Decision(
        [event.model_copy(update=common) for event in events] if common else events,
        _effective_day(command, context, known),
    )


def _is_assigned(actor: Actor, roles: frozenset[str], registered: Organisation | None) -> bool:
    if registered is None or actor.kind != "person":
        return False
    return not roles.isdisjoint(registered.roles.get(actor.id, ()))


def fold(folded: Folded, subject: str, recorded: Recorded) -> Folded:
    """The subject after one more event that touches it; its version counts the events that are its own."""
    own = recorded.subject == subject
    evolve = EVOLVE[subject.partition("/")[0]]
    return Folded(recorded.version if own else folded.version, evolve(folded.state, recorded))


def _context(
    command: Command, known: Known, organisation_id: str, now: datetime, actor: Actor, may_import: bool
) -> Context:
    if not may_import:
        if command.import_source is not None:
            raise ImportRoleMissing("/import_source")
        if command.effective_basis is not None:
            raise ImportRoleMissing("/effective_basis")
    registered = known.get(subjects.organisation(organisation_id), Organisation)
    if registered is not None:
        time_zone = registered.time_zone
    elif isinstance(command, RegisterOrganisation):
        time_zone = command.time_zone
    else:
        raise OrganisationUnknown(organisation_id)
    today = _day_in(time_zone, now)
    settings = registered.settings if registered is not None else Settings()
    return Context(organisation_id, now, today, actor, imports=command.import_source is not None, settings=settings)


@lru_cache(maxsize=256)  # The commands of a group are decided at one moment.
def _day_in(time_zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(time_zone)).date()


def _check_day(command: Command, context: Context) -> None:
    day = command.effective_on
    if day is None or day == context.today:
        return
    if day > context.today:
        raise InTheFuture(context.today)
    if not command.back_datable and not context.imports:
        raise NotBackDatable(type(command).__name__, context.today)


def _effective_day(command: Command, context: Context, known: Known) -> date:
    match command:
        case RecordCheckIn():
            return check_in.day_of_record(command, context, known)
        case CorrectCheckIn():
            return check_in.day_of_correction(command, context, known)
        case _:
            return command.effective_on or context.today


def _common_fields(command: Command) -> dict[str, object]:
    fields: dict[str, object] = {}
    if command.reason:
        fields["reason"] = command.reason
    source = command.import_source
    if source is not None:
        fields["import_source"] = ImportedFrom(
            system=source.system, record=source.record, recorded_at=source.recorded_at
        )
        fields["import_source_actor"] = source.actor
        fields["import_source_digest"] = source.digest
    if command.effective_basis is not None:
        fields["effective_basis"] = command.effective_basis
    return fields
