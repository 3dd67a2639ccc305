"""How a query is refused: what cannot be taken, what is not there, what has to be asked again; as problem documents."""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final

from starlette.requests import Request

from okr_contracts.fields import IDENTIFIER_PATTERN, ORGANISATION_PATTERN
from services.chassis import logging, postgres
from services.chassis.auth import Identity, Verifier
from services.chassis.problems import FieldError, Problem
from services.query.answers import BadParameter, NotAllowed, NotFound, NotThereYet

RETRY_AFTER_SECONDS: Final = 1
MEANINGS: Final = {
    "subject_not_found": "There is no such subject in this organisation, as known and effective at the time asked for.",
    "not_for_your_roles": "Only other roles may read this; the attempt is noted.",
    "parameter_not_valid": "A parameter or header of the query cannot be taken; errors says which, and what would be.",
    "not_there_yet": "What is asked for has not reached this read model. Ask again, or send Prefer: wait=<seconds>.",
    "database_not_reached": "The database does not answer. Ask again in a moment.",
    "too_many_readers": "As many readers as one process serves follow the stream already. Come back in a moment.",
}
"""For the pages at /problems/."""

_ORGANISATION: Final = re.compile(ORGANISATION_PATTERN)
_ID: Final = re.compile(IDENTIFIER_PATTERN)
_RETRY: Final = {"Retry-After": str(RETRY_AFTER_SECONDS)}


class TooManyReaders(Exception):
    """As many readers as one process serves follow the stream already."""


@contextmanager
def as_problems() -> Generator[None]:
    """Turns every refusal of a query into the problem document that the reader gets."""
    try:
        yield
    except NotFound as missing:
        raise Problem(404, "subject_not_found", "Nothing here", str(missing)) from missing
    except NotAllowed as refused:
        raise Problem(403, "not_for_your_roles", "Not for your roles", str(refused)) from refused
    except BadParameter as bad:
        error = FieldError(bad.pointer, bad.rule, bad.message)
        raise Problem(422, "parameter_not_valid", "Not a valid parameter", bad.message, [error]) from bad
    except NotThereYet as early:
        raise Problem(
            503, "not_there_yet", "Not there yet", str(early), headers=_RETRY, sequence=early.reached
        ) from early
    except TooManyReaders as full:
        meaning = MEANINGS["too_many_readers"]
        raise Problem(503, "too_many_readers", "Too many readers", meaning, headers=_RETRY) from full
    except postgres.UNAVAILABLE as away:
        meaning = MEANINGS["database_not_reached"]
        raise Problem(503, "database_not_reached", "Database not reached", meaning, headers=_RETRY) from away


async def admitted(request: Request, verifier: Verifier) -> tuple[str, Identity]:
    """
    The organisation of the address, and who asks.

    Raises the Problem 401 or 403 without a token for it, NotFound for what cannot be the name of an organisation.
    """
    identity = await verifier.identify(request)
    organisation: str = request.path_params["organisation"]
    identity.enter(organisation)
    if not _ORGANISATION.fullmatch(organisation):
        raise NotFound("such organisation")
    logging.bound({"organisation": organisation})
    return organisation, identity


def refuse_impossible_ids(ids: Mapping[str, str]) -> None:
    """Raises NotFound where an id in the address has characters that no id has."""
    if not all(_ID.fullmatch(each) for each in ids.values()):
        raise NotFound("subject with an id like that")
