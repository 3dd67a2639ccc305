"""A query that the database cannot answer now is asked again; it is no fault of ours."""

import asyncpg
import pytest

from services.chassis.problems import Problem
from services.query.refusals import as_problems


@pytest.mark.parametrize(
    "failure",
    [ConnectionResetError(), TimeoutError(), asyncpg.DiskFullError(), asyncpg.TooManyConnectionsError()],
    ids=lambda failure: type(failure).__name__,
)
def test_a_database_that_is_away_or_full_is_503_with_retry_after(failure: Exception) -> None:
    with pytest.raises(Problem) as caught, as_problems():
        raise failure
    assert (caught.value.status, caught.value.code) == (503, "database_not_reached")
    assert caught.value.headers == {"Retry-After": "1"}
