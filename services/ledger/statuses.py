"""The HTTP status of each refusal, in one table; a test holds that none is missing."""

from typing import Final

from services.ledger.domain import alignment, check_in, cycle, decide, key_result, person, refusal
from services.ledger.domain.refusal import Refusal
from services.ledger.group import EventTooLarge
from services.ledger.request import CommandIdReused, NotApplied

STATUSES: Final[dict[type[Refusal], int]] = {
    decide.ImportRoleMissing: 403,
    decide.OrganisationUnknown: 404,
    refusal.SubjectUnknown: 404,
    CommandIdReused: 409,
    NotApplied: 409,
    refusal.IdTaken: 409,
    alignment.AlignedOtherwise: 409,
    alignment.AlignmentTooDeep: 409,
    alignment.AlignmentWouldCircle: 409,
    alignment.ShareTooLarge: 409,
    check_in.CheckInWasWithdrawn: 409,
    cycle.CycleIsNotOpen: 409,
    refusal.VersionIsAnother: 412,
    EventTooLarge: 413,
    refusal.ReferenceUnknown: 422,
    refusal.ReasonMissing: 422,
    alignment.AlignedLater: 422,
    alignment.ParentInAnotherCycle: 422,
    check_in.FedByChildren: 422,
    check_in.NothingReported: 422,
    check_in.OutsideCycle: 422,
    cycle.DaysOutOfOrder: 422,
    cycle.OutsideParentCycle: 422,
    decide.ExceptionUnknown: 422,
    decide.InTheFuture: 422,
    decide.NotBackDatable: 422,
    key_result.AlreadyResponsible: 422,
    key_result.DefinedLater: 422,
    key_result.DefinitionMakesNoSense: 422,
    key_result.NothingRedefined: 422,
    key_result.ValueDoesNotFit: 422,
    person.OwnManager: 422,
    person.UnitNamedTwice: 422,
}
