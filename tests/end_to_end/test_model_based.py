"""Random commands of the whole domain against the real system: a short run of what `make soak` does at length."""

from pathlib import Path

from tests.model_based.run import run, system


async def test_whatever_is_said_after_random_commands_equals_the_plain_recomputation(
    database: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with system(database, kafka_bootstrap, tmp_path) as told:
        result = await run(told, seed=1, commands=300, moments=10)
    assert not result.differences
    assert result.commands >= 300
    assert result.compared > 50
    assert result.as_they_were > 30
    assert result.explained >= 40
    assert result.measured >= 30
    assert result.too_few_explained is None
    assert len(result.never_accepted) < 25, result.never_accepted
